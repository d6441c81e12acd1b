package ws_test

import (
	"strings"
	"testing"

	"galene/group/leaktest"
)

func TestSetData(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	s := newOpenServer(t)
	op := s.join("g", "op", "op")
	c := s.join("g", "x", "")
	op.Expect(message{"type": "user", "kind": "add", "id": c.ID})
	c.Expect(message{"type": "user", "kind": "add", "id": op.ID})
	set := func(dest string, value any) {
		c.Send(message{"type": "useraction", "kind": "setdata", "dest": dest, "value": value})
	}
	set(c.ID, message{"raisehand": true, "x": []int{1}})
	for _, observer := range []interface{ Expect(message) message }{op, c} {
		observer.Expect(message{
			"type": "user", "kind": "change", "id": c.ID, "username": "x", "permissions": nil,
			"data": message{"raisehand": true, "x": []int{1}},
		})
	}
	set(c.ID, message{"raisehand": nil, "x": nil})
	op.Expect(message{"type": "user", "kind": "change", "id": c.ID, "data": nil})
	c.Expect(message{"type": "user", "kind": "change", "id": c.ID, "data": nil})

	set(op.ID, message{})
	c.ExpectError("not authorised")
	for _, bad := range []any{nil, "x", 1, []int{}} {
		set(c.ID, bad)
		c.ExpectError("Bad value in setdata")
	}
	set(c.ID, message{"x": strings.Repeat("x", 1<<16)})
	c.ExpectError("user data too large")
}

func TestKickRefused(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	s := newOpenServer(t)
	guest := s.join("g", "guest", "guest")
	guest.Send(message{"type": "useraction", "kind": "kick", "dest": guest.ID})
	guest.ExpectError("not authorised")
	op := s.join("g", "op", "op")
	op.Expect(message{"type": "user", "kind": "add"})
	op.Send(message{"type": "useraction", "kind": "kick", "dest": "nobody"})
	op.ExpectError("no such user")
}

func TestRecordingIsRefused(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	s := newServer(t, map[string]string{"g": strings.Replace(open, "{", `{"allow-recording": true,`, 1)})
	op := s.join("g", "op", "op")
	watcher := s.join("g", "x", "")
	op.Expect(message{"type": "user", "kind": "add"})
	watcher.Expect(message{"type": "user", "kind": "add"})
	record, unrecord := message{"type": "groupaction", "kind": "record"}, message{"type": "groupaction", "kind": "unrecord"}
	op.Send(unrecord) // nothing is being recorded, which is what is wanted
	op.Send(message{"type": "useraction", "kind": "kick", "dest": "nobody"})
	op.ExpectError("no such user")
	op.Send(record)
	op.ExpectError("recording is not possible on this server yet")
	for _, m := range []message{record, unrecord} {
		watcher.Send(m)
		watcher.ExpectError("not authorised")
	}
}
