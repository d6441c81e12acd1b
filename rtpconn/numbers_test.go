package rtpconn

import (
	"bytes"
	"testing"
	"time"

	"galene/group/leaktest"
	"galene/rtpconn/mux"

	"github.com/pion/rtcp"
	"github.com/pion/rtp"
	"github.com/pion/webrtc/v3"
)

// lose makes the publisher's next packet, which does not arrive yet.
func (b *bench) lose(t *testing.T) (datagram []byte, number uint16) {
	t.Helper()
	b.next(t)
	return bytes.Clone(b.sealed), b.packet.SequenceNumber
}

// arrive takes datagrams of the publisher's through the path as one burst.
func (b *bench) arrive(datagrams ...[]byte) {
	var burst []mux.Media
	for _, d := range datagrams {
		burst = append(burst, mux.Media{To: b.up, From: b.media[0].From, Datagram: d})
	}
	b.now += time.Millisecond
	b.worker.enter(burst, b.now)
}

// A packet that is asked for again, or sent twice as some get lost, before it has been
// sent for the first time is not sent twice with different headers: a number is a nonce
// of the cipher.
func TestWhatIsAskedForBeforeItIsSentIsSentOnce(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	for name, scenario := range map[string]func(t *testing.T, b *bench, row *DownTrack) (late uint16){
		"sound that is sent twice, and comes late in one burst": func(t *testing.T, b *bench, row *DownTrack) uint16 {
			row.protectUntil, row.conn.line.roomy = time.Hour, true
			first, number := b.lose(t)
			second, _ := b.lose(t)
			b.arrive(second, first)
			return number
		},
		"a picture that waits": func(t *testing.T, b *bench, row *DownTrack) uint16 {
			b.worker.do(func() { thin(row.conn, thinLine, b.now) })
			b.pass(time.Second)
			first, number := b.lose(t)
			for range 10 {
				b.send(t)
			}
			b.arrive(first)
			if row.newest <= number || !row.conn.line.pacer.waits() {
				t.Fatal("nothing waits, or everything")
			}
			b.ask(t, number)
			b.pass(2 * time.Second)
			return number
		},
		"a picture that has just come": func(t *testing.T, b *bench, row *DownTrack) uint16 {
			first, number := b.lose(t)
			b.send(t)
			request, err := rtcp.Marshal([]rtcp.Packet{&rtcp.TransportLayerNack{MediaSSRC: row.ssrc, Nacks: []rtcp.NackPair{{PacketID: number}}}})
			if err != nil {
				t.Fatal(err)
			}
			b.worker.do(func() {
				b.up.Receive(first, b.media[0].From, b.now)
				row.conn.receiveRTCP(request, b.now)
				b.worker.fanOut(b.now)
			})
			return number
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			section := benchSection
			if name[0] == 's' {
				section = soundSection
			}
			b := newBenchOf(t, section, 1, 1000)
			row := b.up.sources[0].rows[0]
			b.worker.do(func() { row.conn.number([]webrtc.RTPHeaderExtensionParameter{{URI: extensionTransportCC, ID: 5}}) })
			numbers := b.collect(t)
			for range 5 {
				b.send(t)
			}
			late := scenario(t, b, row)
			sent := 0
			for _, n := range *numbers {
				if n == late {
					sent++
				}
			}
			if sent != 1 {
				t.Errorf("it is sent %d times", sent)
			}
			// Afterwards it may be asked for.
			b.now += time.Second
			b.ask(t, late)
			if n := (*numbers)[len(*numbers)-1]; n != late {
				t.Errorf("%d is the last that was sent, %d was asked for", n, late)
			}
		})
	}
}

// A publisher that sends again, in the stream for that, what is long gone, with other
// contents, cannot have numbers used for two packets.
func TestRepairsOfLongAgoAreIgnored(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	b := newBench(t, 1, 100)
	b.collect(t)
	for range 3 {
		for range 100 {
			b.send(t)
		}
		b.packet.SequenceNumber += 4500
	}
	b.send(t)
	before := b.sink.datagrams
	for i, number := range []uint16{60, 50, 49, 48, b.packet.SequenceNumber - 4600} {
		repair := &rtp.Packet{
			Header:  rtp.Header{Version: 2, PayloadType: 97, SSRC: 2, SequenceNumber: uint16(i)},
			Payload: []byte{byte(number >> 8), byte(number), 0x10, 0x00, 1, 2, 3}, // a key frame
		}
		b.receive(t, repair)
	}
	if n := b.sink.datagrams - before; n != 0 {
		t.Errorf("%d datagrams are sent", n)
	}
	for range 10 {
		b.send(t)
	}
	if n := b.sink.datagrams - before; n != 10 {
		t.Errorf("%d datagrams for ten packets", n)
	}
}
