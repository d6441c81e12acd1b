package ws_test

import (
	"fmt"
	"slices"
	"strconv"
	"sync"
	"testing"

	"galene/group/leaktest"
	"galene/webserver/wstest"
)

// TestOrderWithFiftyClients has fifty clients join, chat, change their data and
// leave at once, and checks what a few that stay have heard: everybody's coming
// before what he says, nothing after his going, and one order for all.
func TestOrderWithFiftyClients(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	const visitors, lines, observers = 50, 5, 3
	s := newOpenServer(t)
	watching := make([]*wstest.Client, observers)
	for i := range observers {
		watching[i] = s.dial()
		watching[i].Join("g", "watcher", "")
	}
	var wg sync.WaitGroup
	for i := range visitors {
		c := s.dial()
		wg.Go(func() { visit(t, c, i, lines) })
	}
	var heard [observers][]wstest.Message
	for i, w := range watching {
		wg.Go(func() {
			for gone := 0; gone < visitors; {
				m := w.Next()
				heard[i] = append(heard[i], m)
				if m["type"] == "user" && m["kind"] == "delete" {
					gone++
				}
			}
		})
	}
	wg.Wait()
	if t.Failed() {
		return
	}
	order := chatOrder(heard[0])
	if len(order) != visitors*lines {
		t.Errorf("%d lines were heard", len(order))
	}
	for i := range observers {
		checkPresence(t, heard[i])
		if got := chatOrder(heard[i]); !slices.Equal(got, order) {
			t.Errorf("observers 0 and %d heard different orders", i)
		}
	}
}

// visit joins, says its lines and leaves; what it hears itself must be a whole:
// the history and what follows hold every line once.
func visit(t *testing.T, c *wstest.Client, number, lines int) {
	c.Handshake()
	c.Send(wstest.JoinMessage("g", "talker", "talker"))
	first := c.Next()
	if first["type"] != "joined" || first["kind"] != "join" {
		t.Errorf("the first message is %v", first)
		return
	}
	for n := range lines {
		c.Send(message{"type": "useraction", "kind": "setdata", "dest": c.ID, "value": message{"n": n}})
		c.Send(message{"type": "chat", "value": fmt.Sprintf("%d/%d", number, n)})
	}
	seen := make(map[any]bool)
	var last any
	changes := 0
	for own := 0; own < lines; {
		m := c.Next()
		switch m["type"] {
		case "chat", "chathistory":
			if seen[m["id"]] {
				t.Errorf("visitor %d got %v twice", number, m)
			}
			seen[m["id"]] = true
			if m["source"] == c.ID {
				last = m["value"]
				own++
			}
		case "user":
			if m["kind"] == "change" && m["id"] == c.ID {
				if got, want := fmt.Sprint(m["data"]), "map[n:"+strconv.Itoa(changes)+"]"; got != want {
					t.Errorf("change %d of visitor %d: %s", changes, number, got)
				}
				changes++
			}
		}
	}
	if last != fmt.Sprintf("%d/%d", number, lines-1) || changes != lines {
		t.Errorf("visitor %d ends with %v after %d changes", number, last, changes)
	}
	if number%2 == 0 {
		c.Send(message{"type": "join", "kind": "leave", "group": "g"})
		c.Await(message{"type": "joined", "kind": "leave"})
		c.ExpectSilence()
	}
	c.Drop()
}

// TestSteadyReadersSurviveABurst has everybody say at once as much as may be
// said at once: nobody who reads is dropped, and all hear all in one order.
func TestSteadyReadersSurviveABurst(t *testing.T) {
	leaktest.Check(t)
	inMadeUpTime(t, func(t *testing.T, _ *server, p *pipes) {
		const talkers, lines = 8, 480
		clients := make([]*wstest.Client, talkers)
		for i := range clients {
			clients[i] = wstest.DialConn(t, p.dial())
			clients[i].Join("g", "talker", "talker")
			clients[i].Await(message{"type": "user", "kind": "add", "id": clients[i].ID})
		}
		var orders [talkers][]string
		var wg sync.WaitGroup
		for i, c := range clients {
			wg.Go(func() {
				for n := range lines {
					c.Send(message{"type": "chat", "value": fmt.Sprintf("%d/%d", i, n)})
				}
			})
			wg.Go(func() {
				for len(orders[i]) < talkers*lines {
					if m := c.Next(); m["type"] == "chat" {
						orders[i] = append(orders[i], m["value"].(string))
					}
				}
			})
		}
		wg.Wait()
		for i := range orders {
			if !slices.Equal(orders[i], orders[0]) {
				t.Errorf("clients 0 and %d heard different orders", i)
			}
		}
	})
}

// checkPresence checks that nobody is heard of before he comes, or after he has
// gone.
func checkPresence(t *testing.T, heard []wstest.Message) {
	t.Helper()
	present := make(map[any]bool)
	for _, m := range heard {
		id := m["id"]
		switch m["type"] {
		case "chat":
			if !present[m["source"]] {
				t.Errorf("%v is heard while its sender is not there", m)
			}
		case "user":
			if m["kind"] == "add" == present[id] {
				t.Errorf("%v does not fit who is there", m)
			}
			present[id] = m["kind"] != "delete"
		}
	}
}

func chatOrder(heard []wstest.Message) []string {
	var order []string
	for _, m := range heard {
		if m["type"] == "chat" || m["type"] == "chathistory" {
			order = append(order, m["value"].(string))
		}
	}
	return order
}

// TestStreamsAreOfferedAfterTheirOwnersWereNamed asks for streams at the very
// moment when somebody comes in and sends one.
func TestStreamsAreOfferedAfterTheirOwnersWereNamed(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	s := newOpenServer(t)
	bob := s.join("g", "x", "")
	for i := range 40 {
		alice := s.dial()
		alice.Handshake()
		asked := make(chan struct{})
		go func() {
			defer close(asked)
			bob.Send(message{"type": "request", "request": message{"": []string{"audio"}}})
		}()
		id := fmt.Sprintf("s%d", i)
		alice.Send(wstest.JoinMessage("g", "guest", "guest"))
		alice.Send(message{"type": "offer", "id": id, "label": "camera", "sdp": "audio"})
		<-asked
		bob.Expect(message{"type": "user", "kind": "add", "id": alice.ID})
		bob.Expect(message{"type": "offer", "id": id, "source": alice.ID})
		bob.Send(message{"type": "answer", "id": id, "sdp": "fine"})
		bob.ExpectSilence()
		alice.Send(message{"type": "join", "kind": "leave", "group": "g"})
		bob.Await(message{"type": "user", "kind": "delete", "id": alice.ID})
		bob.Send(message{"type": "request", "request": message{}})
		bob.ExpectSilence()
	}
}
