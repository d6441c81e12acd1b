package ws_test

import (
	"encoding/json"
	"flag"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"galene/group/leaktest"
	"galene/webserver/wstest"
)

var update = flag.Bool("update", false, "write the golden files")

// recorder keeps what clients are sent, without what differs at each run.
type recorder struct {
	t     *testing.T
	names *strings.Replacer
	lines map[string]bool
}

var (
	times   = regexp.MustCompile(`"time":"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ"`)
	chatIDs = regexp.MustCompile(`"id":"[-_A-Za-z0-9]{11}"`)
	secrets = regexp.MustCompile(`"secret":"[-_A-Za-z0-9]{16}\.[-_A-Za-z0-9]{43}"`)
	tokens  = regexp.MustCompile(`"token":"[-_A-Za-z0-9]{11}"`)
	issued  = regexp.MustCompile(`"issuedAt":"[^"]*"`)
	ports   = regexp.MustCompile(`"address":"127\.0\.0\.1:\d+"`)
)

// take records the next message.
func (r *recorder) take(c *wstest.Client) message {
	r.t.Helper()
	m := c.Next()
	data, err := json.Marshal(m)
	if err != nil {
		r.t.Fatal(err)
	}
	line := r.names.Replace(string(data))
	line = times.ReplaceAllString(line, `"time":"TIME"`)
	line = chatIDs.ReplaceAllString(line, `"id":"CHAT"`)
	line = secrets.ReplaceAllString(line, `"secret":"SECRET"`)
	line = tokens.ReplaceAllString(line, `"token":"TOKEN"`)
	line = issued.ReplaceAllString(line, `"issuedAt":"TIME"`)
	line = ports.ReplaceAllString(line, `"address":"ADDRESS"`)
	r.lines[line] = true
	return m
}

// until records what a client is sent until a message has these members.
func (r *recorder) until(c *wstest.Client, want message) {
	r.t.Helper()
	for !wstest.Matches(r.take(c), want) {
	}
}

// TestGoldenMessages has the server say everything that it can say, and holds
// that to testdata/server.jsonl.
func TestGoldenMessages(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	s := newServer(t, map[string]string{
		"g":     strings.Replace(open, "{", `{"displayName": "The group", "description": "about", "max-history-age": 1000,`, 1),
		"g/sub": open,
		"away":  `{"redirect": "https://other.example/group/away/"}`,
	})
	op, guest, other := s.dial(), s.dial(), s.dial()
	r := &recorder{t: t, lines: make(map[string]bool), names: strings.NewReplacer(op.ID, "OP", guest.ID, "GUEST", other.ID, "OTHER")}
	ping := func(c *wstest.Client) {
		t.Helper()
		c.Send(message{"type": "ping"})
		r.until(c, message{"type": "pong"})
	}
	handshake := func(c *wstest.Client, resume any) {
		t.Helper()
		var encodings any
		if resume != nil {
			encodings = message{"bitrate": true}
		}
		c.Send(message{"type": "handshake", "version": []string{"2"}, "id": c.ID, "resume": resume, "encodings": encodings, "server": resume})
		r.until(c, message{"type": "handshake"})
	}
	handshake(op, nil)
	op.Send(wstest.JoinMessage("none", "op", "op"))
	r.until(op, message{"type": "joined"})
	op.Send(message{"type": "join", "kind": "join", "group": "g"})
	r.until(op, message{"type": "joined"})
	op.Send(wstest.JoinMessage("away", "op", "op"))
	r.until(op, message{"type": "joined"})
	op.Send(wstest.JoinMessage("g", "op", "op"))
	r.until(op, message{"type": "user", "id": op.ID})
	op.Send(message{"type": "chat", "id": "m1", "value": "hello"})
	op.Send(message{"type": "chat", "kind": "me", "value": map[string]any{"any": "JSON"}})
	ping(op)
	handshake(guest, message{})
	guest.Send(message{"type": "join", "kind": "join", "group": "g", "username": "guest", "password": "guest", "data": message{"raisehand": true}})
	r.until(guest, message{"type": "user", "id": op.ID})
	guest.Send(message{"type": "chat", "dest": op.ID, "value": "psst"})
	guest.Send(message{"type": "usermessage", "kind": "filetransfer", "dest": op.ID, "value": message{"type": "invite"}})
	ping(guest)
	ping(op)
	op.Send(message{"type": "request", "request": message{"": []string{"audio"}}})
	guest.Send(message{"type": "offer", "id": "stream", "label": "camera", "sdp": "audio"})
	r.until(guest, message{"type": "answer"})
	r.until(op, message{"type": "offer"})
	op.Send(message{"type": "answer", "id": "stream", "sdp": "fine"})
	ping(op)
	guest.Send(message{"type": "offer", "id": "next", "replace": "stream", "label": "camera", "sdp": "audio"})
	r.until(op, message{"type": "offer"})
	op.Send(message{"type": "answer", "id": "next", "sdp": "fine"})
	ping(op)
	s.engine.lastUp().options.OnFailed()
	r.until(guest, message{"type": "renegotiate"})
	s.engine.lastUp().options.OnEncodings([]string{"l"})
	r.until(guest, message{"type": "encodings"})
	s.engine.lastUp().options.OnUplink(0)
	r.until(guest, message{"type": "encodings", "bitrate": 0})
	for _, kind := range []string{"identify", "op", "unop", "shutup", "unpresent"} {
		op.Send(message{"type": "useraction", "kind": kind, "dest": guest.ID})
		ping(op)
		ping(guest)
	}
	op.Send(message{"type": "useraction", "kind": "setdata", "dest": op.ID, "value": message{"x": 1}})
	op.Send(message{"type": "groupaction", "kind": "setdata", "value": message{"agenda": "x"}})
	op.Send(message{"type": "groupaction", "kind": "lock", "value": "later"})
	other.Handshake()
	other.Send(wstest.JoinMessage("g/sub", "x", ""))
	r.until(other, message{"type": "user"})
	op.Send(message{"type": "groupaction", "kind": "subgroups"})
	op.Send(message{"type": "groupaction", "kind": "record"})
	invitation := message{"group": "g", "username": "carrot", "permissions": []string{"message"}, "expires": "2999-05-04T10:00:00Z", "not-before": "2030-05-04T10:00:00Z"}
	op.Send(message{"type": "groupaction", "kind": "maketoken", "value": invitation})
	op.Send(message{"type": "groupaction", "kind": "maketoken", "value": message{"group": "g/sub"}})
	guest.Send(message{"type": "groupaction", "kind": "listtokens"})
	op.Send(message{"type": "groupaction", "kind": "listtokens"})
	op.Send(message{"type": "groupaction", "kind": "clearchat", "value": message{"id": "m1", "userId": op.ID}})
	op.Send(message{"type": "groupaction", "kind": "clearchat"})
	op.Send(message{"type": "usermessage", "kind": "mute", "noecho": true})
	op.Send(message{"type": "usermessage", "kind": "warning", "value": "to all"})
	ping(op)
	ping(guest)
	op.Send(message{"type": "useraction", "kind": "kick", "dest": guest.ID, "value": "class is over"})
	r.until(guest, message{"type": "usermessage", "kind": "kicked"})
	r.until(op, message{"type": "user", "kind": "delete"})
	op.Send(message{"type": "join", "kind": "leave", "group": "g"})
	r.until(op, message{"type": "joined", "kind": "leave"})
	op.Send(message{"type": "nonsense"})
	r.until(op, message{"type": "usermessage", "kind": "error", "value": "unexpected message"})
	s.Registry.Shutdown()
	r.until(other, message{"type": "usermessage", "kind": "kicked"})

	compare(t, "testdata/server.jsonl", strings.Join(slices.Sorted(maps.Keys(r.lines)), "\n")+"\n")
}

func compare(t *testing.T, file, got string) {
	t.Helper()
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	wanted := strings.Split(string(want), "\n")
	for line := range strings.SplitSeq(got, "\n") {
		if !slices.Contains(wanted, line) {
			t.Errorf("not in %s: %s", file, line)
		}
	}
	given := strings.Split(got, "\n")
	for _, line := range wanted {
		if !slices.Contains(given, line) {
			t.Errorf("only in %s: %s", file, line)
		}
	}
}
