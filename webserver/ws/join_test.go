package ws_test

import (
	"context"
	"encoding/base64"
	"errors"
	"log/slog"
	"net/http/httptest"
	"net/netip"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"galene/group"
	"galene/group/leaktest"
	"galene/group/logtest"
	"galene/webserver/ws"
	"galene/webserver/wstest"
)

func TestHandshake(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	s := newOpenServer(t)
	c := s.dial()
	c.Send(message{"type": "handshake", "version": []string{"17"}, "id": c.ID})
	c.Expect(message{"type": "handshake", "version": []string{"2"}, "id": nil})
	c.Expect(message{"type": "usermessage", "kind": "warning", "dest": c.ID, "privileged": true})
	c.Send(message{"type": "ping"})
	c.Expect(message{"type": "pong"})
	c.Send(message{"type": "pong"})
	c.ExpectSilence()
}

func TestJoinRefused(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	const soon, ago = `"2999-01-01"`, `"2001-01-01"`
	anybody := `"wildcard-user": {"password": {"type": "wildcard"}, "permissions": "present"}`
	s := newServer(t, map[string]string{
		"g":       open,
		"locked":  `{"autolock": true, ` + anybody + `}`,
		"later":   `{"not-before": ` + soon + `, ` + anybody + `}`,
		"over":    `{"expires": ` + ago + `, ` + anybody + `}`,
		"headed":  `{"autokick": true, ` + anybody + `}`,
		"full":    `{"max-clients": 1, ` + anybody + `}`,
		"away":    `{"redirect": "https://other.example/group/x/", ` + anybody + `}`,
		"broken":  `{`,
		"nothing": `{}`,
	})
	tests := []struct {
		name           string
		send           message
		kind           string
		value, errName any
	}{
		{"illegal name", wstest.JoinMessage("../g", "op", "op"), "fail", "illegal group name", nil},
		{"hidden name", wstest.JoinMessage(".g", "op", "op"), "fail", "illegal group name", nil},
		{"empty name", wstest.JoinMessage("", "op", "op"), "fail", "illegal group name", nil},
		{"no such group", wstest.JoinMessage("none", "op", "op"), "fail", "group does not exist", nil},
		{"redirect before credentials", wstest.JoinMessage("away", "op", "wrong"), "redirect", "https://other.example/group/x/", nil},
		{"wrong password", wstest.JoinMessage("g", "op", "wrong"), "fail", "not authorised", nil},
		{"no password", message{"type": "join", "kind": "join", "group": "g", "username": "op"}, "fail", "not authorised", nil},
		{"unknown user", wstest.JoinMessage("nothing", "op", "op"), "fail", "not authorised", nil},
		{"token", message{"type": "join", "kind": "join", "group": "g", "token": "x"}, "fail", "not authorised", nil},
		{"neither name nor token", message{"type": "join", "kind": "join", "group": "g"}, "fail", "username required", "need-username"},
		{"name that is no path", wstest.JoinMessage("g", "../x", ""), "fail", "not authorised", nil},
		{"locked", wstest.JoinMessage("locked", "x", ""), "fail", "this group is locked", nil},
		{"not open yet", wstest.JoinMessage("later", "x", ""), "fail", "this group is not open yet", nil},
		{"closed", wstest.JoinMessage("over", "x", ""), "fail", "this group is closed", nil},
		{"no operators", wstest.JoinMessage("headed", "x", ""), "fail", "there are no operators in this group", nil},
		{"full", wstest.JoinMessage("full", "x", ""), "fail", "too many users", nil},
		{"broken file", wstest.JoinMessage("broken", "x", ""), "fail", "internal server error", nil},
		{"too much data", message{
			"type": "join", "kind": "join", "group": "g", "username": "op", "password": "op",
			"data": message{"x": strings.Repeat("x", 1<<16)},
		}, "fail", "user data too large", nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if tt.send["group"] == "full" {
				// Here, since who is silent for long is disconnected.
				s.join("full", "first", "")
			}
			c := wstest.Dial(t, s.URL)
			c.Handshake()
			sent := time.Now()
			c.Send(tt.send)
			// What is behind a join waits for it, and finds that it has failed.
			c.Send(message{"type": "chat", "value": "x"})
			username := tt.send["username"]
			if username == nil {
				username = ""
			}
			name := tt.send["group"]
			if name == "" {
				name = nil
			}
			c.Expect(message{
				"type": "joined", "kind": tt.kind, "group": name, "username": username,
				"value": tt.value, "error": tt.errName, "status": nil, "permissions": nil,
			})
			if tt.value == "not authorised" && time.Since(sent) < 200*time.Millisecond {
				t.Error("wrong credentials were answered at once")
			}
			c.ExpectError("join a group first")
			c.Send(wstest.JoinMessage("g", "op", "op"))
			c.Expect(message{"type": "joined", "kind": "join"})
		})
	}
}

// Nobody waits for the answer to a guess on a socket that has been closed.
func TestRefusalIsNotKeptForWhoIsGone(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	s := newOpenServer(t)
	username := "op"
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	for range 200 {
		// So many that the next one is answered half a minute later.
		_, err := s.Registry.Authenticate(gone, "g", group.Credentials{
			Username: &username, Password: "wrong", Address: netip.MustParseAddr("127.0.0.1"),
		})
		if !errors.Is(err, group.ErrNotAuthorised) {
			t.Fatal(err)
		}
	}
	c := s.shakeHands()
	c.Send(wstest.JoinMessage("g", "op", "wrong"))
	c.Close()
	if m, ok := c.TryNext(); ok {
		t.Errorf("got %v", m)
	}
	c.AwaitEnd()
	// What is said behind a join counts, whoever leaves at once.
	listener := s.join("g", "op", "op")
	c = s.shakeHands()
	c.Send(wstest.JoinMessage("g", "op", "op"))
	c.Send(message{"type": "chat", "value": "hello"})
	c.Close()
	listener.Await(message{"type": "chat", "value": "hello"})
}

func TestJoinNeedsAnIdentityOfItsOwn(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	s := newOpenServer(t)
	first := s.join("g", "op", "op")
	second := s.dial()
	second.ID = first.ID
	second.Handshake()
	second.Send(wstest.JoinMessage("g", "op", "op"))
	second.Expect(message{"type": "joined", "kind": "fail", "value": "duplicate client id"})
	third := s.dial()
	third.Send(message{"type": "handshake", "version": []string{"2"}})
	third.Expect(message{"type": "handshake"})
	third.Send(wstest.JoinMessage("g", "op", "op"))
	third.Expect(message{"type": "joined", "kind": "fail", "value": "empty client id"})
}

func TestWhatANewcomerHears(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	s := newServer(t, map[string]string{"school/room-3": `{
		"displayName": "Room 3", "description": "third floor",
		"wildcard-user": {"password": {"type": "wildcard"}, "permissions": "present"}
	}`})
	first := s.join("school/room-3", "ada", "")
	first.Send(message{"type": "chat", "kind": "me", "id": "mine", "value": "waves"})
	first.Expect(message{"type": "chat", "id": "mine"})

	second := s.shakeHands()
	second.Send(message{
		"type": "join", "kind": "join", "group": "school/room-3", "username": "", "password": nil,
		"data": message{"raisehand": true},
	})
	joined := second.Expect(message{
		"type": "joined", "kind": "join", "group": "school/room-3", "username": "",
		"permissions":      []string{"present", "message"},
		"status":           message{"name": "school/room-3", "displayName": "Room 3", "description": "third floor", "clientCount": 2},
		"rtcConfiguration": message{}, "data": nil, "value": nil,
	})
	if len(joined) != 7 {
		t.Errorf("joined is %v", joined)
	}
	second.Expect(message{
		"type": "chathistory", "kind": "me", "id": "mine", "source": first.ID, "username": "ada", "value": "waves",
		"privileged": nil, "dest": nil, "noecho": nil,
	})
	self := message{
		"type": "user", "kind": "add", "id": second.ID, "username": "",
		"permissions": []string{"present", "message"}, "data": message{"raisehand": true},
	}
	second.Expect(self)
	second.Expect(message{
		"type": "user", "kind": "add", "id": first.ID, "username": "ada",
		"permissions": []string{"present", "message"}, "data": nil,
	})
	first.Expect(self)
	second.ExpectSilence()
}

func TestLeaveAndJoinAgain(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	s := newServer(t, map[string]string{"g": open, "h": open})
	other := s.join("g", "talker", "talker")
	c := s.join("g", "op", "op")
	c.Expect(message{"type": "user", "kind": "add", "id": other.ID})
	other.Expect(message{"type": "user", "kind": "add", "id": c.ID})
	c.Send(message{"type": "join", "kind": "leave", "group": "g"})
	c.Expect(message{
		"type": "joined", "kind": "leave", "group": "g", "username": "op", "permissions": nil,
		"status": message{"name": "g", "clientCount": 1}, "rtcConfiguration": message{},
	})
	other.Expect(message{"type": "user", "kind": "delete", "id": c.ID, "username": "op"})
	c.Send(message{"type": "chat", "value": "x"})
	c.ExpectError("join a group first")
	c.Send(wstest.JoinMessage("h", "guest", "guest"))
	c.Expect(message{"type": "joined", "kind": "join", "group": "h", "username": "guest"})
}

func TestEditOfTheFileReachesMembers(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	s := newOpenServer(t)
	c := s.join("g", "op", "op")
	s.write("g", `{"displayName": "Changed"}`)
	if _, err := s.Registry.Get("g"); err != nil {
		t.Fatal(err)
	}
	c.Expect(message{
		"type": "joined", "kind": "change", "group": "g", "username": "op",
		"permissions":      []string{"op", "present", "message", "caption", "token"},
		"status":           message{"name": "g", "displayName": "Changed", "clientCount": 1},
		"rtcConfiguration": message{},
	})
}

// TestOnlyWhoHasJoinedAndAsksIsToldTheVersion looks at every message that others
// are sent.
func TestOnlyWhoHasJoinedAndAsksIsToldTheVersion(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	s := newServer(t, map[string]string{"g": open})
	for _, asks := range []bool{false, true} {
		c := s.dial()
		handshake := message{"type": "handshake", "version": []string{"2"}, "id": c.ID}
		if asks {
			handshake["server"] = message{}
		}
		c.Send(handshake)
		if m := c.Next(); m["server"] != nil {
			t.Errorf("handshake, asks %v: %v", asks, m)
		}
		c.Send(wstest.JoinMessage("g", "op", "wrong"))
		if m := c.Next(); m["kind"] != "fail" || m["server"] != nil {
			t.Errorf("refused, asks %v: %v", asks, m)
		}
		c.Send(wstest.JoinMessage("g", "op", "op"))
		m := c.Next()
		if want := any(message{"version": "galene v0"}); asks && !reflect.DeepEqual(m["server"], want) || !asks && m["server"] != nil {
			t.Errorf("joined, asks %v: %v", asks, m)
		}
		c.Await(message{"type": "user", "id": c.ID})
		c.Send(message{"type": "groupaction", "kind": "lock"})
		if m := c.Await(message{"type": "joined", "kind": "change"}); m["server"] != nil {
			t.Errorf("change, asks %v: %v", asks, m)
		}
		c.Send(message{"type": "groupaction", "kind": "unlock"})
		c.Close()
	}
}

// TestTheLogHoldsLittleOfWhatStrangersSay has somebody who is let in nowhere show
// long names and tokens.
func TestTheLogHoldsLittleOfWhatStrangersSay(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	var log logtest.Buffer
	s := newServerOf(t, nil, map[string]string{"g": open}, ws.Options{Engine: &fakeEngine{}, Logger: slog.New(slog.NewTextHandler(&log, nil))})
	c := s.shakeHands()
	long := strings.Repeat("x", 40<<10)
	part := func(json string) string { return base64.RawURLEncoding.EncodeToString([]byte(json)) }
	token := func(kid string) string {
		return part(`{"alg":"HS256","kid":"`+kid+`"}`) + "." + part(`{"exp":1e9}`) + ".AAAA"
	}
	letters := strings.Repeat("é", 20<<10)
	for _, m := range []message{
		{"username": long, "password": "wrong"},
		{"username": "op" + long},
		{"token": token(long)},
		{"token": token(letters)},
		{"token": token("x" + letters)},
		{"token": long},
	} {
		m["type"], m["kind"], m["group"] = "join", "join", "g"
		before := len(log.String())
		c.Send(m)
		c.Expect(message{"type": "joined", "kind": "fail", "value": "not authorised"})
		written := log.String()[before:]
		if n := len(written); n == 0 || n > 2000 {
			t.Errorf("%.60v: %d bytes are logged", m, n)
		}
		if strings.Contains(written, `\x`) {
			t.Errorf("%.60v: a letter is cut: %s", m, written)
		}
	}
}

// faultyStore is one that has a fault of its own.
type faultyStore struct{ group.MemoryStore }

func (s faultyStore) Read(name string) (*group.Description, group.Stamp, error) {
	if name == "faulty" {
		panic("a fault of the server")
	}
	return s.MemoryStore.Read(name)
}

func TestAFaultWhileSomebodyJoinsEndsNobody(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	logger := slog.New(slog.DiscardHandler)
	store := faultyStore{group.MemoryStore{"g": &group.Description{WildcardUser: &group.UserEntry{Password: group.WildcardPassword()}}, "faulty": nil}}
	registry := group.NewRegistry(group.RegistryOptions{Store: store, Logger: logger})
	handler := ws.NewHandler(ws.Options{
		Registry: registry, Config: group.NewConfigFile(filepath.Join(t.TempDir(), "config.json"), logger), Engine: &fakeEngine{}, Logger: logger,
	})
	web := httptest.NewServer(handler)
	t.Cleanup(func() {
		registry.Shutdown()
		if err := handler.Shutdown(context.Background()); err != nil {
			t.Error(err)
		}
		web.Close()
	})
	bystander, unlucky := wstest.Dial(t, web.URL), wstest.Dial(t, web.URL)
	bystander.Join("g", "bob", "")
	unlucky.Handshake()
	unlucky.Send(message{"type": "join", "kind": "join", "group": "faulty", "username": "ada"})
	unlucky.Expect(message{"type": "joined", "kind": "fail", "group": "faulty", "value": "internal server error"})
	unlucky.Send(message{"type": "join", "kind": "join", "group": "g", "username": "ada"})
	unlucky.Await(message{"type": "joined", "kind": "join", "group": "g"})
	bystander.Await(message{"type": "user", "kind": "add", "username": "ada"})
}
