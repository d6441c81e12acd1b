package rtpconn

import (
	"strings"
	"testing"
	"time"

	"galene/group/leaktest"
	"galene/group/media"

	"github.com/pion/rtp"
	"github.com/pion/webrtc/v3"
)

// keyframes are the shortest payloads that begin a key frame, by payload type.
var keyframes = map[uint8][]byte{
	96:  {0x10, 0x00},       // VP8: start of partition 0, key frame
	98:  {0x08, 0x80},       // VP9, profile 0: beginning of a frame, key frame
	100: {0x08, 0x90},       // profile 2
	35:  {0x18, 0x08, 0x00}, // AV1: a coded video sequence begins with its header
	108: {0x67, 0x42, 0xe0}, // H.264: sequence parameters
	102: {0x67, 0x42, 0x00},
}

// Every codec that a group may allow comes out as it went in, under the payload
// type that subscribers are used to.
func TestEveryCodecIsForwarded(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	codecs, _ := media.CodecsByName([]string{"vp8", "vp9", "av1", "h264", "opus", "g722", "pcmu", "pcma"})
	for _, c := range codecs {
		t.Run(strings.ReplaceAll(c.MimeType+" "+c.Fmtp, "/", " "), func(t *testing.T) {
			t.Parallel()
			o := peerOptions{codecs: []media.Codec{c}}
			local, err := webrtc.NewTrackLocalStaticRTP(codecParameters(c).RTPCodecCapability, c.Kind.String(), "stream")
			if err != nil {
				t.Fatal(err)
			}
			payload, ok := keyframes[c.PayloadType]
			if !ok {
				payload = []byte("sound")
			}
			e := testEngine(t)
			p := publish(t, e, o, "stream", local)
			go func() {
				ticker := time.NewTicker(20 * time.Millisecond)
				defer ticker.Stop()
				for i := uint16(0); ; i++ {
					select {
					case <-t.Context().Done():
						return
					case <-ticker.C:
					}
					header := rtp.Header{Version: 2, SequenceNumber: i, Timestamp: uint32(i) * c.ClockRate / 50, Marker: true}
					if local.WriteRTP(&rtp.Packet{Header: header, Payload: payload}) != nil {
						return
					}
				}
			}()
			receive(t, p.tracks, "the track")
			remote := subscribe(t, e, o, p.up, c.Kind.String()).track(t)
			if err := remote.SetReadDeadline(time.Now().Add(time.Minute)); err != nil {
				t.Fatal(err)
			}
			packet, _, err := remote.ReadRTP()
			if err != nil {
				t.Fatal(err)
			}
			if string(packet.Payload) != string(payload) || packet.PayloadType != c.PayloadType || !strings.EqualFold(remote.Codec().MimeType, c.MimeType) {
				t.Errorf("%x in type %d of %s", packet.Payload, packet.PayloadType, remote.Codec().MimeType)
			}
		})
	}
}

// A browser whose encoder fails goes on in the next codec that was negotiated, without a
// word: subscribers see the picture in that one, then.
func TestPublishersMayChangeTheCodec(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	codecs, _ := media.CodecsByName([]string{"vp9", "vp8"})
	o := peerOptions{codecs: codecs}
	e := testEngine(t)
	tracks := make(map[string]*webrtc.TrackLocalStaticRTP)
	for _, mime := range []string{webrtc.MimeTypeVP8, webrtc.MimeTypeVP9} {
		track, err := webrtc.NewTrackLocalStaticRTP(webrtc.RTPCodecCapability{MimeType: mime, ClockRate: 90000}, "video", "stream")
		if err != nil {
			t.Fatal(err)
		}
		tracks[mime] = track
		payload := keyframes[96]
		if mime == webrtc.MimeTypeVP9 {
			payload = keyframes[98]
		}
		untilEnd(t, func(i int) error {
			header := rtp.Header{Version: 2, SequenceNumber: uint16(i), Timestamp: uint32(i) * 1800, Marker: true}
			_ = track.WriteRTP(&rtp.Packet{Header: header, Payload: payload}) // it may not be sent now
			return nil
		})
	}
	p := publish(t, e, o, "stream", tracks[webrtc.MimeTypeVP9])
	sender := p.pc.GetSenders()[0]
	receive(t, p.tracks, "the track")
	s := subscribe(t, e, o, p.up, "video")
	for i, mime := range []string{webrtc.MimeTypeVP9, webrtc.MimeTypeVP8, webrtc.MimeTypeVP9} {
		if i > 0 {
			if err := sender.ReplaceTrack(tracks[mime]); err != nil {
				t.Fatal(err)
			}
			receive(t, p.tracks, "a track of another codec")
			if got := p.up.Tracks(); len(got) != 1 || got[0].Codec().MimeType != mime {
				t.Fatalf("tracks %+v, want one of %s", got, mime)
			}
			// The codecs of a connection are settled, so it takes another one.
			if _, err := s.down.SetTracks(media.Select([]string{"video"}, p.up.Tracks())); err == nil {
				t.Fatal("another codec on the same connection")
			}
			s = subscribe(t, e, o, p.up, "video")
		}
		remote := s.track(t)
		if got := remote.Codec().MimeType; got != mime {
			t.Errorf("subscribers get %s, want %s", got, mime)
		}
		arrives(t, remote)
	}
}
