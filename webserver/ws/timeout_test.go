package ws_test

import (
	"encoding/json"
	"fmt"
	"net"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"galene/group/leaktest"
	"galene/webserver/ws"
	"galene/webserver/wstest"
)

// pipes is a net.Listener whose connections are pipes, so that the time of a
// test can be made up.
type pipes struct {
	accept chan net.Conn
	closed chan struct{}
	once   sync.Once
}

func newPipes() *pipes { return &pipes{accept: make(chan net.Conn), closed: make(chan struct{})} }

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case c := <-p.accept:
		return c, nil
	case <-p.closed:
		return nil, net.ErrClosed
	}
}

func (p *pipes) Close() error {
	p.once.Do(func() { close(p.closed) })
	return nil
}

func (p *pipes) Addr() net.Addr { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 1} }

// dial returns the client's end of a new connection.
func (p *pipes) dial() net.Conn {
	client, server := net.Pipe()
	p.accept <- server
	return client
}

// inMadeUpTime runs a test against a server in a time that passes when nothing
// else happens.
func inMadeUpTime(t *testing.T, f func(t *testing.T, s *server, p *pipes)) {
	t.Parallel()
	inMadeUpTimeWith(t, time.Hour, f)
}

// inMadeUpTimeWith also says how long a client without a socket keeps its seat.
func inMadeUpTimeWith(t *testing.T, grace time.Duration, f func(t *testing.T, s *server, p *pipes)) {
	synctest.Test(t, func(t *testing.T) {
		p := newPipes()
		f(t, newServerWith(t, p, map[string]string{"g": open}, grace), p)
	})
}

func TestSilenceBeforeTheHandshake(t *testing.T) {
	leaktest.Check(t)
	inMadeUpTime(t, func(t *testing.T, _ *server, p *pipes) {
		start := time.Now()
		c := wstest.DialConn(t, p.dial())
		time.Sleep(14 * time.Second)
		if err := c.AwaitEnd(); !wstest.IsAbnormal(err) {
			t.Errorf("ended with %v, want no close frame", err)
		}
		if d := time.Since(start); d < 15*time.Second || d > 16*time.Second {
			t.Errorf("ended after %v", d)
		}
	})
}

func TestSilenceAfterTheHandshake(t *testing.T) {
	leaktest.Check(t)
	inMadeUpTime(t, func(t *testing.T, _ *server, p *pipes) {
		c := wstest.DialConn(t, p.dial())
		c.Handshake()
		time.Sleep(19 * time.Second)
		c.ExpectSilence()
		time.Sleep(31 * time.Second)
		c.Expect(message{"type": "ping"})
		time.Sleep(19 * time.Second)
		c.ExpectClose(1011, "")
	})
}

func TestAnswerThatDoesNotCome(t *testing.T) {
	leaktest.Check(t)
	inMadeUpTime(t, func(t *testing.T, s *server, p *pipes) {
		join := func(name string) *wstest.Client {
			c := wstest.DialConn(t, p.dial())
			c.Join("g", name, name)
			c.Await(message{"type": "user", "kind": "add", "id": c.ID})
			return c
		}
		bob := join("x")
		alice := join("guest")
		bob.Expect(message{"type": "user"})
		alice.Expect(message{"type": "user"})
		k := &call{server: s, alice: alice, bob: bob}
		k.request(message{"": []string{"audio"}})
		k.publish("s", "", "audio", nil)
		bob.Expect(message{"type": "offer", "id": "s"})
		for range 2 {
			time.Sleep(14 * time.Second)
			bob.ExpectSilence()
			alice.ExpectSilence()
		}
		time.Sleep(3 * time.Second)
		k.expectClose("s")
		k.publish("t", "", "audio", nil)
		k.expectOffer("t", "1 audio", nil)
		time.Sleep(19 * time.Second)
		bob.ExpectSilence()
		time.Sleep(19 * time.Second)
		bob.ExpectSilence()
	})
}

// TestStreamsOfADeadClientVanish has a publisher fall silent, without a seat to
// come back to and with one: after 45 s, and not much later, the others hear
// that the stream is over, and the member is gone or, for half a minute more, is
// not.
func TestStreamsOfADeadClientVanish(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	for name, tt := range map[string]struct {
		handshake   message
		first, last time.Duration
	}{
		"an old client": {message{"type": "handshake", "version": []string{"2"}}, 45 * time.Second, 56 * time.Second},
		"one with a seat": {
			message{"type": "handshake", "version": []string{"2"}, "resume": message{}}, 75 * time.Second, 86 * time.Second,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inMadeUpTimeWith(t, 30*time.Second, func(t *testing.T, s *server, p *pipes) {
				bob := wstest.DialConn(t, p.dial())
				bob.Join("g", "x", "")
				bob.Expect(message{"type": "user", "kind": "add", "id": bob.ID})
				bob.Send(message{"type": "request", "request": message{"": []string{"audio"}}})
				alice := wstest.DialConn(t, p.dial())
				tt.handshake["id"] = alice.ID
				alice.Send(tt.handshake)
				alice.Send(wstest.JoinMessage("g", "guest", "guest"))
				alice.Send(message{"type": "offer", "id": "s", "sdp": "audio"})
				bob.Expect(message{"type": "user", "kind": "add", "id": alice.ID})
				bob.Expect(message{"type": "offer", "id": "s"})
				bob.Send(message{"type": "answer", "id": "s", "sdp": "fine"})
				silent := time.Now()
				m := message{"type": "pong"}
				for ; m["type"] == "pong"; m = bob.Next() {
					time.Sleep(time.Second)
					bob.Send(message{"type": "ping"})
				}
				if after := time.Since(silent); after < tt.first || after > tt.last || !wstest.Matches(m, message{"type": "close", "id": "s"}) {
					t.Errorf("after %v came %v", after, m)
				}
				bob.Await(message{"type": "user", "kind": "delete", "id": alice.ID})
			})
		})
	}
}

// TestFloodIsReadMoreSlowly sends a burst, which passes, and goes on, which
// takes its time; nothing is lost.
func TestFloodIsReadMoreSlowly(t *testing.T) {
	leaktest.Check(t)
	inMadeUpTime(t, func(t *testing.T, _ *server, p *pipes) {
		c := wstest.DialConn(t, p.dial())
		c.Handshake()
		start := time.Now()
		for range 490 {
			c.ExpectSilence()
		}
		if d := time.Since(start); d > time.Second {
			t.Errorf("the burst took %v", d)
		}
		for range 500 {
			c.ExpectSilence()
		}
		if d := time.Since(start); d < 9*time.Second || d > 11*time.Second {
			t.Errorf("500 more took %v", d)
		}
	})
}

// TestICEServersAreToldAgain has somebody stay for so long that the passwords
// of relays are about to become old.
func TestICEServersAreToldAgain(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := newPipes()
		asked := 0
		s := newServerOf(t, p, map[string]string{"g": open}, ws.Options{
			Engine: &fakeEngine{}, Grace: time.Hour, ICEServers: func() []ws.ICEServer {
				asked++
				return []ws.ICEServer{{URLs: []string{"turn:192.0.2.1"}, Username: fmt.Sprint(asked), Credential: json.RawMessage(`"x"`)}}
			},
		})
		defer s.stop()
		username := func(m message) any {
			servers := m["rtcConfiguration"].(message)["iceServers"].([]any)
			return servers[0].(message)["username"]
		}
		c := wstest.DialConn(t, p.dial())
		first := username(c.Join("g", "x", ""))
		c.Expect(message{"type": "user", "kind": "add", "id": c.ID})
		for joined := time.Now(); time.Since(joined) < 12*time.Hour; time.Sleep(15 * time.Second) {
			c.ExpectSilence()
		}
		c.ExpectSilence()
		time.Sleep(11 * time.Second)
		m := c.Expect(message{"type": "joined", "kind": "change", "group": "g", "username": "x", "permissions": nil, "status": message{"name": "g", "clientCount": 1}})
		if username(m) == first {
			t.Errorf("the user name is still %v", first)
		}
		c.ExpectSilence()
	})
}
