package rtpconn

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"strings"
	"testing"
	"time"

	"galene/group/leaktest"
	"galene/group/media"
	"galene/rtpconn/sdpedit"
	"galene/rtpconn/transportcc"

	"github.com/pion/webrtc/v3"
)

// statuses is a message of so many chunks about so many packets, base being the first.
func statuses(base, count uint16, chunks ...uint16) []byte {
	m := make([]byte, (20+2*len(chunks)+3)&^3)
	m[0], m[1] = 0x8f, 205
	binary.BigEndian.PutUint16(m[2:], uint16(len(m)/4-1))
	binary.BigEndian.PutUint16(m[12:], base)
	binary.BigEndian.PutUint16(m[14:], count)
	for i, c := range chunks {
		binary.BigEndian.PutUint16(m[20+2*i:], c)
	}
	return m
}

// requests asks for so many packets from the given number on, 17 at a time.
func requests(ssrc uint32, from uint16, count int) []byte {
	m := make([]byte, 12)
	m[0], m[1] = 0x81, 205
	binary.BigEndian.PutUint32(m[8:], ssrc)
	for i := 0; i < count; i += 17 {
		m = binary.BigEndian.AppendUint16(m, from+uint16(i))
		m = binary.BigEndian.AppendUint16(m, 0xffff)
	}
	binary.BigEndian.PutUint16(m[2:], uint16(len(m)/4-1))
	return m
}

// repeated fills a datagram with a message.
func repeated(message []byte) []byte {
	datagram := message
	for len(datagram)+len(message) < 1400 {
		datagram = append(datagram, message...)
	}
	return datagram
}

func TestWhatOneDatagramAsksForIsBounded(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	b := newBench(t, 1, 100)
	for range 2000 {
		b.send(t)
	}
	d := b.up.sources[0].rows[0].conn
	for name, datagram := range map[string][]byte{
		"in one message": requests(d.rows[0].ssrc, 0, 5000),
		"in many":        repeated(requests(d.rows[0].ssrc, 1000, 100)),
	} {
		before := b.worker.past.NACKsReceived
		b.worker.do(func() { d.receiveRTCP(datagram, b.now) })
		if n := b.worker.past.NACKsReceived - before; n != maxAsked {
			t.Errorf("%s: %d requests are looked at", name, n)
		}
	}
}

func TestWhatOneDatagramTellsOfArrivalsIsBounded(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	for unsent, heeded := range map[int]bool{1: true, 10: false} {
		b := newBench(t, 1, 1000)
		d := b.up.sources[0].rows[0].conn
		b.worker.do(func() { d.number([]webrtc.RTPHeaderExtensionParameter{{URI: extensionTransportCC, ID: 5}}) })
		recorder := new(transportcc.Recorder)
		for number := range uint16(20) {
			b.send(t)
			recorder.Received(number, b.now+time.Hour)
		}
		told, _ := recorder.Append(nil, 1, 2)
		b.worker.do(func() { d.receiveRTCP(append(bytes.Repeat(statuses(30_000, 4000, 4000), unsent), told...), b.now) })
		if got := d.line.estimator.Followed(); got != heeded {
			t.Errorf("what follows %d messages about what was never sent is heeded: %v", unsent, got)
		}
	}
}

// What a subscriber costs who fills datagrams with lies, for each of them.
func BenchmarkHostileRTCP(b *testing.B) {
	bench := newBench(b, 1, 100)
	d := bench.up.sources[0].rows[0].conn
	bench.worker.do(func() { d.number([]webrtc.RTPHeaderExtensionParameter{{URI: extensionTransportCC, ID: 5}}) })
	for range 3000 {
		bench.send(b)
	}
	for _, hostile := range []struct {
		name     string
		datagram []byte
	}{
		{"arrivals=unsent", repeated(statuses(3001, 65528, 8191, 8191, 8191, 8191, 8191, 8191, 8191, 8191))},
		{"arrivals=forgotten", repeated(statuses(3000+32769, 32760, 8190, 8190, 8190, 8190))},
		{"arrivals=remembered", repeated(statuses(3000-2048, 2048, 2048))},
		{"requests", requests(d.rows[0].ssrc, 0, 5600)},
	} {
		b.Run(hostile.name, func(b *testing.B) {
			for b.Loop() {
				bench.now += time.Microsecond
				bench.worker.do(func() { d.receiveRTCP(hostile.datagram, bench.now) })
			}
		})
	}
}

// An offer with as many payload types as its size allows: meanwhile others wait for their
// turn.
func BenchmarkHostileOffer(b *testing.B) {
	e := testEngine(b)
	codecs, _ := media.CodecsByName([]string{"vp8"})
	lines := []string{
		"v=0", "o=- 1 2 IN IP4 127.0.0.1", "s=-", "t=0 0", "a=ice-ufrag:abcd", "a=ice-pwd:" + strings.Repeat("abcd", 6), "a=setup:actpass",
		"a=fingerprint:sha-256 " + strings.Repeat("AB:", 31) + "AB",
	}
	for i := range sdpedit.MaxSections {
		section := "m=video 9 UDP/TLS/RTP/SAVPF"
		var maps []string
		for n := range 110 {
			section += fmt.Sprint(" ", n)
			maps = append(maps, fmt.Sprintf("a=rtpmap:%d VP8/90000", n))
		}
		lines = append(lines, section, fmt.Sprintf("a=mid:%d", i), "a=rtcp-mux", "a=sendonly", "c=IN IP4 0.0.0.0")
		lines = append(lines, maps...)
	}
	offer := strings.Join(lines, "\r\n") + "\r\n"
	for b.Loop() {
		up, err := e.NewUpConn(UpOptions{ID: "stream", Codecs: codecs})
		if err != nil {
			b.Fatal(err)
		}
		if _, err := up.Offer(offer); err != nil {
			b.Fatal(err)
		}
		up.Close()
	}
}
