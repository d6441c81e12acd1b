package rtpconn

import (
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
