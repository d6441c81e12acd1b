package ws_test

import (
	"strings"
	"testing"

	"galene/group/leaktest"
	"galene/webserver/wstest"
)

// school is a group with an operator and a guest who have heard of each other.
type school struct {
	*server
	op, guest *wstest.Client
}

func newSchool(t *testing.T) *school {
	t.Helper()
	s := newServer(t, map[string]string{"g": strings.Replace(open, "{", `{"allow-recording": true,`, 1)})
	k := &school{server: s, op: s.join("g", "op", "op"), guest: s.join("g", "guest", "guest")}
	k.op.Expect(message{"type": "user", "kind": "add", "id": k.guest.ID})
	k.guest.Expect(message{"type": "user", "kind": "add", "id": k.op.ID})
	return k
}

// act has the operator act on the guest.
func (k *school) act(kind string) {
	k.op.Send(message{"type": "useraction", "kind": kind, "dest": k.guest.ID})
}

// expectPermissions expects that everybody hears what the guest may do now, he
// himself twice.
func (k *school) expectPermissions(permissions ...string) {
	k.t.Helper()
	k.guest.Expect(message{
		"type": "joined", "kind": "change", "group": "g", "username": "guest",
		"permissions": permissions, "rtcConfiguration": message{},
	})
	change := message{"type": "user", "kind": "change", "id": k.guest.ID, "username": "guest", "permissions": permissions}
	k.guest.Expect(change)
	k.op.Expect(change)
}

func TestPermissionsChangeAtOnce(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	k := newSchool(t)
	k.act("op")
	k.expectPermissions("present", "message", "op", "record")
	k.guest.Send(message{"type": "groupaction", "kind": "subgroups"})
	k.guest.Expect(message{"type": "chat", "value": ""})
	k.act("op")
	k.expectPermissions("present", "message", "op", "record")
	k.act("unop")
	k.expectPermissions("present", "message")
	k.guest.Send(message{"type": "groupaction", "kind": "subgroups"})
	k.guest.ExpectError("not authorised")
	k.act("shutup")
	k.expectPermissions("present")
	k.guest.Send(message{"type": "chat", "value": "x"})
	k.guest.ExpectError("not authorised")
	k.act("unshutup")
	k.expectPermissions("present", "message")
	k.act("unpresent")
	k.expectPermissions("message")
	k.guest.Send(message{"type": "offer", "id": "s", "sdp": "audio"})
	k.guest.Expect(message{"type": "abort", "id": "s"})
	k.guest.ExpectError("not authorised")
	k.act("present")
	k.expectPermissions("message", "present")
	k.op.Send(message{"type": "useraction", "kind": "unop", "dest": k.op.ID})
	k.op.Expect(message{"type": "joined", "kind": "change"})
	k.op.Expect(message{"type": "user", "kind": "change", "id": k.op.ID})
	k.act("op")
	k.op.ExpectError("not authorised")
}

func TestModerationRefused(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	k := newSchool(t)
	for _, kind := range []string{"op", "unop", "present", "unpresent", "shutup", "unshutup"} {
		k.guest.Send(message{"type": "useraction", "kind": kind, "dest": k.guest.ID})
		k.guest.ExpectError("not authorised")
		k.op.Send(message{"type": "useraction", "kind": kind, "dest": "nobody"})
		k.op.ExpectError("no such user")
	}
	k.guest.Send(message{"type": "useraction", "kind": "identify", "dest": k.op.ID})
	k.guest.ExpectError("not authorised")
	k.op.Send(message{"type": "useraction", "kind": "identify", "dest": "nobody"})
	k.op.ExpectError("client not found")
	for _, kind := range []string{"clearchat", "lock", "unlock", "subgroups", "setdata", "record", "unrecord"} {
		k.guest.Send(message{"type": "groupaction", "kind": kind, "value": message{}})
		k.guest.ExpectError("not authorised")
	}
	k.op.ExpectSilence()
}

func TestLosingPresentEndsStreams(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	k := newSchool(t)
	k.op.Send(message{"type": "request", "request": message{"": []string{"audio"}}})
	for _, id := range []string{"a", "b"} {
		k.guest.Send(message{"type": "offer", "id": id, "sdp": "audio"})
		k.guest.Expect(message{"type": "answer", "id": id})
		k.op.Expect(message{"type": "offer", "id": id})
	}
	k.act("unpresent")
	k.expectPermissions("message")
	for _, id := range []string{"a", "b"} {
		k.guest.Expect(message{"type": "abort", "id": id})
		k.guest.ExpectError("permission denied")
		k.op.Expect(message{"type": "close", "id": id})
	}
	// The reference client answers the abort.
	k.guest.Send(message{"type": "close", "id": "a"})
	k.guest.ExpectSilence()
	k.op.ExpectSilence()
}

func TestIdentify(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	k := newSchool(t)
	k.act("identify")
	warning := message{
		"type": "usermessage", "kind": "warning", "source": nil, "username": nil, "privileged": true,
		"value": "Your IP address has been communicated to user op.",
	}
	k.guest.Expect(warning)
	m := k.op.Expect(message{"type": "usermessage", "kind": "userinfo", "privileged": true, "source": nil, "dest": nil})
	value, _ := m["value"].(message)
	address, _ := value["address"].(string)
	if value["id"] != k.guest.ID || value["username"] != "guest" || !strings.HasPrefix(address, "127.0.0.1:") || len(value) != 3 {
		t.Errorf("user info %v", value)
	}
	k.op.Send(message{"type": "useraction", "kind": "identify", "dest": k.op.ID})
	k.op.Expect(warning)
	k.op.Expect(message{"type": "usermessage", "kind": "userinfo"})
}

func TestLockAndUnlock(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	k := newSchool(t)
	lock := func(action message, locked any) {
		t.Helper()
		action["type"] = "groupaction"
		k.op.Send(action)
		for _, c := range []*wstest.Client{k.op, k.guest} {
			m := c.Expect(message{"type": "joined", "kind": "change", "group": "g"})
			if status := m["status"].(message); status["locked"] != locked {
				t.Errorf("status %v", status)
			}
		}
	}
	refused := func(reason string) {
		t.Helper()
		c := k.shakeHands()
		c.Send(wstest.JoinMessage("g", "talker", "talker"))
		c.Expect(message{"type": "joined", "kind": "fail", "value": reason})
	}
	lock(message{"kind": "lock"}, true)
	refused("this group is locked")
	lock(message{"kind": "lock", "value": "exam under way"}, true)
	refused("exam under way")
	lock(message{"kind": "lock", "value": []int{1}}, true)
	refused("this group is locked")
	another := k.join("g", "op", "op")
	k.op.Expect(message{"type": "user", "kind": "add", "id": another.ID})
	k.guest.Expect(message{"type": "user", "kind": "add", "id": another.ID})
	lock(message{"kind": "unlock"}, nil)
	k.join("g", "talker", "talker")
	k.op.Await(message{"type": "user", "kind": "add", "username": "talker"})
	k.op.Send(message{"type": "groupaction", "kind": "lock", "value": strings.Repeat("x", 4097)})
	k.op.ExpectError("message too long")
}

func TestGroupIsLockedWhenTheLastOperatorGoes(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	for name, go_ := range map[string]func(*school){
		"unop":  func(k *school) { k.op.Send(message{"type": "useraction", "kind": "unop", "dest": k.op.ID}) },
		"leave": func(k *school) { k.op.Drop() },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			k := newSchool(t)
			k.write("g", strings.Replace(open, "{", `{"autolock": true, "comment": "",`, 1))
			if _, err := k.Registry.Get("g"); err != nil {
				t.Fatal(err)
			}
			k.guest.Expect(message{"type": "joined", "kind": "change"})
			go_(k)
			k.guest.Expect(message{"type": "user", "id": k.op.ID})
			m := k.guest.Expect(message{"type": "joined", "kind": "change"})
			if m["status"].(message)["locked"] != true {
				t.Errorf("status %v", m["status"])
			}
		})
	}
}

func TestEverybodyHasToGoWhenTheLastOperatorGoes(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	k := newSchool(t)
	k.write("g", strings.Replace(open, "{", `{"autokick": true, "comment": "",`, 1))
	k.op.Send(message{"type": "useraction", "kind": "unop", "dest": k.op.ID})
	k.op.Send(message{"type": "ping"})
	k.op.Await(message{"type": "pong"})
	if _, err := k.Registry.Get("g"); err != nil {
		t.Fatal(err)
	}
	for _, c := range []*wstest.Client{k.op, k.guest} {
		c.Await(message{
			"type": "usermessage", "kind": "kicked", "id": nil, "username": nil, "privileged": true,
			"value": "there are no operators in this group",
		})
		c.ExpectClose(1000, "kicked out (there are no operators in this group)")
	}
}

func TestGroupData(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	k := newSchool(t)
	set := func(value any) { k.op.Send(message{"type": "groupaction", "kind": "setdata", "value": value}) }
	set(message{"agenda": "fractions", "x": 1})
	for _, c := range []*wstest.Client{k.op, k.guest} {
		c.Expect(message{"type": "joined", "kind": "change", "data": message{"agenda": "fractions", "x": 1}})
	}
	set(message{"x": nil})
	for _, c := range []*wstest.Client{k.op, k.guest} {
		c.Expect(message{"type": "joined", "kind": "change", "data": message{"agenda": "fractions"}})
	}
	c := k.dial()
	if m := c.Join("g", "x", ""); !wstest.Matches(m, message{"data": message{"agenda": "fractions"}}) {
		t.Errorf("joined %v", m)
	}
	k.op.Expect(message{"type": "user"})
	for _, bad := range []any{nil, "x", 1, []int{}} {
		set(bad)
		k.op.ExpectError("Bad value in setdata")
	}
	set(message{"x": strings.Repeat("x", 1<<16)})
	k.op.ExpectError("group data too large")
	// A change of permissions does not make it forgotten.
	k.guest.Expect(message{"type": "user"})
	k.act("shutup")
	k.guest.Expect(message{"type": "joined", "kind": "change", "data": message{"agenda": "fractions"}})
}

func TestClearChat(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	k := newSchool(t)
	say := func(c *wstest.Client, id string) {
		t.Helper()
		c.Send(message{"type": "chat", "id": id, "value": id})
		k.op.Expect(message{"type": "chat", "id": id})
		k.guest.Expect(message{"type": "chat", "id": id})
	}
	remembered := func(want ...string) {
		t.Helper()
		c := k.dial()
		c.Join("g", "x", "")
		for _, id := range want {
			c.Expect(message{"type": "chathistory", "id": id, "value": id})
		}
		c.Expect(message{"type": "user", "kind": "add", "id": c.ID})
		c.Send(message{"type": "join", "kind": "leave", "group": "g"})
		k.op.Await(message{"type": "user", "kind": "delete", "id": c.ID})
		k.guest.Await(message{"type": "user", "kind": "delete", "id": c.ID})
	}
	clearing := func(value any) {
		t.Helper()
		k.op.Send(message{"type": "groupaction", "kind": "clearchat", "value": value})
		for _, c := range []*wstest.Client{k.op, k.guest} {
			c.Expect(message{
				"type": "usermessage", "kind": "clearchat", "privileged": true, "value": value,
				"source": nil, "username": nil, "dest": nil,
			})
		}
	}
	say(k.op, "1")
	say(k.guest, "2")
	say(k.guest, "3")
	say(k.op, "4")
	clearing(message{"id": "1", "userId": k.guest.ID})
	remembered("1", "2", "3", "4")
	clearing(message{"id": "1", "userId": k.op.ID})
	remembered("2", "3", "4")
	clearing(message{"userId": k.guest.ID})
	remembered("4")
	clearing(message{})
	remembered()
	say(k.op, "5")
	clearing(nil)
	remembered()
	for _, bad := range []any{message{"id": "1"}, "x", []int{}, 1, message{"userId": 1}} {
		k.op.Send(message{"type": "groupaction", "kind": "clearchat", "value": bad})
		k.op.ExpectError("bad value in clearchat")
	}
}

func TestSubgroups(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	s := newServer(t, map[string]string{"g": open, "g/one": open, "g/two/deep": open, "g/empty": open, "gg": open})
	s.join("g/one", "x", "")
	s.join("g/two/deep", "x", "")
	s.join("g/two/deep", "y", "")
	s.join("gg", "x", "")
	op := s.join("g", "op", "op")
	op.Send(message{"type": "groupaction", "kind": "subgroups"})
	op.Expect(message{
		"type": "chat", "source": nil, "username": "Server", "dest": op.ID,
		"value": "g/one (1 client)\ng/two/deep (2 clients)\n",
	})
}
