package rtpconn

import (
	"encoding/binary"
	"net/netip"
	"testing"
	"time"

	"galene/group/leaktest"
	"galene/group/media"
	"galene/rtpconn/forward"
	"galene/rtpconn/socket"
	"galene/rtpconn/transportcc"

	"github.com/pion/rtp"
	"github.com/pion/webrtc/v3"
)

// access is the line of a bench's clients, who tell when each packet arrived.
type access struct {
	*bench
	// rate is what the line takes, in bit/s, lag how late it is told of what
	// arrived.
	rate float64
	lag  time.Duration
	// way is how long packets take beyond the line.
	way  time.Duration
	free time.Duration
	// coming are the numbers of packets that have not arrived, by the ports of
	// connections.
	coming    map[uint16][]arrival
	recorders map[uint16]*transportcc.Recorder
	messages  []message
	// pictures counts the packets of pictures that have been sent, frames those
	// that the publisher has.
	pictures, frames int
	sound            rtp.Packet
}

type arrival struct {
	number uint16
	at     time.Duration
}

type message struct {
	port uint16
	data []byte
	at   time.Duration
}

// newAccess makes one of 5 Mbit/s, with a client that gets a picture and sound.
func newAccess(t *testing.T, repair uint8, sound int) *access {
	t.Helper()
	const picture = 600_000 // bit/s
	a := &access{
		bench: newBench(t, 0, 1000), rate: 5e6, way: 20 * time.Millisecond,
		coming: make(map[uint16][]arrival), recorders: make(map[uint16]*transportcc.Recorder),
		sound: rtp.Packet{Header: rtp.Header{Version: 2, PayloadType: 111, SSRC: 2, SequenceNumber: 1}, Payload: make([]byte, sound)},
	}
	a.sink.keep = a.send
	a.client = "alice"
	a.watch(t, 1000, repair)
	up := a.up.sources[0]
	up.ladder = []rung{{ceiling(up, media.Wanted{}), picture, 0, 0}}
	up.measured = 1 << 60
	if sound > 0 {
		a.addAudio(t)
	}
	return a
}

// watch has another connection of the client get the picture.
func (a *access) watch(t *testing.T, port uint16, repair uint8) *DownTrack {
	t.Helper()
	up := a.up.sources[0]
	a.subscribe(t, up, port)
	row := up.rows[len(up.rows)-1]
	a.worker.do(func() {
		row.conn.number([]webrtc.RTPHeaderExtensionParameter{{URI: extensionTransportCC, ID: 5}})
		row.repair = repair
	})
	return row
}

// send takes what the server sends.
func (a *access) send(m socket.Message) {
	var p rtp.Packet
	if isRTCP(m.Data) || p.Unmarshal(m.Data) != nil {
		return
	}
	if a.free-a.now > time.Second {
		return // the queue is full
	}
	a.free = max(a.free, a.now) + time.Duration(float64(8*(len(m.Data)+packetOverhead))/a.rate*float64(time.Second))
	port := m.Addr.Port()
	if p.PayloadType == 96 && len(m.Data) > 500 {
		a.pictures++
	}
	if number := p.GetExtension(5); len(number) == 2 {
		a.coming[port] = append(a.coming[port], arrival{binary.BigEndian.Uint16(number), a.free + a.way})
	}
}

// live goes on for a while: sound each 20 ms, if there is any, a frame each 40,
// of which each tenth is a key frame, and feedback each 100.
func (a *access) live(t *testing.T, d time.Duration) {
	t.Helper()
	for end := a.now + d; a.now < end; {
		a.pass(time.Millisecond)
		ms := a.now.Milliseconds()
		if len(a.sound.Payload) > 0 && ms%20 == 7 {
			a.sound.SequenceNumber++
			a.sound.Timestamp += 960
			a.receive(t, &a.sound)
		}
		if ms%40 < 3 { // three packets
			a.packet.Payload[0], a.packet.Payload[1] = 0, 1
			if ms%40 == 0 {
				a.packet.Payload[0] = 0x10
				if a.frames++; a.frames%10 == 0 {
					a.packet.Payload[1] = 0
				}
			}
			a.packet.Marker = ms%40 == 2
			a.now -= time.Millisecond
			a.bench.send(t)
		}
		a.tell(t)
	}
}

// tell has the clients' connections say what arrived.
func (a *access) tell(t *testing.T) {
	t.Helper()
	for port, coming := range a.coming {
		recorder := a.recorders[port]
		if recorder == nil {
			recorder = new(transportcc.Recorder)
			a.recorders[port] = recorder
		}
		left := coming[:0]
		for _, c := range coming {
			if c.at <= a.now {
				recorder.Received(c.number, c.at+time.Hour)
			} else {
				left = append(left, c)
			}
		}
		a.coming[port] = left
		for more := a.now%(100*time.Millisecond) < time.Millisecond && recorder.Pending() > 0; more; {
			var data []byte
			if data, more = recorder.Append(nil, 1, 2); len(data) == 0 {
				break
			}
			a.messages = append(a.messages, message{port, data, a.now + a.lag})
		}
	}
	left := a.messages[:0]
	for _, m := range a.messages {
		if m.at > a.now {
			left = append(left, m)
			continue
		}
		a.worker.do(func() {
			for _, l := range a.worker.lines {
				for _, d := range l.downs {
					if d.path.Addr.Port() == m.port {
						d.receiveRTCP(m.data, a.now)
					}
				}
			}
		})
	}
	a.messages = left
}

// A line that took next to nothing for a while, so that pictures were left out, and
// that takes them again: the estimate finds out, whatever there is to find out
// with.
func TestThereIsAWayOutOfALowEstimate(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	for _, tt := range []struct {
		name string
		// repair is the payload type of retransmissions.
		repair uint8
		// fresh has the picture be of a connection that was made while the line was
		// thin.
		fresh bool
		// sound is how large its packets are, in bytes; 0 for none.
		sound int
		// lag is how late the client tells of arrivals.
		lag time.Duration
		// longer is by how much the way has become longer meanwhile.
		longer time.Duration
		within time.Duration
	}{
		{"with retransmissions", 97, false, 40, 0, 0, 10 * time.Second},
		{"without", noCompanion, false, 40, 0, 0, 10 * time.Second},
		{"a new picture", 97, true, 40, 0, 0, 10 * time.Second},
		{"a new picture without retransmissions", noCompanion, true, 40, 0, 0, 10 * time.Second},
		{"without sound", 97, false, 0, 0, 0, 10 * time.Second},
		{"without sound or retransmissions", noCompanion, false, 0, 0, 0, 10 * time.Second},
		{"much sound", 97, false, 200, 0, 0, 10 * time.Second},
		{"much sound, without retransmissions", noCompanion, false, 200, 0, 0, 10 * time.Second},
		{"a longer way", 97, false, 40, 0, 200 * time.Millisecond, 10 * time.Second},
		{"a longer way, a new picture", 97, true, 40, 0, 200 * time.Millisecond, 10 * time.Second},
		{"a longer way, much sound", 97, false, 200, 0, 200 * time.Millisecond, 10 * time.Second},
		{"a little longer way", 97, false, 40, 0, 80 * time.Millisecond, 10 * time.Second},
		{"a client that tells late", 97, false, 40, 1500 * time.Millisecond, 0, 20 * time.Second},
		{"a client that tells late, a new picture", 97, true, 40, 1500 * time.Millisecond, 0, 20 * time.Second},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			a := newAccess(t, tt.repair, tt.sound)
			row := a.up.sources[0].rows[0]
			line := row.conn.line
			a.live(t, 3*time.Second)
			a.rate, a.lag = 25_000, 500*time.Millisecond
			for range 30 {
				if row.target.Encoding == forward.Nothing {
					break
				}
				a.live(t, time.Second)
			}
			a.live(t, 2*time.Second)
			if row.target.Encoding != forward.Nothing {
				t.Fatalf("the picture is not left out at %.0f bit/s", line.estimator.Rate(a.now))
			}
			if tt.fresh {
				a.worker.do(func() {
					row.leave()
					row.conn.rows = row.conn.rows[1:]
				})
				row = a.watch(t, 1001, tt.repair)
			}
			low := line.estimator.Rate(a.now)
			a.rate, a.lag, a.way = 5e6, tt.lag, a.way+tt.longer
			began := a.now
			for a.now-began < tt.within {
				a.pictures = 0
				a.live(t, time.Second)
				if a.pictures > 10 {
					return
				}
			}
			t.Errorf("%v after the line became good the estimate is %.0f bit/s, after %.0f", tt.within, line.estimator.Rate(a.now), low)
		})
	}
}

// Who goes on in another network, from where the way is longer, has a line as good as
// before until something else shows.
func TestLongerWayOfAnotherNetworkIsNoQueue(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	a := newAccess(t, 97, 40)
	d := a.up.sources[0].rows[0].conn
	a.live(t, 5*time.Second)
	before := d.line.estimator.Rate(a.now)
	a.way += 200 * time.Millisecond
	a.worker.do(func() { d.path.Addr = netip.AddrPortFrom(netip.MustParseAddr("127.0.0.2"), d.path.Addr.Port()) })
	for range 50 {
		a.live(t, 100*time.Millisecond)
		if rate := d.line.estimator.Rate(a.now); rate < 0.8*before {
			t.Fatalf("%.0f bit/s, %.0f before", rate, before)
		}
	}
}

// A line becomes thin while so much waits in front of it, and its client has so much
// to do, that seconds pass until anything is told of a packet: the estimate falls all
// the same.
func TestThinLineIsHeededHoweverLateItIsToldOf(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	a := newAccess(t, 97, 40)
	line := a.up.sources[0].rows[0].conn.line
	a.live(t, 3*time.Second)
	a.rate, a.lag = 30_000, 1500*time.Millisecond
	a.live(t, 6*time.Second)
	if rate := line.estimator.Rate(a.now); rate > 2*a.rate {
		t.Errorf("%.0f bit/s for a line of %.0f", rate, a.rate)
	}
}

// Who watches several people has as good a line as who watches one.
func TestLineIsMeasuredByAllConnectionsOfItsClient(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	a := newAccess(t, 97, 0)
	for port := range uint16(6) {
		a.watch(t, 1001+port, 97)
	}
	line := a.up.sources[0].rows[0].conn.line
	a.rate = 2_000_000 // all pictures would take 4.2 Mbit/s
	a.live(t, 5*time.Second)
	for range 50 {
		a.live(t, 100*time.Millisecond)
		if rate := line.estimator.Rate(a.now); rate < 0.6*a.rate || rate > 1.5*a.rate {
			t.Fatalf("%.0f bit/s for a line of %.0f", rate, a.rate)
		}
	}
}
