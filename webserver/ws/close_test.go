package ws_test

import (
	"errors"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"galene/group/leaktest"
	"galene/webserver/wstest"

	"github.com/gorilla/websocket"
)

func TestFatalErrors(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	s := newOpenServer(t)
	tests := []struct {
		name   string
		joined bool
		send   string
		code   int
		text   string
	}{
		{"unknown type", false, `{"type":"nonsense"}`, 1002, "unexpected message"},
		{"no type", false, `{}`, 1002, "unexpected message"},
		{"second handshake", false, `{"type":"handshake","version":["2"]}`, 1002, "unexpected message"},
		{"joined", true, `{"type":"joined","kind":"join"}`, 1002, "unexpected message"},
		{"user", true, `{"type":"user"}`, 1002, "unexpected message"},
		{"chathistory", true, `{"type":"chathistory"}`, 1002, "unexpected message"},
		{"unknown kind of join", false, `{"type":"join","kind":"peek","group":"g"}`, 1002, "unknown kind"},
		{"join without kind", false, `{"type":"join","group":"g"}`, 1002, "unknown kind"},
		{"second join", true, `{"type":"join","kind":"join","group":"g","username":"x"}`, 1002, "cannot join multiple groups"},
		{"offer without id", true, `{"type":"offer","sdp":""}`, 1002, "empty id"},
		{"answer without id", true, `{"type":"answer","sdp":""}`, 1002, "empty id"},
		{"renegotiate without id", true, `{"type":"renegotiate"}`, 1002, "empty id"},
		{"close without id", true, `{"type":"close"}`, 1002, "empty id"},
		{"abort without id", true, `{"type":"abort"}`, 1002, "empty id"},
		{"ice without id", true, `{"type":"ice","candidate":{"candidate":""}}`, 1002, "empty id"},
		{"ice without candidate", true, `{"type":"ice","id":"x"}`, 1002, "null candidate"},
		{"ice with null", true, `{"type":"ice","id":"x","candidate":null}`, 1002, "null candidate"},
		{"id that is too long", true, `{"type":"close","id":"` + strings.Repeat("x", 129) + `"}`, 1002, "id is too long"},
		{"spoofed client id", true, `{"type":"chat","source":"me","value":""}`, 1002, "spoofed client id"},
		{"spoofed client id in a ping", false, `{"type":"ping","source":"me"}`, 1002, "spoofed client id"},
		{"spoofed username", true, `{"type":"chat","username":"boss","value":""}`, 1002, "spoofed username"},
		{"spoofed username outside", false, `{"type":"ping","username":"boss"}`, 1002, "spoofed username"},
		{"leave of nothing", false, `{"type":"join","kind":"leave","group":"g"}`, 1000, "you are not joined"},
		{"leave of another group", true, `{"type":"join","kind":"leave","group":"h"}`, 1000, "you are not joined"},
		{"unknown groupaction", true, `{"type":"groupaction","kind":"dance"}`, 1000, "unknown group action"},
		{"unknown useraction", true, `{"type":"useraction","kind":"dance"}`, 1000, "unknown user action"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c := wstest.Dial(t, s.URL)
			c.Handshake()
			if tt.joined {
				c.Send(wstest.JoinMessage("g", "op", "op"))
				c.Await(message{"type": "user", "kind": "add", "id": c.ID})
			}
			c.SendRaw(tt.send)
			c.Await(message{"type": "usermessage", "kind": "error", "value": tt.text, "dest": c.ID, "privileged": true})
			c.ExpectClose(tt.code, tt.text)
		})
	}
}

func TestMalformedMessagesCloseWithoutAWord(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	s := newOpenServer(t)
	for _, text := range []string{
		"", "nonsense", "[]", "1", "null", `"ping"`, `{"type":"ping"`, `{"type":1}`, `{"type":"chat","kind":{}}`,
		`{"type":"join","data":[]}`, `{"type":"join","status":""}`, `{"type":"ice","id":"x","candidate":"x"}`,
		`{"type":"joined","permissions":"op"}`, `{"type":"joined","permissions":[1]}`, `{"type":"chat","noecho":"true"}`,
		`{"type":"chat","privileged":1}`, `{"type":"handshake","version":"2"}`, `{"type":"x","username":7}`,
		strings.Repeat("[", 20000),
	} {
		t.Run("", func(t *testing.T) {
			t.Parallel()
			c := wstest.Dial(t, s.URL)
			c.Handshake()
			c.SendRaw(text)
			c.ExpectClose(1011, "")
		})
	}
}

// TestMembersThatAreNotForUsAreIgnored sends members that the protocol does not
// know, some of which mean something in our extensions of it, and candidates that
// nobody can use.
func TestMembersThatAreNotForUsAreIgnored(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	s := newOpenServer(t)
	for _, member := range []string{
		`"x":{}`, `"server":"s"`, `"received":"all"`, `"received":-1`, `"received":1.5`, `"resume":5`, `"resume":{"secret":5}`,
		`"encodings":["h"]`, `"encodings":true`, `"tryAgain":false`, `"rtcConfiguration":[]`,
	} {
		c := s.dial()
		c.SendRaw(`{"type":"handshake","version":["2"],"id":"` + c.ID + `",` + member + `}`)
		c.Expect(message{"type": "handshake", "version": []string{"2"}})
		c.Send(wstest.JoinMessage("g", "op", "op"))
		c.Await(message{"type": "user", "id": c.ID})
		c.SendRaw(`{"type":"chat","value":"x",` + member + `}`)
		c.Await(message{"type": "chat", "value": "x"})
		c.Close()
		c.ExpectClose(1000, "")
	}
	c := s.join("g", "op", "op")
	for _, candidate := range []string{
		`{}`, `{"candidate":5}`, `{"candidate":"nonsense"}`, `{"candidate":"","sdpMLineIndex":-1}`, `{"candidate":"","sdpMLineIndex":"0"}`,
		`{"candidate":"","sdpMLineIndex":70000}`, `{"candidate":"","sdpMid":0}`, `{"candidate":"","usernameFragment":[]}`,
	} {
		c.SendRaw(`{"type":"ice","id":"x","candidate":` + candidate + `}`)
		c.ExpectSilence()
	}
}

func TestMalformedFrameIsAnsweredByACloseFrame(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	s := newOpenServer(t)
	for _, frame := range []string{"\x85\x80\x00\x00\x00\x00", "\x81\x02{}", "\x80\x80\x00\x00\x00\x00"} {
		socket, _, err := websocket.DefaultDialer.Dial("ws"+strings.TrimPrefix(s.URL, "http"), nil)
		if err != nil {
			t.Fatal(err)
		}
		defer socket.Close()
		handshake := []byte(`{"type":"handshake","version":["2"],"id":"x"}`)
		if err := socket.WriteMessage(websocket.TextMessage, handshake); err != nil {
			t.Fatal(err)
		}
		if _, err := socket.NetConn().Write([]byte(frame)); err != nil {
			t.Fatal(err)
		}
		for err == nil {
			_, _, err = socket.ReadMessage()
		}
		if !websocket.IsCloseError(err, websocket.CloseProtocolError) {
			t.Errorf("%q: ended with %v", frame, err)
		}
	}
}

func TestTextThatIsNotUTF8IsNotPassedOn(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	s := newOpenServer(t)
	for _, text := range []string{
		`{"type":"chat","value":"%"}`, `{"type":"useraction","kind":"setdata","dest":"x","value":{"a":"%"}}`,
		`{"type":"%"}`, `{"%":1}`,
	} {
		c := s.join("g", "talker", "talker")
		c.SendRaw(strings.ReplaceAll(text, "%", "\xff"))
		c.ExpectClose(1011, "")
	}
}

func TestFirstMessageMustBeAHandshake(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	s := newOpenServer(t)
	for text, code := range map[string]int{
		`{"type":"ping"}`: 1002,
		`{"type":"join","kind":"join","group":"g","username":"op","password":"op"}`: 1002,
		`nonsense`: 1011,
	} {
		c := s.dial()
		c.SendRaw(text)
		reason := ""
		if code == 1002 {
			reason = "you must handshake first"
		}
		c.ExpectClose(code, reason)
	}
}

func TestCloseFrameIsAnswered(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	s := newOpenServer(t)
	c := s.join("g", "op", "op")
	c.Close()
	c.ExpectClose(1000, "")
}

func TestMessageThatIsTooLong(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	s := newOpenServer(t)
	c := s.join("g", "op", "op")
	// The server stops reading, so sending may fail.
	_ = c.TrySendRaw(`{"type":"chat","value":"` + strings.Repeat("x", 2<<20) + `"}`)
	var closed *websocket.CloseError
	if err := c.AwaitEnd(); !errors.As(err, &closed) || closed.Code != 1009 {
		t.Errorf("ended with %v", err)
	}
}

func TestMessageOfTheGreatestLengthIsTaken(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	s := newOpenServer(t)
	c := s.join("g", "op", "op")
	const around = len(`{"type":"chat","value":""}`)
	value := strings.Repeat("<", 1<<20-around)
	c.SendRaw(`{"type":"chat","value":"` + value + `"}`)
	c.Expect(message{"type": "chat", "value": value})
}

func TestKick(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	s := newOpenServer(t)
	long := strings.Repeat("ü", 100)
	tests := []struct{ value, text, reason string }{
		{"class is over", "class is over", "kicked out (class is over) by op"},
		{"", "you have been kicked out", "kicked out by op"},
		{long, long, "kicked out (" + strings.Repeat("ü", 55)},
	}
	op := s.join("g", "op", "op")
	for _, tt := range tests {
		target := s.join("g", "talker", "talker")
		op.Expect(message{"type": "user", "kind": "add", "id": target.ID})
		op.Send(message{"type": "useraction", "kind": "kick", "dest": target.ID, "value": tt.value})
		target.Await(message{
			"type": "usermessage", "kind": "kicked", "id": op.ID, "username": "op", "source": nil,
			"dest": target.ID, "privileged": true, "value": tt.text, "error": nil,
		})
		target.ExpectClose(1000, tt.reason)
		op.Expect(message{"type": "user", "kind": "delete", "id": target.ID, "username": "talker"})
	}
}

func TestShutdownTellsMembers(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	s := newOpenServer(t)
	c := s.join("g", "op", "op")
	s.Registry.Shutdown()
	c.Expect(message{
		"type": "usermessage", "kind": "kicked", "id": nil, "username": nil,
		"value": "server is shutting down", "error": "shutting-down",
	})
	c.ExpectClose(1000, "kicked out (server is shutting down)")
}

// TestBusyMembersAreToldOfTheShutdownByTheirGroup keeps members busy until both
// their group and the server have something to say.
func TestBusyMembersAreToldOfTheShutdownByTheirGroup(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	s := newOpenServer(t)
	s.engine.mu.Lock()
	var members []*wstest.Client
	for range 8 {
		c := s.join("g", "op", "op")
		c.Send(message{"type": "offer", "id": c.ID, "sdp": "audio"})
		members = append(members, c)
	}
	s.Registry.Shutdown()
	done := make(chan error, 1)
	go func() { done <- s.handler.Shutdown(t.Context()) }()
	for {
		// Who comes now is refused once the members have been told to go.
		_, response, err := wstest.DialHeader(t, s.URL, nil)
		if err != nil && response.StatusCode == 503 {
			break
		}
	}
	s.engine.mu.Unlock()
	for _, c := range members {
		c.Await(message{"type": "usermessage", "kind": "kicked", "error": "shutting-down"})
		c.ExpectClose(1000, "kicked out (server is shutting down)")
	}
	if err := <-done; err != nil {
		t.Error(err)
	}
}

func TestCloseDoesNotWaitForAnAnswer(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	s := newOpenServer(t)
	raw, err := net.Dial("tcp", strings.TrimPrefix(s.URL, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer raw.Close()
	silent := wstest.Silent(t, raw)
	silent(`{"type":"handshake","version":["2"],"id":"silent"}`)
	silent(`{"type":"nonsense"}`)
	if err := raw.SetReadDeadline(time.Now().Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(io.Discard, raw); err != nil {
		t.Errorf("the connection was left open: %v", err)
	}
}

func TestLostConnectionIsALeave(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	s := newOpenServer(t)
	stays := s.join("g", "op", "op")
	goes := s.join("g", "talker", "talker")
	stays.Expect(message{"type": "user", "kind": "add", "id": goes.ID})
	goes.Drop()
	stays.Expect(message{"type": "user", "kind": "delete", "id": goes.ID, "username": "talker"})
}

func TestClientThatNeverReadsIsDropped(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	s := newOpenServer(t)
	op := s.join("g", "op", "op")
	address := strings.TrimPrefix(s.URL, "http://")
	raw, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer raw.Close()
	if err := raw.(*net.TCPConn).SetReadBuffer(4096); err != nil {
		t.Fatal(err)
	}
	silent := wstest.Silent(t, raw)
	silent(`{"type":"handshake","version":["2"],"id":"silent"}`)
	silent(`{"type":"join","kind":"join","group":"g","username":"x"}`)
	op.Expect(message{"type": "user", "kind": "add", "id": "silent"})
	// One alone may not say that much at once, and whoever comes after him neither.
	talkers := make([]*wstest.Client, 50)
	for i := range talkers {
		talkers[i] = s.join("g", "talker", "talker")
	}
	value := strings.Repeat("x", 512<<10)
	for i := range 4 * len(talkers) {
		talker := talkers[i%len(talkers)]
		talker.Send(message{"type": "chat", "dest": "silent", "value": value})
		talker.Send(message{"type": "ping"})
		talker.Await(message{"type": "pong"})
		op.Send(message{"type": "ping"})
		for m := op.Next(); m["type"] != "pong"; m = op.Next() {
			if m["id"] == "silent" && m["kind"] == "delete" {
				return
			}
		}
	}
	t.Fatal("after 100 MiB it is still there")
}
