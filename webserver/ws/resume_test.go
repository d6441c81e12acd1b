package ws_test

import (
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"galene/group/leaktest"
	"galene/webserver/wstest"
)

// guest is a client that knows how to resume.
type guest struct {
	*wstest.Client
	s      *server
	secret string
	// received counts the numbered messages.
	received int
	// redial makes a connection for another socket; nil means by the network.
	redial func() net.Conn
}

// invite returns a client, in no group, that may resume.
func (s *server) invite() *guest {
	s.t.Helper()
	g := &guest{Client: s.dial(), s: s}
	g.Send(message{"type": "handshake", "version": []string{"2"}, "id": g.ID, "resume": message{}})
	g.learn(g.Expect(message{"type": "handshake", "version": []any{"2"}}), nil, nil)
	return g
}

// seat returns a client in the group g that may resume.
func (s *server) seat(username, password string) *guest {
	s.t.Helper()
	g := s.invite()
	g.Send(wstest.JoinMessage("g", username, password))
	g.await(message{"type": "user", "kind": "add", "id": g.ID})
	return g
}

// newSeat returns an operator, and a guest who may resume, in a group of a new
// server; each has heard of the other.
func newSeat(t *testing.T, username string) (s *server, op *wstest.Client, g *guest) {
	t.Helper()
	s = newOpenServer(t)
	op = s.join("g", "op", "op")
	g = s.seat(username, username)
	op.Expect(message{"type": "user", "kind": "add", "id": g.ID})
	g.expect(message{"type": "user", "kind": "add", "id": op.ID})
	return s, op, g
}

// learn takes the server's handshake, which must say of the seat what it
// should.
func (g *guest) learn(handshake message, resumed, received any) {
	g.s.t.Helper()
	resume, _ := handshake["resume"].(message)
	secret, _ := resume["secret"].(string)
	if len(secret) < 50 || secret == g.secret || resume["grace"] == nil ||
		!wstest.Matches(resume, message{"resumed": resumed, "received": received}) {
		g.s.t.Fatalf("handshake %v", handshake)
	}
	g.secret = secret
}

// next returns the next message that counts.
func (g *guest) next() message {
	g.s.t.Helper()
	for {
		m := g.Next()
		if m["type"] != "ack" && m["type"] != "pong" && m["type"] != "ping" {
			g.received++
			return m
		}
	}
}

func (g *guest) expect(want message) message {
	g.s.t.Helper()
	m := g.next()
	if !wstest.Matches(m, want) {
		g.s.t.Fatalf("got %v, want %v", m, want)
	}
	return m
}

func (g *guest) await(want message) {
	g.s.t.Helper()
	for !wstest.Matches(g.next(), want) {
	}
}

// dial opens another socket and asks for the seat.
func (g *guest) dial() {
	g.s.t.Helper()
	id := g.ID
	if g.redial != nil {
		g.Client = wstest.DialConn(g.s.t, g.redial())
	} else {
		g.Client = g.s.dial()
	}
	g.ID = id
	g.Send(message{
		"type": "handshake", "version": []string{"2"}, "id": g.ID,
		"resume": message{"secret": g.secret, "received": g.received},
	})
}

// resume comes back; the server must have received so many messages.
func (g *guest) resume(received int) {
	g.s.t.Helper()
	g.dial()
	g.learn(g.Expect(message{"type": "handshake", "id": nil}), true, received)
}

func TestSeatSurvivesALostSocket(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	_, op, g := newSeat(t, "talker")
	sent := 1
	for round := range 5 {
		g.Drop()
		for i := range 40 {
			op.Send(message{"type": "chat", "value": fmt.Sprintf("%d/%d", round, i)})
			op.Expect(message{"type": "chat"})
		}
		g.resume(sent)
		for i := range 40 {
			g.expect(message{"type": "chat", "source": op.ID, "value": fmt.Sprintf("%d/%d", round, i)})
		}
		for i := range 20 {
			g.Send(message{"type": "chat", "value": fmt.Sprintf("back %d/%d", round, i)})
			sent++
		}
		for i := range 20 {
			want := message{"type": "chat", "source": g.ID, "value": fmt.Sprintf("back %d/%d", round, i)}
			op.Expect(want)
			g.expect(want)
		}
	}
	op.ExpectSilence()
}

func TestMessagesAreAcknowledged(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	s := newOpenServer(t)
	g := s.seat("talker", "talker")
	for range 15 {
		g.Send(message{"type": "chat", "value": "x"})
		g.Send(message{"type": "ping"})
	}
	g.Await(message{"type": "ack", "received": 16})
	g.Send(message{"type": "ack", "received": 5})
	g.Send(message{"type": "ack", "received": 3})
	g.Send(message{"type": "ack", "received": 1000})
	g.Await(message{"type": "usermessage", "kind": "error", "value": "no such message to acknowledge"})
	g.ExpectClose(1002, "no such message to acknowledge")
}

func TestAcknowledgedMessagesAreNotReplayed(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	s := newOpenServer(t)
	g := s.seat("talker", "talker")
	g.Send(message{"type": "ack", "received": g.received})
	g.Send(message{"type": "ping"})
	g.Await(message{"type": "pong"})
	g.Drop()
	g.received--
	g.dial()
	// What it asks for is not there any more: the seat is given up, and the
	// client may have another one.
	g.learn(g.Expect(message{"type": "handshake"}), nil, nil)
	g.Send(wstest.JoinMessage("g", "talker", "talker"))
	g.Expect(message{"type": "joined", "kind": "join"})
}

func TestOldClientsAreNotAffected(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	s := newOpenServer(t)
	c := s.dial()
	c.Send(message{"type": "handshake", "version": []string{"2"}, "id": c.ID})
	if m := c.Next(); len(m) != 2 {
		t.Errorf("handshake %v", m)
	}
	c.Send(message{"type": "ack", "received": 0})
	c.ExpectError("unexpected message")
	c.ExpectClose(1002, "unexpected message")
}

func TestSecretIsRenewed(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	s := newOpenServer(t)
	g := s.seat("talker", "talker")
	first := g.secret
	g.Drop()
	g.resume(1)
	// The answer might have been lost: the secret before still holds.
	second := g.secret
	g.Drop()
	g.secret = first
	g.resume(1)
	g.Drop()
	third := g.secret
	g.resume(1)
	// Now the client shows that it has the last one.
	g.Send(message{"type": "ping"})
	g.Await(message{"type": "pong"})
	for _, old := range []string{first, second, third, "", ".", first[:len(first)-1], "x" + g.secret} {
		c := s.dial()
		c.Send(message{
			"type": "handshake", "version": []string{"2"}, "id": g.ID, "resume": message{"secret": old, "received": g.received},
		})
		m := c.Expect(message{"type": "handshake"})
		if resume := m["resume"].(message); resume["resumed"] != nil {
			t.Errorf("%q opens the seat", old)
		}
		c.Send(wstest.JoinMessage("g", "talker", "talker"))
		c.Expect(message{"type": "joined", "kind": "fail", "value": "duplicate client id"})
	}
	// Nor does the right secret help who is somebody else.
	c := s.dial()
	c.Send(message{
		"type": "handshake", "version": []string{"2"}, "id": c.ID, "resume": message{"secret": g.secret, "received": g.received},
	})
	if m := c.Expect(message{"type": "handshake"}); m["resume"].(message)["resumed"] != nil {
		t.Error("somebody else has got the seat")
	}
	g.Send(message{"type": "chat", "value": "still here"})
	g.expect(message{"type": "chat", "value": "still here"})
}

func TestNewSocketSupersedesOneThatHangs(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	s := newOpenServer(t)
	g := s.seat("talker", "talker")
	old := g.Client
	g.resume(1)
	g.Send(message{"type": "chat", "value": "x"})
	g.expect(message{"type": "chat", "value": "x"})
	if err := old.AwaitEnd(); !wstest.IsAbnormal(err) {
		t.Errorf("the old socket ended with %v", err)
	}
}

func TestAbsentMemberIsModerated(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	_, op, g := newSeat(t, "guest")
	g.Send(message{"type": "offer", "id": "s", "sdp": "audio"})
	g.expect(message{"type": "answer", "id": "s"})
	op.Send(message{"type": "request", "request": message{"": []string{"audio"}}})
	op.Expect(message{"type": "offer", "id": "s"})
	g.Drop()
	op.Send(message{"type": "useraction", "kind": "unpresent", "dest": g.ID})
	op.Expect(message{"type": "user", "kind": "change", "id": g.ID})
	op.Expect(message{"type": "close", "id": "s"})
	g.resume(2)
	g.expect(message{"type": "joined", "kind": "change", "permissions": []any{"message"}})
	g.expect(message{"type": "user", "kind": "change", "id": g.ID})
	g.expect(message{"type": "abort", "id": "s"})
	g.expect(message{"type": "usermessage", "kind": "error", "value": "permission denied"})

	g.Drop()
	op.Send(message{"type": "useraction", "kind": "kick", "dest": g.ID, "value": "bye"})
	op.Expect(message{"type": "user", "kind": "delete", "id": g.ID})
	// He learns it when he comes back.
	g.resume(2)
	g.expect(message{"type": "usermessage", "kind": "kicked", "value": "bye"})
	g.ExpectClose(1000, "kicked out (bye) by op")
}

func TestStreamsGoOnWithoutTheSocket(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	s, op, g := newSeat(t, "guest")
	g.Send(message{"type": "request", "request": message{"": []string{"audio"}}})
	g.Send(message{"type": "offer", "id": "up", "sdp": "audio"})
	g.expect(message{"type": "answer", "id": "up"})
	op.Send(message{"type": "offer", "id": "down", "sdp": "audio"})
	op.Expect(message{"type": "answer", "id": "down"})
	g.expect(message{"type": "offer", "id": "down"})
	g.Send(message{"type": "answer", "id": "down", "sdp": "fine"})
	g.Send(message{"type": "ping"})
	g.Await(message{"type": "pong"})
	g.Drop()
	op.Send(message{"type": "offer", "id": "later", "sdp": "audio"})
	op.Expect(message{"type": "answer", "id": "later"})
	g.resume(4)
	g.expect(message{"type": "offer", "id": "later"})
	s.engine.mu.Lock()
	for _, u := range s.engine.up {
		if u.closed {
			t.Errorf("%s was closed", u.options.ID)
		}
	}
	for i, d := range s.engine.down {
		if d.closed {
			t.Errorf("down connection %d was closed", i)
		}
	}
	s.engine.mu.Unlock()
	op.ExpectSilence()
}

func TestAbsentMemberLeavesWhenTheTimeIsUp(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	for _, grace := range []time.Duration{time.Millisecond, -1} {
		t.Run(grace.String(), func(t *testing.T) {
			t.Parallel()
			s := newServerWith(t, nil, map[string]string{"g": open}, grace)
			op := s.join("g", "op", "op")
			c := s.dial()
			c.Send(message{"type": "handshake", "version": []string{"2"}, "id": c.ID, "resume": message{}})
			c.Send(wstest.JoinMessage("g", "talker", "talker"))
			op.Expect(message{"type": "user", "kind": "add", "id": c.ID})
			c.Drop()
			op.Expect(message{"type": "user", "kind": "delete", "id": c.ID})
		})
	}
}

func TestWhoSaysGoodByeHasLeft(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	_, op, g := newSeat(t, "talker")
	g.Close()
	op.Expect(message{"type": "user", "kind": "delete", "id": g.ID})
}

func TestWhoBreaksTheProtocolHasLeft(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	_, op, g := newSeat(t, "talker")
	g.SendRaw("{")
	op.Expect(message{"type": "user", "kind": "delete", "id": g.ID})
}

func TestSeatIsGivenUpWhenTooMuchIsMissed(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	_, op, g := newSeat(t, "talker")
	g.Drop()
	value := strings.Repeat("x", 512<<10)
	for i := 0; ; i++ {
		if i == 40 {
			t.Fatal("after 20 MiB the seat is still there")
		}
		op.Send(message{"type": "chat", "value": value})
		m := op.Next()
		if wstest.Matches(m, message{"type": "user", "kind": "delete", "id": g.ID}) {
			break
		}
	}
	g.dial()
	g.learn(g.Expect(message{"type": "handshake"}), nil, nil)
}

func TestShutdownDoesNotWaitForAbsentMembers(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	s, _, g := newSeat(t, "talker")
	g.Drop()
	s.Registry.Shutdown()
	if err := s.handler.Shutdown(t.Context()); err != nil {
		t.Error(err)
	}
}
