package rtpconn

import (
	"encoding/binary"
	"fmt"
	"net/netip"
	"slices"
	"testing"
	"time"

	"galene/group/leaktest"
	"galene/group/media"
	"galene/rtpconn/demux"
	"galene/rtpconn/mux"
	"galene/rtpconn/sdpedit"
	"galene/rtpconn/socket"

	"github.com/pion/rtp"
)

// benchSound is a publisher's microphone.
var benchSound = sdpedit.Section{
	MID: "1", Kind: media.Audio, SSRCs: []sdpedit.SSRC{{Primary: 3}},
	Payloads: []sdpedit.Payload{{Type: 111, Name: "opus", ClockRate: 48000, Channels: 2}},
}

// enter takes packets of the publisher through the path as one burst.
func (b *bench) enter(tb testing.TB, packets ...*rtp.Packet) {
	tb.Helper()
	var burst []mux.Media
	for _, p := range packets {
		plain, err := p.Marshal()
		if err != nil {
			tb.Fatal(err)
		}
		sealed, err := b.source.EncryptRTP(nil, plain, nil)
		if err != nil {
			tb.Fatal(err)
		}
		burst = append(burst, mux.Media{To: b.up, From: b.media[0].From, Datagram: sealed})
	}
	b.now += time.Millisecond
	b.worker.enter(burst, b.now)
}

func TestSoundAndPictureThatCameTogetherLeaveTogether(t *testing.T) {
	leaktest.Check(t)
	b := newBench(t, 3, 1000)
	sound := newUpTrack(b.up, benchSound)
	b.up.tracks, b.up.sources = append(b.up.tracks, sound), append(b.up.sources, sound)
	b.up.demux.Update([]demux.Source{b.up.sources[0].source, sound.source})
	// Before anybody takes it: the first packet tells the codec.
	enter := func(packets ...*rtp.Packet) { b.enter(t, packets...) }
	voice := &rtp.Packet{Header: rtp.Header{Version: 2, PayloadType: 111, SSRC: 3}, Payload: make([]byte, 80)}
	enter(voice)
	// Two of three have the picture as well; one came for the sound alone.
	for i, row := range slices.Clone(b.up.sources[0].rows) {
		d := row.conn
		s := newDownTrack(d, sound, ceiling(sound, media.Wanted{}))
		s.bound, s.ssrc, s.payloadType = true, uint32(2000+i), 111
		b.engine.workers[0].do(func() {
			if i == 0 {
				row.leave()
				d.rows = nil
			}
			d.rows = append(d.rows, s)
			s.join(b.now)
		})
	}
	var got []string
	b.sink.keep = func(m socket.Message) {
		kind := "sound"
		if len(m.Data) > 1000 {
			kind = "picture"
		}
		got = append(got, fmt.Sprint(kind, " ", netip.AddrPort(m.Addr).Port()))
	}
	voice.SequenceNumber++
	b.packet.SequenceNumber++
	enter(voice, b.packet)
	want := []string{"picture 1001", "sound 1001", "picture 1002", "sound 1002", "sound 1000"}
	if !slices.Equal(got, want) {
		t.Errorf("sent %q, want %q", got, want)
	}

	// What comes alone leaves alone.
	got = nil
	voice.SequenceNumber++
	enter(voice)
	if want := []string{"sound 1000", "sound 1001", "sound 1002"}; !slices.Equal(got, want) {
		t.Errorf("sent %q, want %q", got, want)
	}
}

// However many encodings of a picture come with a sound, each subscriber gets the sound
// once: twice would be two packets under one nonce, as the second has another
// transport-wide number.
func TestSoundThatCameWithSeveralEncodingsLeavesOnce(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	picture := benchSection
	picture.RIDs, picture.SSRCs = []string{"h", "l"}, nil
	b := newBenchOf(t, picture, 0, 1000)
	sound := newUpTrack(b.up, benchSound)
	b.up.tracks, b.up.sources = append(b.up.tracks, sound), append(b.up.sources, sound)
	b.up.numbers = demux.Extensions{MID: 1, RID: 2}
	b.up.demux.Update([]demux.Source{b.up.sources[0].source, sound.source})
	packet := func(ssrc uint32, rid string, sequence uint16) *rtp.Packet {
		p := &rtp.Packet{Header: rtp.Header{Version: 2, PayloadType: 111, SSRC: ssrc, SequenceNumber: sequence}, Payload: make([]byte, 80)}
		if rid != "" {
			p.PayloadType, p.Marker, p.Payload = 96, true, append([]byte{0x10}, make([]byte, 999)...)
			for id, value := range map[uint8]string{1: "0", 2: rid} {
				if err := p.SetExtension(id, []byte(value)); err != nil {
					t.Fatal(err)
				}
			}
		}
		return p
	}
	burst := func(sequence uint16) []*rtp.Packet {
		return []*rtp.Packet{packet(11, "l", sequence), packet(10, "h", sequence), packet(3, "", sequence)}
	}
	b.enter(t, burst(1)...)
	b.client = "viewer"
	b.subscribe(t, b.up.sources[0], 1000)
	d := b.up.sources[0].rows[0].conn
	s := newDownTrack(d, sound, ceiling(sound, media.Wanted{}))
	s.bound, s.ssrc, s.payloadType = true, 2000, 111
	b.worker.do(func() {
		d.rows = append(d.rows, s)
		s.join(b.now)
	})
	sounds, pictures := 0, 0
	b.sink.keep = func(m socket.Message) {
		if len(m.Data) > 1000 {
			pictures++
		} else {
			sounds++
		}
	}
	for i := range uint16(10) {
		b.enter(t, burst(2+i)...)
	}
	if sounds != 10 || pictures != 10 {
		t.Errorf("%d packets of sound and %d of the picture were sent, want 10 of each", sounds, pictures)
	}
}

// layered is a bench whose picture has two encodings, told apart as browsers do, of which
// a viewer gets the better one.
func layeredBench(t *testing.T) (b *bench, packet func(rid string, sequence uint16, key bool) *rtp.Packet) {
	t.Helper()
	picture := benchSection
	picture.RIDs, picture.SSRCs = []string{"h", "l"}, nil
	b = newBenchOf(t, picture, 0, 100)
	b.up.numbers = demux.Extensions{MID: 1, RID: 2}
	b.up.demux.Update([]demux.Source{b.up.sources[0].source})
	return b, func(rid string, sequence uint16, key bool) *rtp.Packet {
		p := &rtp.Packet{Header: rtp.Header{
			Version: 2, PayloadType: 96, Marker: true, SSRC: 10 + uint32(rid[0]), SequenceNumber: sequence, Timestamp: 3000 * uint32(sequence),
		}, Payload: []byte{0x10, 1, 0, 0}}
		if key {
			p.Payload[1] = 0
		}
		for id, value := range map[uint8]string{1: "0", 2: rid} {
			if err := p.SetExtension(id, []byte(value)); err != nil {
				t.Fatal(err)
			}
		}
		return p
	}
}

// watchLayers has both encodings of a layeredBench begin, and somebody watch.
func watchLayers(t *testing.T, b *bench, packet func(rid string, sequence uint16, key bool) *rtp.Packet) *DownTrack {
	t.Helper()
	b.enter(t, packet("h", 1, true), packet("l", 1, true))
	track := b.up.sources[0]
	b.subscribe(t, track, 1000)
	return track.rows[0]
}

// sentNumbers has the numbers of all packets that are sent noted.
func (b *bench) sentNumbers() *[]uint16 {
	var numbers []uint16
	b.sink.keep = func(m socket.Message) { numbers = append(numbers, binary.BigEndian.Uint16(m.Data[2:])) }
	return &numbers
}

// What comes late while another encoding is being waited for goes out once, and so does what
// came before it.
func TestLatePacketsDuringASwitchGoOutOnce(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	b, packet := layeredBench(t)
	row := watchLayers(t, b, packet)
	for i := range uint16(2 * catchUp) {
		b.enter(t, packet("h", 2+i, false), packet("l", 2+i, false))
	}
	b.worker.do(func() { row.want(ceiling(row.up, media.Wanted{Ceiling: media.Lowest}), b.now) })
	if !row.forwarder.Waiting() {
		t.Fatal("no key frame is waited for")
	}
	numbers := b.sentNumbers()
	for _, sequence := range []uint16{101, 103, 104, 105, 102, 106} {
		b.enter(t, packet("h", sequence, false))
	}
	if want := []uint16{101, 103, 104, 105, 102, 106}; !slices.Equal(*numbers, want) {
		t.Errorf("sent %d, want %d", *numbers, want)
	}
}

// The first packet of a key frame may come behind those that follow it.
func TestKeyFramesWhoseFirstPacketIsLateAreWhole(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	for name, bursts := range map[string][][]uint16{
		"in bursts of their own": {{10}, {12}, {11}, {13}},
		"in one burst":           {{10}, {13, 12, 11, 14}, {15}},
		"after others":           {{10}, {12}, {13, 11, 14}, {15}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b, packet := layeredBench(t)
			b.enter(t, packet("h", 9, false))
			track := b.up.sources[0]
			b.subscribe(t, track, 1000)
			numbers := b.sentNumbers()
			last := uint16(0)
			for _, burst := range bursts {
				var packets []*rtp.Packet
				for _, sequence := range burst {
					packets = append(packets, packet("h", sequence, sequence == 11))
					last = max(last, sequence)
				}
				b.enter(t, packets...)
			}
			check := func(who string) {
				t.Helper()
				slices.Sort(*numbers)
				var want []uint16
				for sequence := uint16(11); sequence <= last; sequence++ {
					want = append(want, sequence)
				}
				if !slices.Equal(*numbers, want) {
					t.Errorf("%s got %d, want %d", who, *numbers, want)
				}
				*numbers = nil
			}
			check("who was there")
			b.subscribe(t, track, 1001)
			check("who came later")
		})
	}
}
