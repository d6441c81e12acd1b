package ws_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"galene/group/leaktest"
	"galene/webserver/wstest"
)

// types are all types of message, of either direction.
var types = []string{
	"handshake", "ping", "pong", "ack", "join", "joined", "user", "request", "requestStream", "offer", "answer", "ice",
	"renegotiate", "close", "abort", "chat", "chathistory", "usermessage", "useraction", "groupaction", "", "nonsense",
}

// kinds are the kinds that mean something in some type.
var kinds = []string{
	"", "join", "leave", "change", "fail", "me", "caption", "error", "kicked", "op", "unop", "present", "unpresent", "shutup",
	"unshutup", "kick", "identify", "setdata", "clearchat", "lock", "unlock", "subgroups", "record", "unrecord", "maketoken",
	"edittoken", "listtokens", "nonsense",
}

// values are JSON texts that members of any name are given.
var values = []string{
	`null`, `""`, `"x"`, `7`, `-1e99`, `true`, `[]`, `{}`, `[["x"]]`, `{"x":{"y":[null]}}`, `"` + strings.Repeat("x", 200) + `"`,
	`"\u0000\ud800"`, `{"":["audio","video"]}`, `["audio"]`, `{"secret":"x","received":7}`, `{"id":"x","userId":"x"}`,
	`{"candidate":"candidate:1 1 udp 1 192.0.2.1 9 typ host","sdpMid":"0"}`, `[` + strings.Repeat(`[`, 50) + strings.Repeat(`]`, 51),
}

// members are the names of all members but type and kind.
var members = []string{
	"version", "error", "id", "replace", "source", "dest", "username", "password", "token", "privileged", "permissions", "status",
	"data", "group", "value", "noecho", "time", "sdp", "candidate", "label", "request", "rtcConfiguration", "resume", "received",
}

// checkAlive checks that two clients can still talk.
func checkAlive(t *testing.T, a, b *wstest.Client) {
	t.Helper()
	a.Send(message{"type": "chat", "value": "alive?"})
	b.Await(message{"type": "chat", "source": a.ID, "value": "alive?"})
}

// TestEveryMessageInEveryState sends every type and kind with every member
// missing, of every other type, too long and repeated, before the handshake,
// before the join, in the group and after it was left.
func TestEveryMessageInEveryState(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	s := newOpenServer(t)
	op := s.join("g", "op", "op")
	witness := s.join("g", "talker", "talker")
	states := map[string]func(c *wstest.Client){
		"before the handshake": func(*wstest.Client) {},
		"before the join":      func(c *wstest.Client) { c.Handshake() },
		"in the group":         func(c *wstest.Client) { c.Join("g", "guest", "guest") },
		"after leaving": func(c *wstest.Client) {
			c.Join("g", "guest", "guest")
			c.Send(message{"type": "join", "kind": "leave", "group": "g"})
			c.Await(message{"type": "joined", "kind": "leave"})
		},
	}
	for name, enter := range states {
		for _, kind := range types {
			c := s.dial()
			enter(c)
			// Whatever ends the connection, the next one goes on.
			for i, member := range members {
				value := values[(i+len(kind))%len(values)]
				texts := []string{
					fmt.Sprintf(`{"type":%q,"kind":%q,%q:%s}`, kind, kinds[i%len(kinds)], member, value),
					fmt.Sprintf(`{"type":%q,"id":"x",%q:%s,%q:%s}`, kind, member, value, member, values[i%len(values)]),
				}
				for _, text := range texts {
					if c.TrySendRaw(text) != nil || c.Ended() {
						c = s.dial()
						enter(c)
					}
				}
			}
			c.Drop()
		}
		checkAlive(t, op, witness)
		t.Log(name)
	}
}

// TestThousandsOfOffers has several clients offer as many streams as they can.
func TestThousandsOfOffers(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	const offenders, offers, most = 5, 450, 64
	s := newOpenServer(t)
	op := s.join("g", "op", "op")
	witness := s.join("g", "talker", "talker")
	var wg sync.WaitGroup
	for range offenders {
		c := s.join("g", "guest", "guest")
		wg.Go(func() {
			for i := range offers {
				c.Send(message{"type": "offer", "id": fmt.Sprint(c.ID, i), "sdp": "audio"})
			}
			taken, refused := 0, 0
			for taken+refused < offers {
				switch m := c.Next(); m["type"] {
				case "answer":
					taken++
				case "abort":
					refused++
				}
			}
			if taken != most {
				t.Errorf("%d offers of %d were taken", taken, offers)
			}
			for i := range offers {
				c.Send(message{"type": "close", "id": fmt.Sprint("none", i)})
			}
			c.Drop()
		})
	}
	wg.Wait()
	checkAlive(t, op, witness)
}

// improviser makes messages out of bytes, such that many of them make sense.
type improviser struct {
	bytes []byte
	// ids are those of clients and streams that there may be.
	ids []string
	// offers are descriptions, good and bad.
	offers []string
}

func (m *improviser) next(n int) int {
	if len(m.bytes) == 0 {
		return 0
	}
	b := m.bytes[0]
	m.bytes = m.bytes[1:]
	return int(b) % n
}

func (m *improviser) id() string { return m.ids[m.next(len(m.ids))] }

// message returns the next message as text.
func (m *improviser) message() string {
	quoted := func(s string) string { b, _ := json.Marshal(s); return string(b) }
	switch m.next(16) {
	case 0:
		return fmt.Sprintf(`{"type":"join","kind":%q,"group":"g","username":%q,"password":%q}`,
			[]string{"join", "leave"}[m.next(2)], []string{"guest", "x"}[m.next(2)], []string{"guest", ""}[m.next(2)])
	case 1, 2, 3:
		return fmt.Sprintf(`{"type":"offer","id":%q,"replace":%q,"label":"camera","sdp":%q}`,
			m.id(), m.id(), m.offers[m.next(len(m.offers))])
	case 4:
		return fmt.Sprintf(`{"type":"answer","id":%q,"sdp":%q}`, m.id(), []string{"fine", "bad"}[m.next(2)])
	case 5:
		return fmt.Sprintf(`{"type":%q,"id":%q}`, []string{"close", "abort", "renegotiate"}[m.next(3)], m.id())
	case 6:
		return fmt.Sprintf(`{"type":"ice","id":%q,"candidate":{"candidate":"candidate:1 1 udp 1 192.0.2.1 9 typ host"}}`, m.id())
	case 7:
		return fmt.Sprintf(`{"type":"request","request":%s}`, []string{`{"":["audio","video"]}`, `{}`, `{"camera":["video-low"]}`, `[]`, `null`}[m.next(5)])
	case 8:
		return fmt.Sprintf(`{"type":"requestStream","id":%q,"request":%s}`, m.id(), []string{`["audio"]`, `[]`, `null`, `{}`}[m.next(4)])
	case 9:
		return fmt.Sprintf(`{"type":"chat","dest":%q,"noecho":%v,"value":"x"}`, []string{"", m.id()}[m.next(2)], m.next(2) == 0)
	case 10:
		return fmt.Sprintf(`{"type":"usermessage","kind":"x","dest":%q,"value":%s}`, m.id(), values[m.next(len(values))])
	case 11:
		return fmt.Sprintf(`{"type":"useraction","kind":%q,"dest":%q,"value":%s}`, kinds[m.next(len(kinds))], m.id(), values[m.next(len(values))])
	case 12:
		return fmt.Sprintf(`{"type":"groupaction","kind":%q,"value":%s}`, kinds[m.next(len(kinds))], values[m.next(len(values))])
	case 13:
		return `{"type":"ping"}`
	case 14:
		return fmt.Sprintf(`{"type":"ack","received":%d}`, m.next(3))
	}
	return fmt.Sprintf(`{"type":%q,"kind":%q,%q:%s,"id":%s}`, types[m.next(len(types))], kinds[m.next(len(kinds))],
		members[m.next(len(members))], values[m.next(len(values))], quoted(m.id()))
}

// TestHonestClientsAreNotDisturbed has several clients send random messages, in
// a group where two honest ones send media and chat.
func TestHonestClientsAreNotDisturbed(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	const offenders, messages = 6, 300
	k := newMediaCall(t)
	alice := k.seat("op", "op")
	bob := k.seat("x", "")
	stream, stop := k.show(alice, bob, "honest")
	k.disturb(alice, bob, offenders, messages)
	k.flow(stream, 50)
	stop()
	k.gapless(stream)
}

// descriptions returns offers, good and bad. Good ones, which cost the most, are
// the fewer.
func (k *mediaCall) descriptions() []string {
	k.t.Helper()
	p, err := k.generator.NewPublisher()
	k.check(err)
	k.t.Cleanup(func() { k.check(p.Close()) })
	good, err := p.Offer(k.ctx)
	k.check(err)
	return []string{good, "bad", "", good[:len(good)/2], strings.Replace(good, "sendonly", "recvonly", 1), "v=0"}
}

// disturb has offenders send random messages while alice talks to bob.
func (k *mediaCall) disturb(alice, bob *guest, offenders, messages int) {
	k.t.Helper()
	seed := rand.Uint64()
	k.t.Logf("seed %d", seed)
	descriptions := k.descriptions()
	var wg sync.WaitGroup
	for i := range offenders {
		random := rand.New(rand.NewPCG(seed, uint64(i)))
		wg.Go(func() {
			m := &improviser{ids: []string{alice.ID, bob.ID, "honest", "a", "b", "c", fmt.Sprintf("stream-%d", i), "", strings.Repeat("x", 129)}, offers: descriptions}
			var c *wstest.Client
			for range messages {
				if c == nil || c.Ended() {
					c = wstest.Dial(k.t, k.URL)
					c.TrySendRaw(fmt.Sprintf(`{"type":"handshake","version":["2"],"id":%q,"resume":{}}`, c.ID))
					c.TrySendRaw(`{"type":"join","kind":"join","group":"g","username":"guest","password":"guest"}`)
				}
				m.bytes = m.bytes[:0]
				for range 16 {
					m.bytes = append(m.bytes, byte(random.Uint32()))
				}
				c.TrySendRaw(m.message())
			}
			c.Drop()
		})
	}
	for i := range 40 {
		value := fmt.Sprintf("line %d", i)
		alice.Send(message{"type": "chat", "value": value})
		bob.await(message{"type": "chat", "source": alice.ID, "value": value})
	}
	wg.Wait()
}

// thinLine is a connection by which so many bytes a second come.
type thinLine struct {
	net.Conn
	rate int
}

func (l thinLine) Read(p []byte) (int, error) {
	n, err := l.Conn.Read(p[:min(len(p), l.rate/20)])
	time.Sleep(time.Duration(n) * time.Second / time.Duration(l.rate))
	return n, err
}

// TestNobodyIsFloodedOut has one member, who may do nothing, change a word of what it
// has told about itself again and again, and another one read all of that steadily by
// a thin line.
func TestNobodyIsFloodedOut(t *testing.T) {
	leaktest.Check(t)
	inMadeUpTime(t, func(t *testing.T, _ *server, p *pipes) {
		const changes = 320
		victim := wstest.DialConn(t, thinLine{p.dial(), 300 << 10})
		victim.Join("g", "x", "")
		offender := wstest.DialConn(t, p.dial())
		offender.Join("g", "x", "")
		offender.Send(message{"type": "useraction", "kind": "setdata", "dest": offender.ID, "value": largeData})
		var sending sync.WaitGroup
		sending.Go(func() {
			for i := range changes {
				offender.Send(message{"type": "useraction", "kind": "setdata", "dest": offender.ID, "value": message{"y": i}})
			}
		})
		for heard := 0; heard <= changes; {
			switch m := victim.Next(); m["type"] {
			case "ping":
				victim.Send(message{"type": "pong"})
			case "user":
				if m["kind"] == "change" {
					heard++
				}
			}
		}
		sending.Wait()
	})
}

// largeData are nearly as much as a user may tell about himself.
var largeData = message{"x": strings.Repeat("x", 60<<10)}

// TestWhoHasMuchSentIsReadMoreSlowly has members have 4 MiB sent to others, of which
// 2.5 are free.
func TestWhoHasMuchSentIsReadMoreSlowly(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	long := strings.Repeat("x", 60<<10)
	for name, say := range map[string]func(c *wstest.Client){
		"messages to all": func(c *wstest.Client) { c.Send(message{"type": "chat", "noecho": true, "value": long}) },
		"messages to one": func(c *wstest.Client) { c.Send(message{"type": "usermessage", "dest": "x", "value": long}) },
		"kinds":           func(c *wstest.Client) { c.Send(message{"type": "usermessage", "noecho": true, "kind": long}) },
		"data": func(c *wstest.Client) {
			c.Send(message{"type": "useraction", "kind": "setdata", "dest": c.ID, "value": largeData})
		},
		"coming and going": func(c *wstest.Client) {
			c.Send(message{"type": "join", "kind": "leave", "group": "g"})
			m := wstest.JoinMessage("g", "talker", "talker")
			m["data"] = largeData
			c.Send(m)
		},
	} {
		t.Run(name, func(t *testing.T) {
			inMadeUpTime(t, func(t *testing.T, _ *server, p *pipes) {
				c := wstest.DialConn(t, p.dial())
				c.Join("g", "talker", "talker")
				start := time.Now()
				for range 4 << 20 / len(long) {
					say(c)
				}
				c.Send(message{"type": "ping"})
				c.Await(message{"type": "pong"})
				if d := time.Since(start); d < 5*time.Second || d > 25*time.Second {
					t.Errorf("it took %v", d)
				}
			})
		})
	}
}

// TestComingAgainGainsNothing has somebody have others sent 5 MB, of which 2.6 are
// free, by one socket after the other.
func TestComingAgainGainsNothing(t *testing.T) {
	leaktest.Check(t)
	inMadeUpTime(t, func(t *testing.T, _ *server, p *pipes) {
		neighbour := wstest.DialConn(t, p.dial())
		neighbour.Join("g", "talker", "talker")
		long := strings.Repeat("x", 500<<10)
		start := time.Now()
		for range 10 {
			c := wstest.DialConn(t, p.dial())
			c.Join("g", "talker", "talker")
			c.Send(message{"type": "chat", "noecho": true, "value": long})
			neighbour.Await(message{"type": "chat", "source": c.ID})
			c.Drop()
		}
		if d := time.Since(start); d < 5*time.Second || d > 25*time.Second {
			t.Errorf("it took %v", d)
		}
		start = time.Now()
		for range 10 {
			neighbour.Send(message{"type": "chat", "value": "short"})
			neighbour.Await(message{"type": "chat", "value": "short"})
		}
		if d := time.Since(start); d > time.Second {
			t.Errorf("who was there before, at the same address, had to wait %v", d)
		}
	})
}
