package rtpconn

import (
	"bytes"
	"encoding/binary"
	"errors"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"galene/group/leaktest"
	"galene/group/media"
	"galene/rtpconn/demux"
	"galene/rtpconn/forward"
	"galene/rtpconn/mux"
	"galene/rtpconn/socket"

	"github.com/pion/rtcp"
	"github.com/pion/webrtc/v3"
)

// collect keeps the sequence numbers that are sent, and fails when one of them
// is used for two different packets: under AES-GCM that would break the
// cipher.
func (b *bench) collect(t *testing.T) *[]uint16 {
	t.Helper()
	var numbers []uint16
	sent := make(map[uint16][]byte)
	b.sink.keep = func(m socket.Message) {
		if isRTCP(m.Data) {
			return
		}
		n := binary.BigEndian.Uint16(m.Data[2:])
		if before, ok := sent[n]; ok && !bytes.Equal(before, m.Data) {
			t.Errorf("number %d is used for two packets", n)
		}
		sent[n] = bytes.Clone(m.Data)
		numbers = append(numbers, n)
	}
	return &numbers
}

// newUnnamedBench is a bench whose publisher has not named its sources, so that its
// encoder may begin another one at any time.
func newUnnamedBench(t *testing.T) *bench {
	t.Helper()
	b := newBench(t, 1, 100)
	b.up.sources[0].source.SSRCs = nil
	b.up.demux.Update([]demux.Source{b.up.sources[0].source})
	return b
}

func TestRestartedEncoderIsFollowedWithoutReusingNumbers(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	b := newUnnamedBench(t)
	numbers := b.collect(t)
	for range 200 {
		b.send(t)
	}
	b.now += 2 * restartInterval
	b.packet.SSRC, b.packet.Timestamp = 77, 0xABCDEF
	b.packet.SequenceNumber -= 150
	b.send(t) // not a key frame
	b.packet.Payload[0], b.packet.Payload[1] = 0x10, 0
	for range 100 {
		b.send(t)
	}
	if got := len(*numbers); got != 300 {
		t.Errorf("%d packets sent, want 300", got)
	}
	for i, n := range *numbers {
		if i > 0 && n != (*numbers)[i-1]+1 {
			t.Fatalf("number %d after %d", n, (*numbers)[i-1])
		}
	}
}

// What one burst brings is sent once, also where an encoder is restarted in the midst
// of it.
func TestEncoderIsRestartedWithinABurst(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	b := newUnnamedBench(t)
	row := b.up.sources[0].rows[0]
	b.worker.do(func() { row.conn.number([]webrtc.RTPHeaderExtensionParameter{{URI: extensionTransportCC, ID: 5}}) })
	numbers := b.collect(t)
	for range 10 {
		b.send(t)
	}
	b.now += 2 * restartInterval
	before, _ := b.lose(t)
	b.packet.SSRC, b.packet.Payload[0], b.packet.Payload[1] = 77, 0x10, 0
	first, _ := b.lose(t)
	second, _ := b.lose(t)
	b.arrive(before, first, second)
	if got := len(*numbers); got != 12 {
		t.Errorf("%d packets sent: %v", got, *numbers)
	}
	if n := b.worker.touched; len(n) != 0 {
		t.Errorf("%d encodings are left over", len(n))
	}
	b.send(t)
	if got := len(*numbers); got != 13 {
		t.Errorf("%d packets sent: %v", got, *numbers)
	}
}

// A subscriber that asks for what was sent before the encoder of that encoding was
// restarted gets nothing: other packets have the same numbers now.
func TestNumbersOfARestartedEncoderAreNotTakenForThoseBefore(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	for name, restart := range map[string]func(t *testing.T, b *bench){
		"under another source": func(_ *testing.T, b *bench) { b.packet.SSRC = 77 },
		"under the same one": func(t *testing.T, b *bench) {
			for range 3 {
				b.packet.SequenceNumber += 65536 / 4
				b.send(t)
			}
			b.packet.SequenceNumber += 65536 / 4
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t, 1, 100)
			b.up.sources[0].source.SSRCs = nil
			b.up.demux.Update([]demux.Source{b.up.sources[0].source})
			row := b.up.sources[0].rows[0]
			numbers := b.collect(t)
			for range 100 {
				b.send(t)
			}
			asked := (*numbers)[90]
			b.worker.do(func() { row.switchTo(forward.Target{Encoding: forward.Nothing}, b.now) })
			b.send(t)
			b.now += 2 * restartInterval
			restart(t, b)
			b.packet.SequenceNumber -= 50
			b.packet.Payload[2] = 99
			b.worker.do(func() { row.switchTo(forward.Target{}, b.now) })
			b.packet.Payload[0], b.packet.Payload[1] = 0x10, 0
			for range 100 {
				b.send(t)
			}
			before := len(*numbers)
			b.ask(t, asked)
			if got := (*numbers)[before:]; len(got) != 0 {
				t.Errorf("%d was asked for, %v are sent", asked, got)
			}
		})
	}
}

func TestLateStartOfAKeyframeIsFollowedByTheRest(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	b := newBench(t, 0, 100)
	for range 60 {
		b.send(t)
	}
	b.subscribe(t, b.up.sources[0], 1000)
	numbers := b.collect(t)
	b.packet.Payload[0], b.packet.Payload[1] = 0x10, 0
	b.next(t)
	late, first := bytes.Clone(b.sealed), b.packet.SequenceNumber
	b.packet.Payload[0], b.packet.Payload[1] = 0, 1
	for range 3 {
		b.send(t)
	}
	b.media[0].Datagram = late
	b.engine.workers[0].enter(b.media, b.now+time.Millisecond)
	b.now += time.Millisecond
	b.send(t)
	if want := []uint16{first, first + 1, first + 2, first + 3, first + 4}; !slices.Equal(*numbers, want) {
		t.Errorf("sent %v, want %v", *numbers, want)
	}
}

func TestMediaFollowsAPeerThatMoves(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	b := newBench(t, 1, 100)
	d := b.up.sources[0].rows[0].conn
	old := d.path
	moved := mux.Path{Addr: netip.MustParseAddrPort("127.0.0.1:5")}
	b.engine.workers[0].do(func() {
		d.heard(old, 10*time.Second)
		d.heard(moved, 10*time.Second+pathGuard/2)
		if d.path != old {
			t.Error("moved while the old path was alive")
		}
		for now := 10 * time.Second; now < 12*time.Second; now += 100 * time.Millisecond {
			d.heard(moved, now)
		}
		if d.path != moved {
			t.Error("stays with a path that has fallen silent")
		}
	})
}

func TestPublisherWithoutPLIIsNotAsked(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	b := newBench(t, 0, 100)
	b.letPublisherHear(t)
	b.up.sources[0].format.pli = false
	for range 60 {
		b.send(t)
	}
	before := b.sink.datagrams
	b.subscribe(t, b.up.sources[0], 1000)
	for range 100 {
		b.send(t)
	}
	if got := b.sink.datagrams - before; got != 0 {
		t.Errorf("%d datagrams where nothing can be asked for", got)
	}
}

func TestReportsGoNoFasterThanTheClock(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	b := newBench(t, 1, 100)
	d := b.up.sources[0].rows[0].conn
	heard := b.listen(t, subscriberKey)
	raw := publisherReport(t)
	b.engine.workers[0].do(func() {
		b.up.receiveRTCP(raw, time.Second)
		d.tick(time.Second)
		*heard = nil
		b.up.receiveRTCP(raw, 5*time.Second)
		d.tick(5*time.Second - 50*time.Microsecond) // the tick read its clock first
	})
	for _, p := range *heard {
		if r, ok := p.(*rtcp.SenderReport); ok && r.NTPTime == 1<<40 && r.RTPTime == 5000 {
			return
		}
	}
	t.Errorf("reports %v", *heard)
}

// Who cannot decode the video still gets the sound.
func TestSubscriberWithoutTheCodecGetsTheRest(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	e, p := fullCall(t)
	codecs, _ := media.CodecsByName([]string{"opus", "vp9"})
	s := subscribe(t, e, peerOptions{codecs: codecs}, p.up, "audio", "video")
	remote := s.track(t)
	if remote.Kind() != webrtc.RTPCodecTypeAudio {
		t.Errorf("gets %v", remote.Kind())
	}
	arrives(t, remote)
}

// A connection that can never be secured is reported, not left alone.
func TestFailedHandshakeIsReported(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	e := testEngine(t)
	pc := picturePeer(t, peerOptions{})
	codecs, _ := media.CodecsByName(nil)
	broken := make(chan struct{}, 8)
	up, err := e.NewUpConn(UpOptions{ID: "stream", Codecs: codecs, OnBroken: func() { broken <- struct{}{} }})
	if err != nil {
		t.Fatal(err)
	}
	defer up.Close()
	sdp := localOffer(t, pc, nil)
	i := strings.Index(sdp, "a=fingerprint:sha-256 ") + len("a=fingerprint:sha-256 ")
	agree(t, up, pc, strings.ReplaceAll(sdp, sdp[i:i+8], "00:11:22"))
	receive(t, broken, "the report")
}

// The engine may be closed, and with it all connections that it knows, before their
// worker knows them.
func TestEngineIsClosedWhileConnectionsAreMade(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	e := testEngine(t)
	codecs, _ := media.CodecsByName(nil)
	d, u := &DownConn{}, &UpConn{demux: demux.New(nil)}
	for _, err := range []error{
		d.open(e, d, iceKeepalive, codecs, downExtensions(codecs)), e.add(d, &d.transport, "g"),
		u.open(e, u, iceKeepalive, codecs, upExtensions), e.add(u, &u.transport, "g"),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := e.Close(); err != nil {
		t.Fatal(err)
	}
	if down, up := d.enter(), u.enter(); !errors.Is(down, ErrClosed) || !errors.Is(up, ErrClosed) {
		t.Errorf("entered after the end: %v, %v", down, up)
	}
	if n := len(d.worker.downs) + len(d.worker.ups) + len(d.worker.lines); n != 0 {
		t.Errorf("%d connections and lines are left", n)
	}
}

func TestClosedConnectionsLeaveNothingBehind(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	c := videoCall(t, peerOptions{})
	arrives(t, c.remote)
	up, down := c.publisher.up, c.subscriber.down
	var rows int
	c.engine.workers[0].do(func() { rows = len(up.sources[0].rows) })
	if rows != 1 {
		t.Fatalf("%d rows in a call of two", rows)
	}
	down.Close()
	down.Close()
	c.engine.workers[0].do(func() {
		if n := len(up.sources[0].rows); n != 0 {
			t.Errorf("%d rows are left after the subscriber", n)
		}
	})
	up.Close()
	if _, err := up.Offer("v=0\r\n"); err == nil {
		t.Error("a closed connection takes an offer")
	}
	if _, err := down.SetTracks(nil); err != nil {
		t.Logf("tracks of a closed connection: %v", err)
	}
	// What pion has to say to its peers is said behind our back.
	deadline := time.Now().Add(time.Minute)
	for {
		c.engine.mu.Lock()
		conns := len(c.engine.conns)
		c.engine.mu.Unlock()
		var ups, downs int
		c.engine.workers[0].do(func() { ups, downs = len(c.engine.workers[0].ups), len(c.engine.workers[0].downs) })
		if conns+ups+downs == 0 {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("%d connections, %d publishers and %d subscribers are left", conns, ups, downs)
		}
		time.Sleep(time.Millisecond)
	}
}
