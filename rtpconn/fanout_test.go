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

func TestSoundAndPictureThatCameTogetherLeaveTogether(t *testing.T) {
	leaktest.Check(t)
	b := newBench(t, 3, 1000)
	sound := newUpTrack(b.up, benchSound)
	b.up.tracks, b.up.sources = append(b.up.tracks, sound), append(b.up.sources, sound)
	b.up.demux.Update([]demux.Source{b.up.sources[0].source, sound.source})
	// Before anybody takes it: the first packet tells the codec.
	enter := func(packets ...*rtp.Packet) {
		var media []mux.Media
		for _, p := range packets {
			plain, err := p.Marshal()
			if err != nil {
				t.Fatal(err)
			}
			sealed, err := b.source.EncryptRTP(nil, plain, nil)
			if err != nil {
				t.Fatal(err)
			}
			media = append(media, mux.Media{To: b.up, From: b.media[0].From, Datagram: sealed})
		}
		b.now += time.Millisecond
		b.engine.workers[0].enter(media, b.now)
	}
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
