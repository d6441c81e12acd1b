package ws_test

import (
	"encoding/json"
	"regexp"
	"strings"
	"testing"

	"galene/group/leaktest"
	"galene/webserver/wstest"
)

func TestChatToAll(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	s := newOpenServer(t)
	op := s.join("g", "op", "op")
	talker := s.join("g", "talker", "talker")
	op.Expect(message{"type": "user", "kind": "add", "id": talker.ID})
	talker.Expect(message{"type": "user", "kind": "add", "id": op.ID})

	// Whoever leaves source and username out gets them filled in; time and
	// privileged are the server's.
	talker.Send(message{"type": "chat", "value": "hello", "time": "1999-01-01T00:00:00Z", "privileged": true})
	want := message{
		"type": "chat", "kind": nil, "source": talker.ID, "username": "talker", "dest": nil, "noecho": nil,
		"privileged": nil, "value": "hello",
	}
	m := talker.Expect(want)
	if id, _ := m["id"].(string); !regexp.MustCompile(`^[\w-]{11}$`).MatchString(id) {
		t.Errorf("id is %q", id)
	}
	if time, _ := m["time"].(string); !regexp.MustCompile(`^20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ$`).MatchString(time) {
		t.Errorf("time is %q", time)
	}
	want["id"] = m["id"]
	op.Expect(want)

	op.Send(message{"type": "chat", "kind": "me", "source": op.ID, "username": "op", "noecho": true, "value": "waves"})
	talker.Expect(message{"type": "chat", "kind": "me", "source": op.ID, "noecho": true, "privileged": true, "value": "waves"})
	op.ExpectSilence()
}

func TestValuesArePassedOnAsGiven(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	s := newOpenServer(t)
	c := s.join("g", "op", "op")
	for _, value := range []string{`""`, `{}`, `[]`, `0`, `false`, `{"a":[1,null,"<&>"]}`, `"\u2028é"`, `12345678901234567890`} {
		c.SendRaw(`{"type":"chat","value":` + value + `}`)
		m := c.Expect(message{"type": "chat"})
		var want any
		if err := json.Unmarshal([]byte(value), &want); err != nil {
			t.Fatal(err)
		}
		c.SendRaw(`{"type":"usermessage","kind":"x","value":` + value + `}`)
		u := c.Expect(message{"type": "usermessage", "kind": "x", "value": want})
		if m["value"] == nil || u["id"] != nil {
			t.Errorf("%s became %v and %v", value, m, u)
		}
	}
	for _, absent := range []string{`{"type":"chat"}`, `{"type":"chat","value":null}`} {
		c.SendRaw(absent)
		if m := c.Expect(message{"type": "chat"}); len(m) != 6 {
			t.Errorf("%s became %v", absent, m)
		}
	}
}

// TestDeepMessagesAreRefused sends what browsers can read but not turn into text.
func TestDeepMessagesAreRefused(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	s := newOpenServer(t)
	alice, bob := s.join("g", "talker", "talker"), s.join("g", "x", "")
	alice.Expect(message{"type": "user", "kind": "add", "id": bob.ID})
	bob.Expect(message{"type": "user", "kind": "add", "id": alice.ID})
	nested := func(depth int, inside string) string {
		return strings.Repeat("[", depth/2) + strings.Repeat(`{"\\\"":`, depth-depth/2) + inside + strings.Repeat("}", depth-depth/2) + strings.Repeat("]", depth/2)
	}
	for _, text := range []string{
		`{"type":"chat","noecho":true,"value":` + nested(255, `0`) + `}`,
		`{"type":"chat","noecho":true,"value":` + nested(2, `"`+strings.Repeat(`[\\\"{`, 400)+`"`) + `}`,
		`{"type":"chat","noecho":true,"value":[` + strings.Repeat(`[{}],`, 400) + `0]}`,
	} {
		alice.SendRaw(text)
		bob.Expect(message{"type": "chat", "source": alice.ID})
	}
	for _, text := range []string{
		`{"type":"chat","value":` + nested(256, `0`) + `}`,
		`{"type":"usermessage","value":` + nested(9000, `""`) + `}`,
		`{"type":"useraction","kind":"setdata","dest":"` + alice.ID + `","value":{"x":` + nested(300, `{}`) + `}}`,
		`{"type":"groupaction","kind":"clearchat","value":` + nested(300, `[]`) + `}`,
	} {
		alice.SendRaw(text)
		alice.ExpectError("this message is nested too deeply")
	}
	bob.ExpectSilence()
}

func TestPrivateMessages(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	s := newOpenServer(t)
	op := s.join("g", "op", "op")
	talker := s.join("g", "talker", "talker")
	op.Expect(message{"type": "user", "kind": "add", "id": talker.ID})
	talker.Expect(message{"type": "user", "kind": "add", "id": op.ID})
	for _, kind := range []string{"chat", "usermessage"} {
		op.Send(message{"type": kind, "dest": talker.ID, "value": "psst"})
		talker.Expect(message{
			"type": kind, "source": op.ID, "username": "op", "dest": talker.ID, "privileged": true,
			"id": nil, "value": "psst",
		})
		op.ExpectSilence()
		op.Send(message{"type": kind, "dest": op.ID, "value": "note"})
		op.Expect(message{"type": kind, "dest": op.ID, "value": "note"})
		op.Send(message{"type": kind, "dest": "nobody", "value": "psst"})
		op.ExpectError("user unknown")
	}
	op.Send(message{"type": "chat", "dest": talker.ID, "id": "mine", "value": "psst"})
	talker.Expect(message{"type": "chat", "id": "mine"})
}

func TestRightsToTalk(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	s := newOpenServer(t)
	tests := []struct {
		user                   string
		chat, caption, message bool
	}{
		{"op", true, true, true},
		{"guest", true, false, true},
		{"talker", true, false, true},
		{"captioner", false, true, false},
		{"watcher", false, false, false},
	}
	for _, tt := range tests {
		c := s.join("g", tt.user, tt.user)
		for _, try := range []struct {
			m  message
			ok bool
		}{
			{message{"type": "chat", "value": "x"}, tt.chat},
			{message{"type": "chat", "kind": "caption", "value": "x"}, tt.caption},
			{message{"type": "usermessage", "kind": "x", "value": "x"}, tt.message},
		} {
			c.Send(try.m)
			if try.ok {
				c.Await(message{"type": try.m["type"], "source": c.ID})
			} else {
				c.Await(message{"type": "usermessage", "kind": "error", "value": "not authorised"})
			}
		}
		c.Close()
		c.ExpectClose(1000, "")
	}
	newcomer := s.dial()
	newcomer.Join("g", "x", "")
	for range 3 {
		newcomer.Expect(message{"type": "chathistory", "kind": nil, "value": "x"})
	}
	newcomer.Expect(message{"type": "user"})
}

// TestCaptions has somebody who may do nothing else caption for all and for one.
func TestCaptions(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	s := newOpenServer(t)
	captioner := s.join("g", "captioner", "captioner")
	viewer := s.join("g", "x", "")
	captioner.Expect(message{"type": "user", "kind": "add", "id": viewer.ID})
	viewer.Expect(message{"type": "user", "kind": "add", "id": captioner.ID, "permissions": []string{"caption"}})
	caption := message{"type": "chat", "kind": "caption", "source": captioner.ID, "username": "captioner", "value": "and so to the fractions"}
	captioner.Send(caption)
	for _, c := range []*wstest.Client{captioner, viewer} {
		if m := c.Expect(caption); m["id"] == nil || m["time"] == nil || m["privileged"] != nil || m["dest"] != nil {
			t.Errorf("got %v", m)
		}
	}
	captioner.Send(message{"type": "chat", "kind": "caption", "noecho": true, "value": "not to myself"})
	viewer.Expect(message{"type": "chat", "kind": "caption", "value": "not to myself"})
	captioner.Send(message{"type": "chat", "kind": "caption", "dest": viewer.ID, "value": "for you"})
	viewer.Expect(message{"type": "chat", "kind": "caption", "dest": viewer.ID, "value": "for you"})
	for _, kind := range []any{nil, "", "me", "Caption"} {
		captioner.Send(message{"type": "chat", "kind": kind, "value": "x"})
		captioner.ExpectError("not authorised")
	}
	viewer.Send(message{"type": "chat", "kind": "caption", "value": "x"})
	viewer.ExpectError("not authorised")
	// Captions are for the moment.
	newcomer := s.dial()
	newcomer.Join("g", "y", "")
	newcomer.Expect(message{"type": "user", "kind": "add", "id": newcomer.ID})
}

func TestOutsideAGroup(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	s := newOpenServer(t)
	c := s.shakeHands()
	for _, m := range []message{
		{"type": "chat", "value": "x"},
		{"type": "usermessage", "value": "x"},
		{"type": "useraction", "kind": "kick", "dest": "x"},
		{"type": "groupaction", "kind": "lock"},
		{"type": "request", "request": message{}},
	} {
		c.Send(m)
		c.ExpectError("join a group first")
	}
	c.Send(message{"type": "offer", "id": "s", "sdp": "v=0"})
	c.Expect(message{"type": "abort", "id": "s"})
	c.ExpectError("join a group first")
	c.Send(message{"type": "answer", "id": "s", "sdp": "v=0"})
	c.Expect(message{"type": "close", "id": "s"})
	c.Send(message{"type": "abort", "id": "s"})
	c.Expect(message{"type": "close", "id": "s"})
	for _, m := range []message{
		{"type": "requestStream", "id": "s", "request": []string{"audio"}},
		{"type": "ice", "id": "s", "candidate": message{"candidate": ""}},
		{"type": "renegotiate", "id": "s"},
		{"type": "close", "id": "s"},
	} {
		c.Send(m)
		c.ExpectSilence()
	}
}
