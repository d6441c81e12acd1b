package rtpconn

import (
	"bytes"
	"testing"
	"time"

	"galene/group/leaktest"
	"galene/rtpconn/mux"
	"galene/rtpconn/transportcc"

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

// waitingPicture has a packet that came late wait for its turn, and be asked for meanwhile.
// The subscriber's numbers are so many ahead of the publisher's.
func waitingPicture(t *testing.T, b *bench, row *DownTrack, ahead uint16) (late uint16) {
	t.Helper()
	b.worker.do(func() { thin(row.conn, thinLine, b.now) })
	b.pass(time.Second)
	first, number := b.lose(t)
	number += ahead
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
			return waitingPicture(t, b, row, 0)
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

// While nothing but padding is sent the numbers come round: what was remembered of one is
// not taken for what is sent under it then.
func TestNumbersOfTheRoundBeforeAreForgotten(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	b := newBench(t, 1, 1000)
	row := b.up.sources[0].rows[0]
	b.worker.do(func() { row.conn.number([]webrtc.RTPHeaderExtensionParameter{{URI: extensionTransportCC, ID: 5}}) })
	b.packet.Marker = true
	for range 5 {
		b.send(t)
	}
	const again = 3 // so many numbers are given out once more
	for range 1<<16 - again {
		b.worker.do(func() {
			if !row.sendPadding(1) {
				t.Fatal("padding is not sent")
			}
		})
	}
	numbers := b.collect(t)
	late := waitingPicture(t, b, row, 1<<16-again)
	sent := 0
	for _, n := range *numbers {
		if n == late {
			sent++
		}
	}
	if sent != 1 {
		t.Errorf("number %d is sent %d times", late, sent)
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

// What comes late does not keep what came before it from being sent again.
func TestLatePacketsKeepNothingFromBeingSentAgain(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	b := newBench(t, 1, 100)
	row := b.up.sources[0].rows[0]
	b.worker.do(func() { row.conn.extensions.transportCC, row.conn.history = 5, new(transportcc.History) })
	got := b.overhear(t)
	late, number := b.lose(t)
	for range 3 {
		b.send(t)
	}
	b.arrive(late)
	if p := (*got)[len(*got)-1]; p.SequenceNumber != number {
		t.Fatalf("the last packet is %d", p.SequenceNumber)
	}
	for asked := number; asked <= b.packet.SequenceNumber; asked++ {
		*got = nil
		b.ask(t, asked)
		if len(*got) != 1 || (*got)[0].SequenceNumber != asked {
			t.Errorf("asked for %d: %d packets are sent", asked, len(*got))
		}
	}
}

// Who loses sound, and takes none that holds others, gets each packet once more with the
// next one, bit for bit.
func TestWhoLosesSoundAndTakesNoRedundancyGetsItTwice(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	for _, numbered := range []bool{false, true} {
		for fraction, want := range map[uint8]int{0: 1, 6: 2} {
			b := newBenchOf(t, soundSection, 1, 30)
			if d := b.up.sources[0].rows[0].conn; numbered {
				b.worker.do(func() { d.extensions.transportCC, d.history = 5, new(transportcc.History) })
			}
			got := b.overhear(t)
			for range 3 {
				b.send(t)
			}
			b.report(t, fraction)
			first := b.packet.SequenceNumber + 1
			*got = nil
			for range 5 {
				b.send(t)
			}
			copies := make(map[uint16][][]byte)
			for _, p := range *got {
				raw, err := p.Marshal()
				if err != nil {
					t.Fatal(err)
				}
				copies[p.SequenceNumber] = append(copies[p.SequenceNumber], raw)
			}
			for n := first; n < b.packet.SequenceNumber; n++ {
				if c := copies[n]; len(c) != want || !bytes.Equal(c[0], c[len(c)-1]) {
					t.Errorf("numbered %v, %d of 256 lost: number %d is sent %d times, want %d, as %x", numbered, fraction, n, len(c), want, c)
				}
			}
		}
	}
}
