package ws_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"galene/group/leaktest"
	"galene/webserver/wstest"
)

// actor is a client that does things at random, and remembers who it has heard
// is in the group.
type actor struct {
	*guest
	joined bool
	// view holds what was last told of each member.
	view map[string]string
}

// newActor joins; s.t fails if it cannot.
func newActor(s *server) *actor {
	s.t.Helper()
	a := &actor{guest: s.invite(), view: make(map[string]string)}
	a.Send(wstest.JoinMessage("g", "op", "op"))
	return a
}

// hear takes note of a message.
func (a *actor) hear(m message) {
	switch m["type"] {
	case "joined":
		switch m["kind"] {
		case "join":
			a.joined = true
			a.view = make(map[string]string)
		case "leave":
			a.joined = false
		}
	case "user":
		id := m["id"].(string)
		_, known := a.view[id]
		if known == (m["kind"] == "add") {
			a.s.t.Errorf("%v does not fit what was heard before", m)
		}
		if m["kind"] == "delete" {
			delete(a.view, id)
			return
		}
		text, _ := json.Marshal([]any{m["username"], m["permissions"], m["data"]})
		a.view[id] = string(text)
	}
}

// catchUp hears all that has been said; it tells whether the client still has a
// connection.
func (a *actor) catchUp() bool {
	if a.TrySendRaw(`{"type":"ping"}`) != nil {
		return false
	}
	for {
		m, ok := a.TryNext()
		if !ok {
			return false
		}
		switch m["type"] {
		case "pong":
			return true
		case "ping", "ack":
		case "usermessage":
			a.received++
			if m["kind"] == "kicked" {
				return false
			}
		default:
			a.received++
			a.hear(m)
		}
	}
}

// TestViewsOfTheMembersConverge has clients join, leave, lose their sockets and
// come back, change their data, and act on each other, at random. Whatever
// happens, all views of who is there are the same in the end.
func TestViewsOfTheMembersConverge(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	for round := range 4 {
		t.Run(fmt.Sprint(round), func(t *testing.T) {
			t.Parallel()
			converge(t, rand.Uint64())
		})
	}
}

func converge(t *testing.T, seed uint64) {
	t.Logf("seed %d", seed)
	const clients, steps = 6, 300
	random := rand.New(rand.NewPCG(seed, 1))
	s := newServer(t, map[string]string{"g": strings.Replace(open, `"permissions": "op"`, `"permissions": ["op", "message"]`, 1)})
	actors := make([]*actor, clients)
	for i := range actors {
		actors[i] = newActor(s)
	}
	for step := range steps {
		i := random.IntN(clients)
		a, dest := actors[i], actors[random.IntN(clients)].ID
		var text string
		switch random.IntN(20) {
		case 0:
			text = `{"type":"join","kind":"leave","group":"g"}`
			if !a.catchUp() || !a.joined {
				text = `{"type":"pong"}`
			}
		case 1:
			if !a.catchUp() || a.joined {
				continue
			}
			text = `{"type":"join","kind":"join","group":"g","username":"op","password":"op"}`
		case 2:
			a.Drop()
			actors[i] = newActor(s)
			continue
		case 3:
			if a.catchUp() && a.joined {
				a.Drop()
				if !a.redial() {
					actors[i] = newActor(s)
				}
			}
			continue
		case 4:
			text = fmt.Sprintf(`{"type":"useraction","kind":"kick","dest":%q}`, dest)
		case 5, 6, 7, 8:
			kind := []string{"op", "unop", "present", "unpresent", "shutup", "unshutup"}[random.IntN(6)]
			text = fmt.Sprintf(`{"type":"useraction","kind":%q,"dest":%q}`, kind, dest)
		default:
			text = fmt.Sprintf(`{"type":"useraction","kind":"setdata","dest":%q,"value":{"step":%d}}`, a.ID, step)
		}
		if a.TrySendRaw(text) != nil || random.IntN(8) == 0 && !a.catchUp() {
			actors[i] = newActor(s)
		}
	}
	// Those who were cut off go when the server notices; nothing else happens
	// any more.
	deadline := time.Now().Add(time.Minute)
	for {
		views := make(map[string]bool)
		for i, a := range actors {
			if !a.catchUp() {
				actors[i] = newActor(s)
				views[fmt.Sprint("new ", i)] = true
				continue
			}
			if a.joined {
				text, _ := json.Marshal(a.view)
				views[string(text)] = true
			}
		}
		if len(views) <= 1 {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("the views differ: %v", views)
		}
	}
}

// redial comes back to the seat; it tells whether that was still there, as it
// must be unless he was kicked.
func (a *actor) redial() bool {
	a.s.t.Helper()
	old := a.Client
	a.dial()
	m := a.Expect(message{"type": "handshake"})
	resume := m["resume"].(message)
	a.secret = resume["secret"].(string)
	if resume["resumed"] == true {
		return true
	}
	for kicked := false; !kicked; {
		left, ok := old.TryNext()
		if !ok {
			a.s.t.Errorf("not resumed: %v", m)
			break
		}
		kicked = left["kind"] == "kicked"
	}
	return false
}
