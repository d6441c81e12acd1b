package rtpconn

import (
	"encoding/binary"
	"slices"
	"testing"
	"time"

	"galene/group/leaktest"
	"galene/group/media"
	"galene/rtpconn/socket"
	"galene/rtpconn/transportcc"

	"github.com/pion/rtcp"
	"github.com/pion/rtp"
)

// thinLine is what the line of the only subscriber takes in these tests, in bit/s.
const thinLine = 200_000

// thinBench is one whose only subscriber has a thin line.
func thinBench(t *testing.T) *bench {
	t.Helper()
	b := newBench(t, 1, 1000)
	b.worker.do(func() { thin(b.up.sources[0].rows[0].conn, thinLine, b.now) })
	return b
}

// pass lets some time go by.
func (b *bench) pass(d time.Duration) {
	for end := b.now + d; b.now < end; {
		b.now += time.Millisecond
		b.worker.tick(b.now)
	}
}

// hasPLI tells whether somebody asks for a key frame.
func hasPLI(packets []rtcp.Packet) bool {
	return slices.ContainsFunc(packets, func(p rtcp.Packet) bool {
		_, ok := p.(*rtcp.PictureLossIndication)
		return ok
	})
}

// inOrder fails if a number is missing.
func inOrder(t *testing.T, packets []*rtp.Packet) {
	t.Helper()
	for i := 1; i < len(packets); i++ {
		if packets[i].SequenceNumber != packets[i-1].SequenceNumber+1 {
			t.Fatalf("packet %d after %d", packets[i].SequenceNumber, packets[i-1].SequenceNumber)
		}
	}
}

// A large frame leaves at twice what the line takes, or at a little more than that where a
// picture had to go down of late, but for a little at once, and in order; sound overtakes
// it.
func TestLargeFrameDoesNotFloodAThinLine(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	for name, tt := range map[string]struct {
		lowered time.Duration // so long ago, 0 for never
		factor  float64
	}{
		"never too thin": {0, pacingFactor},
		"of late":        {time.Second, crowdedFactor},
		"long ago":       {carefulTime + time.Second, pacingFactor},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t, 1, 1000)
			b.now += time.Minute
			b.worker.do(func() {
				conn := b.up.sources[0].rows[0].conn
				if tt.lowered > 0 {
					conn.line.lowered = b.now - tt.lowered
				}
				thin(conn, thinLine, b.now)
			})
			b.addAudio(t)
			got := b.overhear(t)
			const frame = 24
			began := b.now
			for range frame {
				b.send(t)
			}
			b.receive(t, &rtp.Packet{Header: rtp.Header{Version: 2, PayloadType: 111, SSRC: 2, SequenceNumber: 2, Timestamp: 960}, Payload: []byte{1}})
			if last := (*got)[len(*got)-1]; last.PayloadType != 111 {
				t.Errorf("sound waits")
			}
			for range 1000 {
				var pictures []*rtp.Packet
				for _, p := range *got {
					if p.PayloadType == 96 {
						pictures = append(pictures, p)
					}
				}
				inOrder(t, pictures)
				const packet = 1100
				if most := minPacingBurst + int(tt.factor*thinLine/8*(b.now-began).Seconds()) + packet; len(pictures)*1000 > most {
					t.Fatalf("%d packets are sent within %v", len(pictures), b.now-began)
				}
				if len(pictures) == frame {
					return
				}
				b.pass(time.Millisecond)
			}
			t.Errorf("the frame is never sent whole")
		})
	}
}

// What a newcomer gets since the last key frame has its turn as the line takes it, in
// order with what follows.
func TestNewcomerOnAThinLineGetsTheKeyFrameInItsTurn(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	b := newBench(t, 0, 500)
	b.client = "alice"
	track := b.up.sources[0]
	b.subscribe(t, track, 1000)
	first := track.rows[0]
	b.worker.do(func() {
		thin(first.conn, thinLine, b.now)
		first.leave() // whose line is known from elsewhere
	})
	const before, after = 30, 10
	for range before {
		b.send(t)
	}
	var got []uint16
	b.sink.keep = func(m socket.Message) { got = append(got, binary.BigEndian.Uint16(m.Data[2:])) }
	b.subscribe(t, track, 1001)
	if most := minPacingBurst/500 + 1; len(got) == 0 || len(got) > most {
		t.Errorf("%d packets leave at once, at most %d may", len(got), most)
	}
	for range after {
		b.send(t)
	}
	b.pass(3 * time.Second)
	if len(got) != 1+before+after {
		t.Errorf("%d packets of %d", len(got), 1+before+after)
	}
	for i, number := range got {
		if number != got[0]+uint16(i) {
			t.Fatalf("number %d comes as the %dth after %d", number, i, got[0])
		}
	}
}

// Who falls behind by more than may wait gets nothing more before a key frame, which
// the publisher is asked for; what is left out leaves no gap.
func TestPictureThatFallsBehindBeginsAnewWithoutAGap(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	b := thinBench(t)
	b.letPublisherHear(t)
	b.now += keyframeInterval
	asked := b.listen(t, publisherKey)
	publisher := b.sink.keep
	got := b.overhear(t)
	subscriber := b.sink.keep
	b.sink.keep = func(m socket.Message) {
		publisher(m)
		subscriber(m)
	}
	for range 60 {
		b.send(t)
	}
	if !hasPLI(*asked) {
		t.Error("no key frame is asked for")
	}
	b.pass(2 * time.Second)
	before := len(*got)
	if before >= 60 {
		t.Fatalf("all %d packets are sent", before)
	}
	b.send(t)
	b.packet.Payload[0], b.packet.Payload[1] = 0x10, 0
	b.send(t)
	b.packet.Payload[0], b.packet.Payload[1] = 0, 1
	b.send(t)
	b.pass(time.Second)
	if n := len(*got) - before; n != 2 {
		t.Errorf("%d packets of the two from the key frame on", n)
	}
	inOrder(t, *got)
}

// What waits in front of a key frame on a line that is full is worth nothing.
func TestKeyFrameOvertakesWhatWaitsOnAFullLine(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	b := thinBench(t)
	got := b.overhear(t)
	for range 20 {
		b.send(t)
	}
	before := len(*got)
	b.worker.do(func() { b.up.sources[0].rows[0].conn.line.congested = true })
	b.packet.Payload[0], b.packet.Payload[1] = 0x10, 0
	b.send(t)
	b.pass(2 * time.Second)
	if n := len(*got) - before; n != 1 {
		t.Errorf("%d packets are sent besides the key frame", n-1)
	}
	if p := (*got)[len(*got)-1]; p.Payload[0] != 0x10 {
		t.Errorf("the key frame is not sent: %x", p.Payload[:2])
	}
}

// What waits of a publication in another codec is not sent after it as one of the next.
func TestWhatWaitsOfAnotherCodecIsNotSent(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	for name, sent := range map[string]bool{"vp8": true, "av1": false} {
		b := thinBench(t)
		row := b.up.sources[0].rows[0]
		for range 20 {
			b.send(t)
		}
		got := b.overhear(t)
		codecs, _ := media.CodecsByName([]string{name})
		next := &UpTrack{conn: b.up, kind: media.Video, codec: codecs[0], encodings: make([]*encoding, 1)}
		next.encodings[0] = &encoding{track: next}
		b.worker.do(func() { row.setSource(next, b.now) })
		b.pass(2 * time.Second)
		if n := len(*got); (n > 0) != sent {
			t.Errorf("%s: %d packets of what waited are sent", name, n)
		}
	}
}

// What is asked for again takes part of the line, whoever asks for everything, of however
// many pictures.
func TestWhatIsSentAgainKeepsToAPartOfTheLine(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	for _, pictures := range []int{1, 5} {
		b := newBench(t, 0, 1000)
		b.client = "alice"
		for port := range uint16(pictures) {
			b.subscribe(t, b.up.sources[0], 1000+port)
		}
		for range 100 {
			b.send(t)
		}
		rows := b.up.sources[0].rows
		b.worker.do(func() { thin(rows[0].conn, thinLine, b.now) })
		before := b.sink.datagrams
		const seconds = 3
		for range seconds * 10 {
			b.pass(100 * time.Millisecond)
			for _, row := range rows {
				for i := range uint16(100) {
					b.worker.do(func() { row.resend(row.newest-i, b.now) })
				}
			}
		}
		sent := b.sink.datagrams - before
		if most := 4000/1000 + repairShare*thinLine/8/1000*seconds + 1; sent == 0 || float64(sent) > most {
			t.Errorf("%d pictures: %d packets are sent again, at most %.0f may be", pictures, sent, most)
		}
	}
}

// The probe of a line is of packets that fit in: with retransmissions in their
// stream, else between two frames, and there without a gap.
func TestProbesLeaveNoGap(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	for name, repair := range map[string]uint8{"between frames": noCompanion, "among retransmissions": 97} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t, 1, 100)
			row := b.up.sources[0].rows[0]
			b.worker.do(func() {
				row.conn.extensions.transportCC, row.conn.history = 5, new(transportcc.History)
				row.repair = repair
			})
			got := b.overhear(t)
			b.packet.Marker = true
			for range 10 {
				b.send(t)
				b.worker.do(func() {
					for range 3 {
						if !row.sendPadding(1) {
							t.Error("padding is not sent")
						}
					}
				})
			}
			bySource := make(map[uint32][]*rtp.Packet)
			padding := 0
			for _, p := range *got {
				bySource[p.SSRC] = append(bySource[p.SSRC], p)
				if len(p.Payload) == 0 {
					padding++
					if want := map[bool]uint32{true: row.repairSSRC, false: row.ssrc}[repair != noCompanion]; p.SSRC != want {
						t.Errorf("padding under %d, want %d", p.SSRC, want)
					}
				}
			}
			for _, packets := range bySource {
				inOrder(t, packets)
			}
			if padding != 30 || len(*got) != 40 {
				t.Errorf("%d packets, of which %d are padding", len(*got), padding)
			}
		})
	}
}

// On a line that has been too thin for sound alone pictures go on as soon as it takes them.
func TestPicturesDoNotPayForSoundOfLongAgo(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	var p pacer
	now := time.Hour
	p.limit(50_000, leastFactor)
	for range 1500 { // half a minute
		now += 20 * time.Millisecond
		if p.passes(now) && now > time.Hour+10*time.Second {
			t.Fatal("a picture passes beside sound that takes more than there is")
		}
		p.credit -= 160 // 64 kbit/s
	}
	p.limit(300_000, pacingFactor)
	waited := time.Duration(0)
	for ; !p.passes(now + waited); waited += 10 * time.Millisecond {
	}
	if waited > 2*maxPacingDebt {
		t.Errorf("it waits for %v", waited)
	}
}

// Each full intra request (RFC 5104, section 4.3.1) has a number: one that comes again
// is the same one.
func TestIntraRequestsCountOnce(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	b := newBench(t, 1, 100)
	asked := b.hearPublisher(t)
	row := b.up.sources[0].rows[0]
	for i, tt := range []struct {
		ssrc   uint32
		number uint8
		want   bool
	}{{row.ssrc, 7, true}, {row.ssrc, 7, false}, {row.ssrc, 8, true}, {row.ssrc + 1, 9, false}, {row.ssrc, 0, true}} {
		b.now += 2 * keyframeInterval
		*asked = nil
		raw, err := rtcp.Marshal([]rtcp.Packet{&rtcp.FullIntraRequest{FIR: []rtcp.FIREntry{{SSRC: tt.ssrc, SequenceNumber: tt.number}}}})
		if err != nil {
			t.Fatal(err)
		}
		b.worker.do(func() {
			b.up.sources[0].encodings[0].wantKeyframe = false
			row.conn.receiveRTCP(raw, b.now)
		})
		if got := hasPLI(*asked); got != tt.want {
			t.Errorf("request %d: key frame asked for: %v", i, got)
		}
	}
}
