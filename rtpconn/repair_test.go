package rtpconn

import (
	"bytes"
	"testing"
	"time"

	"galene/group/leaktest"
	"galene/group/media"
	"galene/rtpconn/sdpedit"
	"galene/rtpconn/socket"
	"galene/rtpconn/transportcc"

	"github.com/pion/rtcp"
	"github.com/pion/rtp"
	pionsrtp "github.com/pion/srtp/v2"
)

// overhear has what the bench's only subscriber is sent decrypted and kept.
func (b *bench) overhear(t *testing.T) *[]*rtp.Packet {
	t.Helper()
	d := b.up.sources[0].rows[0].conn
	port := d.path.Addr.Port()
	opener, err := pionsrtp.CreateContext(bytes.Repeat([]byte{byte(port)}, 16), benchSalt, pionsrtp.ProtectionProfileAeadAes128Gcm)
	if err != nil {
		t.Fatal(err)
	}
	var got []*rtp.Packet
	b.sink.keep = func(m socket.Message) {
		plain, err := opener.DecryptRTP(nil, m.Data, nil)
		if err != nil {
			return // RTCP
		}
		p := new(rtp.Packet)
		if err := p.Unmarshal(plain); err != nil {
			t.Errorf("sent what is no packet: %v", err)
		}
		got = append(got, p)
	}
	return &got
}

// newRepairBench returns a bench with one subscriber who has been sent five packets, and
// has agreed on the payload types of what is sent again.
func newRepairBench(t *testing.T, repair map[uint8]uint8) (*bench, *DownTrack, *[]*rtp.Packet) {
	t.Helper()
	b := newBench(t, 1, 100)
	row := b.up.sources[0].rows[0]
	row.accepted(sdpedit.Companions{Repair: repair})
	got := b.overhear(t)
	for range 5 {
		b.send(t)
	}
	return b, row, got
}

// ask has the subscriber ask for packets again.
func (b *bench) ask(t *testing.T, seqs ...uint16) {
	t.Helper()
	d := b.up.sources[0].rows[0].conn
	for _, seq := range seqs {
		raw, err := rtcp.Marshal([]rtcp.Packet{&rtcp.TransportLayerNack{MediaSSRC: d.rows[0].ssrc, Nacks: []rtcp.NackPair{{PacketID: seq}}}})
		if err != nil {
			t.Fatal(err)
		}
		b.engine.workers[0].do(func() { d.receiveRTCP(raw, b.now) })
	}
}

// report has the subscriber tell of losses.
func (b *bench) report(t *testing.T, fraction uint8) {
	t.Helper()
	d := b.up.sources[0].rows[0].conn
	raw, err := rtcp.Marshal([]rtcp.Packet{&rtcp.ReceiverReport{Reports: []rtcp.ReceptionReport{{SSRC: d.rows[0].ssrc, FractionLost: fraction}}}})
	if err != nil {
		t.Fatal(err)
	}
	b.engine.workers[0].do(func() {
		d.receiveRTCP(raw, b.now)
		d.line.roomy = true
	})
}

func TestWhatIsSentAgainGoesIntoAStreamOfItsOwn(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	b, row, got := newRepairBench(t, map[uint8]uint8{96: 97})
	original := (*got)[2]
	*got = nil
	b.ask(t, original.SequenceNumber, original.SequenceNumber-1)
	if len(*got) != 2 {
		t.Fatalf("%d answers to two requests", len(*got))
	}
	first, second := (*got)[0], (*got)[1]
	if first.SSRC != row.repairSSRC || first.PayloadType != 97 || first.Timestamp != original.Timestamp || first.Marker != original.Marker {
		t.Errorf("%+v is sent again as %+v", original.Header, first.Header)
	}
	want := append([]byte{byte(original.SequenceNumber >> 8), byte(original.SequenceNumber)}, original.Payload...)
	if !bytes.Equal(first.Payload, want) {
		t.Errorf("payload %x, want %x", first.Payload, want)
	}
	if second.SequenceNumber != first.SequenceNumber+1 {
		t.Errorf("%d follows %d", second.SequenceNumber, first.SequenceNumber)
	}
}

func TestWhatIsAskedForIsSentMoreThanOnceWhereThereIsRoom(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	for name, tt := range map[string]struct {
		repair map[uint8]uint8
		lost   int // of a hundred
		roomy  bool
		want   int
	}{
		"one of few losses":             {map[uint8]uint8{96: 97}, 1, true, 2},
		"one of very many":              {map[uint8]uint8{96: 97}, 25, true, 3},
		"no room":                       {map[uint8]uint8{96: 97}, 25, false, 1},
		"nothing but the stream itself": {nil, 25, true, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b, row, got := newRepairBench(t, tt.repair)
			b.engine.workers[0].do(func() {
				l := row.conn.line
				for range 2 { // a window is judged when the next one begins
					var results []transportcc.Result
					for i := range 100 {
						results = append(results, transportcc.Result{Sent: b.now, Arrival: b.now, Size: 100, Received: i >= tt.lost})
					}
					l.estimator.Feedback(&row.conn.gradient, results, b.now)
				}
				row.conn.line.roomy = tt.roomy
			})
			seq := (*got)[2].SequenceNumber
			*got = nil
			b.ask(t, seq)
			if len(*got) != tt.want {
				t.Errorf("sent %d times, want %d", len(*got), tt.want)
			}
		})
	}
}

// Where packets wait on the way, so does what is sent again: who asks once more meanwhile
// would get it twice.
func TestWhatWaitsOnTheWayIsNotSentOnceMore(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	for name, tt := range map[string]struct {
		queue time.Duration
		want  int
	}{
		"nothing waits":           {0, 2},
		"packets wait for longer": {400 * time.Millisecond, 1},
	} {
		b, row, got := newRepairBench(t, map[uint8]uint8{96: 97})
		b.engine.workers[0].do(func() {
			row.rtt = 40 * time.Millisecond
			results := []transportcc.Result{{Sent: b.now, Arrival: b.now, Size: 100, Received: true}}
			for range 10 {
				results = append(results, transportcc.Result{Sent: b.now, Arrival: b.now + tt.queue, Size: 100, Received: true})
			}
			row.conn.line.estimator.Feedback(&row.conn.gradient, results, b.now)
		})
		seq := (*got)[2].SequenceNumber
		*got = nil
		b.ask(t, seq)
		b.now += 200 * time.Millisecond
		b.ask(t, seq)
		if len(*got) != tt.want {
			t.Errorf("%s: sent %d times, want %d", name, len(*got), tt.want)
		}
	}
}

func TestPublishersMaySendAgainInAStreamOfItsOwn(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	b := newBench(t, 1, 100)
	got := b.overhear(t)
	b.send(t)
	b.next(t) // this one gets lost
	lost := b.packet.Clone()
	b.send(t)
	before := len(*got)
	padding := &rtp.Packet{Header: rtp.Header{Version: 2, PayloadType: 97, SSRC: 2, SequenceNumber: 9, Padding: true}, PaddingSize: 20}
	repair := &rtp.Packet{
		Header:  rtp.Header{Version: 2, PayloadType: 97, SSRC: 2, SequenceNumber: 10, Timestamp: lost.Timestamp},
		Payload: append([]byte{byte(lost.SequenceNumber >> 8), byte(lost.SequenceNumber)}, lost.Payload...),
	}
	for _, p := range []*rtp.Packet{padding, repair, repair} {
		b.receive(t, p)
	}
	if len(*got) != before+1 {
		t.Fatalf("%d packets for one that was missing", len(*got)-before)
	}
	if p := (*got)[before]; p.SequenceNumber != (*got)[before-1].SequenceNumber-1 || !bytes.Equal(p.Payload, lost.Payload) || p.Timestamp != lost.Timestamp {
		t.Errorf("%+v became %+v", lost, p)
	}
}

// What is sent again was sent before: it is little ahead of the newest packet at the most,
// and does not have the numbers begin anew.
func TestRepairsAreNotFarAhead(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	for lead, want := range map[uint16]int{1: 1, maxRepairLead: 1, maxRepairLead + 1: 0, 1000: 0, 1<<15 - 1: 0} {
		b := newBench(t, 1, 100)
		got := b.overhear(t)
		b.send(t)
		*got = nil
		number := b.packet.SequenceNumber + lead
		b.receive(t, &rtp.Packet{
			Header:  rtp.Header{Version: 2, PayloadType: 97, SSRC: 2, SequenceNumber: 10},
			Payload: append([]byte{byte(number >> 8), byte(number)}, b.packet.Payload...),
		})
		if len(*got) != want {
			t.Errorf("%d ahead: %d packets are passed on, want %d", lead, len(*got), want)
		}
	}
}

var soundSection = sdpedit.Section{
	MID: "0", Kind: media.Audio, SSRCs: []sdpedit.SSRC{{Primary: 1}},
	Payloads: []sdpedit.Payload{
		{Type: 111, Name: "opus", ClockRate: 48000, Channels: 2},
		{Type: 63, Name: "red", ClockRate: 48000, Channels: 2, Fmtp: "111/111"},
	},
}

func TestSoundThatHoldsEarlierSoundFillsHoles(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	b := newBenchOf(t, soundSection, 1, 20)
	got := b.overhear(t)
	b.send(t)
	var lost []*rtp.Packet
	for i := range 2 {
		b.packet.Payload = bytes.Repeat([]byte{byte(0xA0 + i)}, 20)
		b.next(t)
		lost = append(lost, b.packet.Clone())
	}
	last := b.packet.Clone()
	last.SequenceNumber++
	last.Timestamp += 300
	last.Payload = []byte("now")
	before := len(*got)
	folded := *last
	folded.PayloadType = 63
	folded.Payload = []byte{0x80 | 111, 0, 0, 0, 0x80 | 111, 0, 0, 0, 111}
	for i, p := range lost {
		offset := last.Timestamp - p.Timestamp
		folded.Payload[4*i+1], folded.Payload[4*i+2], folded.Payload[4*i+3] = byte(offset>>6), byte(offset<<2), byte(len(p.Payload))
		folded.Payload = append(folded.Payload, p.Payload...)
	}
	folded.Payload = append(folded.Payload, last.Payload...)
	b.receive(t, &folded)
	want := append(lost, last)
	if len(*got) != before+len(want) {
		t.Fatalf("%d packets of %d", len(*got)-before, len(want))
	}
	for i, p := range (*got)[before:] {
		if p.PayloadType != 111 || p.Timestamp != want[i].Timestamp || !bytes.Equal(p.Payload, want[i].Payload) ||
			p.SequenceNumber != (*got)[before-1].SequenceNumber+uint16(i)+1 {
			t.Errorf("packet %d: %+v, want %+v", i, p, want[i])
		}
	}
}

func TestWhoLosesSoundGetsPacketsThatHoldThoseBefore(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	for name, tt := range map[string]struct {
		fraction uint8
		earlier  int
	}{"none": {0, 0}, "some": {6, 1}, "many": {50, 2}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBenchOf(t, soundSection, 1, 30)
			row := b.up.sources[0].rows[0]
			row.accepted(sdpedit.Companions{Redundant: map[uint8]uint8{111: 63}})
			got := b.overhear(t)
			for range 3 {
				b.send(t)
			}
			b.report(t, tt.fraction)
			*got = nil
			b.packet.Payload = bytes.Repeat([]byte{7}, 33)
			b.send(t)
			b.send(t)
			p := (*got)[1]
			if wantType := map[bool]uint8{true: 63, false: 111}[tt.earlier > 0]; p.PayloadType != wantType {
				t.Fatalf("payload type %d", p.PayloadType)
			}
			size := 33
			for i := range tt.earlier {
				size += 4 + []int{33, 30}[i]
			}
			if tt.earlier > 0 {
				size++
			}
			if len(p.Payload) != size {
				t.Errorf("%d bytes of payload, want %d", len(p.Payload), size)
			}
			// What is asked for again is the same packet, whatever has changed since.
			row.protectUntil = 0
			b.send(t)
			*got = nil
			again := b.overhear(t)
			b.now += time.Second
			b.ask(t, p.SequenceNumber)
			if len(*again) != 1 || (*again)[0].PayloadType != p.PayloadType || !bytes.Equal((*again)[0].Payload, p.Payload) {
				t.Errorf("sent again as %+v", *again)
			}
			// Who takes such no more, or by another payload type, gets nothing else under its
			// number: that would be a second packet under one nonce.
			for _, redundant := range []map[uint8]uint8{nil, {111: 64}} {
				row.accepted(sdpedit.Companions{Redundant: redundant})
				for range 2 {
					*again = nil
					b.now += time.Second
					b.ask(t, p.SequenceNumber)
					if tt.earlier > 0 && len(*again) != 0 {
						t.Errorf("sent as %+v to who takes %v", (*again)[0], redundant)
					}
					b.send(t)
				}
			}
		})
	}
}

func TestWhoAsksForSoundGetsPacketsThatHoldThoseBefore(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	for name, tt := range map[string]struct {
		sent  int
		apart time.Duration
		seqs  []uint16 // counted back from the last one
		want  uint8    // the payload type of what follows
	}{
		"twice within a second":    {60, 500 * time.Millisecond, []uint16{3, 2}, 63},
		"once":                     {60, 0, []uint16{3}, 111},
		"for one packet again":     {60, 200 * time.Millisecond, []uint16{3, 3}, 111},
		"twice within two seconds": {60, 2 * time.Second, []uint16{3, 2}, 111},
		"before it has settled":    {20, 500 * time.Millisecond, []uint16{3, 2}, 111},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBenchOf(t, soundSection, 1, 30)
			row := b.up.sources[0].rows[0]
			row.accepted(sdpedit.Companions{Redundant: map[uint8]uint8{111: 63}})
			row.conn.line.roomy = true
			got := b.overhear(t)
			for range tt.sent {
				b.send(t)
			}
			last := (*got)[len(*got)-1].SequenceNumber
			for _, back := range tt.seqs {
				b.ask(t, last-back)
				b.now += tt.apart
			}
			*got = nil
			b.send(t)
			if p := (*got)[0]; p.PayloadType != tt.want {
				t.Errorf("payload type %d, want %d", p.PayloadType, tt.want)
			}
		})
	}
}
