package ws_test

import (
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"galene/group/leaktest"
	"galene/webserver/wstest"
)

// TestSecretStaysValidUntilTheNextOneIsThere loses the server's answer, with the
// new secret, after a client has come back without saying anything.
func TestSecretStaysValidUntilTheNextOneIsThere(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	s := newOpenServer(t)
	g := s.seat("talker", "talker")
	for range 3 {
		g.resume(1)
		for range 2 {
			g.dial()
			g.Expect(message{"type": "handshake"}) // lost
		}
	}
	g.resume(1)
	g.Send(message{"type": "chat", "value": "back"})
	g.expect(message{"type": "chat", "value": "back"})
}

// TestSocketsThatCompeteForASeat opens many with the same secret at once: one
// of them has the seat in the end, and the others notice nothing.
func TestSocketsThatCompeteForASeat(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	s, op, g := newSeat(t, "talker")
	g.Drop()
	const sockets = 8
	clients := make([]*wstest.Client, sockets)
	for i := range clients {
		clients[i] = s.dial()
	}
	var wg sync.WaitGroup
	for _, c := range clients {
		wg.Go(func() {
			c.Send(message{
				"type": "handshake", "version": []string{"2"}, "id": g.ID,
				"resume": message{"secret": g.secret, "received": g.received},
			})
		})
	}
	wg.Wait()
	ended := make(chan struct{}, sockets)
	for _, c := range clients {
		wg.Go(func() {
			c.TrySendRaw(`{"type":"ping"}`)
			for {
				m, ok := c.TryNext()
				if !ok {
					ended <- struct{}{}
					return
				}
				if resume, is := m["resume"].(message); is && resume["resumed"] != true {
					// One who was too late may have no more than another seat.
					c.TrySendRaw(`{"type":"join","kind":"join","group":"g","username":"talker","password":"talker"}`)
				}
				if m["type"] == "joined" && m["kind"] != "fail" {
					t.Errorf("joined as %v", m)
				}
				if m["type"] == "chat" || m["kind"] == "fail" {
					c.Drop()
				}
			}
		})
	}
	// Whoever is left hears what is said.
	for range sockets - 1 {
		<-ended
	}
	op.Send(message{"type": "chat", "value": "who is there?"})
	op.Expect(message{"type": "chat"})
	wg.Wait()
	op.ExpectSilence()
}

// talkative is a guest who remembers what he said, and says again what the
// server has not heard.
type talkative struct {
	*guest
	said  []message
	heard []string
}

func (p *talkative) say(m message) {
	p.said = append(p.said, m)
	p.Send(m)
}

// comeBack opens another socket, in the place of one that is broken or may be.
func (p *talkative) comeBack() {
	p.s.t.Helper()
	p.dial()
	m := p.Expect(message{"type": "handshake"})
	resume := m["resume"].(message)
	if resume["resumed"] != true {
		p.s.t.Errorf("%s: the seat is gone", p.ID)
		return
	}
	p.secret = resume["secret"].(string)
	received, _ := resume["received"].(float64)
	for _, m := range p.said[int(received):] {
		p.Send(m)
	}
}

// listen hears n chat messages.
func (p *talkative) listen(n int) {
	p.s.t.Helper()
	for len(p.heard) < n {
		m := p.next()
		if m["type"] == "chat" {
			p.heard = append(p.heard, m["value"].(string))
		}
	}
}

// TestNothingIsLostOrDoubledWhileSocketsAreCut has members talk at once while
// their sockets break at any moment, mostly in the middle of something.
func TestNothingIsLostOrDoubledWhileSocketsAreCut(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	const members, lines, cuts = 4, 80, 12
	s := newOpenServer(t)
	witness := s.join("g", "x", "")
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	everybody := make([]*talkative, members)
	for i := range everybody {
		everybody[i] = &talkative{guest: s.seat("talker", "talker")}
		everybody[i].said = []message{wstest.JoinMessage("g", "talker", "talker")}
	}
	var wg sync.WaitGroup
	for i, p := range everybody {
		random := rand.New(rand.NewPCG(seed, uint64(i)))
		wg.Go(func() {
			for line := range lines {
				p.say(message{"type": "chat", "value": fmt.Sprintf("%d/%d", i, line)})
				switch random.IntN(lines / cuts) {
				case 0:
					p.Drop()
					p.comeBack()
				case 1:
					// The old one hangs.
					p.comeBack()
				case 2:
					p.listen(min(len(p.heard)+random.IntN(20), line))
				}
			}
			p.listen(members * lines)
		})
	}
	wg.Wait()
	for i, p := range everybody {
		next := make([]int, members)
		for j, value := range p.heard {
			var from, line int
			fmt.Sscanf(value, "%d/%d", &from, &line)
			if line != next[from] {
				t.Fatalf("%d heard %s instead of line %d", i, value, next[from])
			}
			next[from]++
			if value != everybody[0].heard[j] {
				t.Fatalf("%d heard %s where 0 heard %s", i, value, everybody[0].heard[j])
			}
		}
	}
	// The witness has seen them come, and nobody go.
	witness.Send(message{"type": "ping"})
	added := 0
	for m := witness.Next(); m["type"] != "pong"; m = witness.Next() {
		if m["type"] == "user" {
			added++
			if m["kind"] != "add" {
				t.Errorf("the witness heard %v", m)
			}
		}
	}
	if added != members {
		t.Errorf("%d were seen coming", added)
	}
}

// TestOffersWhileTheSocketIsAway loses an offer of the client's, an answer of
// the server's and an offer of the server's, which may be answered as long after
// the return as any other.
func TestOffersWhileTheSocketIsAway(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	inMadeUpTimeWith(t, 50*time.Second, func(t *testing.T, s *server, p *pipes) {
		seat := func(username string) *talkative {
			g := &guest{Client: wstest.DialConn(t, p.dial()), s: s, redial: p.dial}
			g.Send(message{"type": "handshake", "version": []string{"2"}, "id": g.ID, "resume": message{}})
			g.learn(g.Expect(message{"type": "handshake"}), nil, nil)
			k := &talkative{guest: g}
			k.say(wstest.JoinMessage("g", username, username))
			g.await(message{"type": "user", "kind": "add", "id": g.ID})
			return k
		}
		alice, bob := seat("guest"), seat("guest")
		alice.expect(message{"type": "user", "kind": "add", "id": bob.ID})
		bob.expect(message{"type": "user", "kind": "add", "id": alice.ID})
		bob.say(message{"type": "request", "request": message{"": []string{"audio"}}})
		bob.Send(message{"type": "ping"})
		bob.Await(message{"type": "pong"})

		// What alice says goes nowhere; then the answer does.
		alice.Drop()
		alice.said = append(alice.said, message{"type": "offer", "id": "s", "sdp": "audio"})
		alice.comeBack()
		bob.expect(message{"type": "offer", "id": "s", "sdp": "1 audio"})
		bob.received-- // lost
		bob.Drop()
		alice.Drop()
		alice.comeBack()
		alice.expect(message{"type": "answer", "id": "s"})

		// Bob has been offered the stream, and comes back 29 s later.
		time.Sleep(29 * time.Second)
		bob.comeBack()
		bob.expect(message{"type": "offer", "id": "s", "sdp": "1 audio"})
		time.Sleep(10 * time.Second)
		bob.say(message{"type": "answer", "id": "s", "sdp": "fine"})
		bob.Send(message{"type": "ping"})
		if m := bob.Next(); m["type"] != "pong" {
			t.Errorf("heard %v", m)
		}
		alice.say(message{"type": "close", "id": "s"})
		bob.expect(message{"type": "close", "id": "s"})
	})
}

// TestFloodWhileAway ends the seat of somebody who misses too many messages.
func TestFloodWhileAway(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	const talkers, lines = 11, 400 // more than the seat keeps
	s, op, g := newSeat(t, "talker")
	g.Drop()
	var wg sync.WaitGroup
	for range talkers {
		c := s.join("g", "talker", "talker")
		wg.Go(func() {
			for range lines {
				c.Send(message{"type": "chat", "dest": g.ID, "value": "x"})
			}
			c.Send(message{"type": "ping"})
			c.Await(message{"type": "pong"})
		})
	}
	wg.Wait()
	op.Await(message{"type": "user", "kind": "delete", "id": g.ID})
	g.dial()
	g.learn(g.Expect(message{"type": "handshake"}), nil, nil)
}

// TestWhoIsAwayIsLockedInNotOut locks the group behind the back of a member.
func TestWhoIsAwayIsLockedInNotOut(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	s := newOpenServer(t)
	op := s.join("g", "op", "op")
	g := s.seat("talker", "talker")
	g.expect(message{"type": "user", "kind": "add", "id": op.ID})
	g.Drop()
	op.Await(message{"type": "user", "kind": "add", "id": g.ID})
	op.Send(message{"type": "groupaction", "kind": "lock", "value": "too late"})
	op.Expect(message{"type": "joined", "kind": "change"})
	g.resume(1)
	g.expect(message{"type": "joined", "kind": "change", "status": message{"name": "g", "locked": true, "clientCount": 2}})
	g.Send(message{"type": "chat", "value": "still here"})
	op.Expect(message{"type": "chat", "value": "still here"})
}

// TestSeatsEndWithTheServer shows a new server the secret of an old one.
func TestSeatsEndWithTheServer(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	s := newOpenServer(t)
	g := s.seat("talker", "talker")
	s.stop()
	g.Await(message{"type": "usermessage", "kind": "kicked", "error": "shutting-down"})
	g.ExpectClose(1000, "kicked out (server is shutting down)")
	g.s = newOpenServer(t)
	g.dial()
	g.learn(g.Expect(message{"type": "handshake"}), nil, nil)
	g.Send(wstest.JoinMessage("g", "talker", "talker"))
	g.Expect(message{"type": "joined", "kind": "join"})
}
