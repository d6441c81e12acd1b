package rtpconn

import (
	"bytes"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"galene/group/leaktest"
	"galene/group/media"
	"galene/rtpconn/codec"

	"github.com/pion/rtcp"
	"github.com/pion/rtp"
	"github.com/pion/webrtc/v3"
)

// layered makes the payloads of one picture, one for each of its spatial layers.
type layered func(picture int, key bool) [][]byte

// layerContent is what each layer of a picture holds.
var layerContent = bytes.Repeat([]byte{7}, 300)

// temporalVP8 makes pictures of three temporal layers, 0 2 1 2.
func temporalVP8(picture int, key bool) [][]byte {
	tid, sync, tag := []byte{0, 2, 1, 2}[picture%4], byte(0x20), byte(1)
	switch {
	case key:
		tag = 0
	case picture%4 == 3 || tid == 0:
		sync = 0
	}
	return [][]byte{slices.Concat([]byte{0x90, 0xE0, 0x80 | byte(picture>>8), byte(picture), byte(picture / 4), tid<<6 | sync, tag}, layerContent)}
}

// spatialVP9 makes pictures of two spatial layers, the upper one of which leans on the
// lower one.
func spatialVP9(picture int, key bool) [][]byte {
	inter, header := byte(0x40), byte(0x84)
	if key {
		inter, header = 0, 0x80
	}
	id := []byte{0x80 | byte(picture>>8), byte(picture)}
	lower := slices.Concat([]byte{0xAC | inter}, id, []byte{0, byte(picture), header}, layerContent)
	upper := slices.Concat([]byte{0xAD | inter}, id, []byte{1<<1 | 1, byte(picture), 0x84}, layerContent)
	return [][]byte{lower, upper}
}

// publishLayers publishes a picture that has layers, with a key frame where one is
// asked for and fits.
func publishLayers(t *testing.T, e *Engine, c media.Codec, pictures layered) *publisher {
	t.Helper()
	track, err := webrtc.NewTrackLocalStaticRTP(codecParameters(c).RTPCodecCapability, "video", "stream")
	if err != nil {
		t.Fatal(err)
	}
	codecs := []media.Codec{c}
	p := &publisher{pc: newPeer(t, peerOptions{codecs: codecs}), tracks: make(chan struct{}, 16)}
	sender, err := p.pc.AddTrack(track)
	if err != nil {
		t.Fatal(err)
	}
	if p.up, err = e.NewUpConn(UpOptions{ID: "stream", Codecs: codecs, OnTracks: func() { p.tracks <- struct{}{} }}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.up.Close)
	p.offer(t, nil)
	var asked atomic.Bool
	asked.Store(true)
	go func() {
		for {
			packets, _, err := sender.ReadRTCP()
			if err != nil {
				return
			}
			for _, p := range packets {
				if _, ok := p.(*rtcp.PictureLossIndication); ok {
					asked.Store(true)
				}
			}
		}
	}()
	seq := uint16(65000)
	untilEnd(t, func(i int) error {
		payloads := pictures(i, i%4 == 0 && asked.Swap(false))
		for n, payload := range payloads {
			header := rtp.Header{Version: 2, SequenceNumber: seq, Timestamp: uint32(i) * 1800, Marker: n == len(payloads)-1}
			seq++
			if err := track.WriteRTP(&rtp.Packet{Header: header, Payload: payload}); err != nil {
				return err
			}
		}
		return nil
	})
	return p
}

// thinned looks at what a subscriber gets of a picture with layers.
type thinned struct {
	remote *webrtc.TrackRemote
	codec  media.Codec
	last   *rtp.Packet
	frame  media.FrameInfo
}

// next returns what the next packet says of its frame, and fails where something is
// missing.
func (s *thinned) next(t *testing.T) media.FrameInfo {
	t.Helper()
	p, _, err := s.remote.ReadRTP()
	if err != nil {
		t.Fatalf("nothing comes: %v", err)
	}
	f, last, before := codec.ParserFor(s.codec.MimeType)(p.Payload, p.Marker), s.last, s.frame
	s.last, s.frame = p, f
	if !bytes.HasSuffix(p.Payload, layerContent) {
		t.Fatalf("the payload is changed: %x", p.Payload)
	}
	if last == nil {
		if !f.Keyframe {
			t.Fatalf("it begins with %+v", f)
		}
		return f
	}
	if p.SequenceNumber != last.SequenceNumber+1 {
		t.Fatalf("packet %d after %d", p.SequenceNumber, last.SequenceNumber)
	}
	if (p.Timestamp == last.Timestamp) == last.Marker {
		t.Fatalf("%+v at %d after %+v at %d, whose marker is %v", f, p.Timestamp, before, last.Timestamp, last.Marker)
	}
	if s.codec.Name == "vp8" && f.PictureID != (before.PictureID+1)&0x7fff {
		t.Fatalf("picture %d after %d", f.PictureID, before.PictureID)
	}
	return f
}

// until reads until so many packets in a row have layers that are as they should be,
// the highest of which are the wanted ones.
func (s *thinned) until(t *testing.T, sid, tid uint8) {
	t.Helper()
	if err := s.remote.SetReadDeadline(time.Now().Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	const long = 24
	var recent []media.FrameInfo
	for range 3000 {
		if recent = append(recent, s.next(t)); len(recent) > long {
			recent = recent[1:]
		}
		highest := media.FrameInfo{}
		for _, f := range recent {
			highest.SID, highest.TID = max(highest.SID, f.SID), max(highest.TID, f.TID)
		}
		if len(recent) == long && highest.SID == sid && highest.TID == tid {
			return
		}
	}
	t.Fatalf("it never has layers %d and %d: %+v", sid, tid, recent)
}

// What a line or a request does not allow of the layers of a picture is left out, and
// nobody can tell from what is left; it comes back when it may.
func TestLayersAreLeftOutWithoutASeam(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	type step struct {
		line     float32 // bit/s; 0 for as before
		words    string
		sid, tid uint8
	}
	for name, tt := range map[string]struct {
		pictures layered
		steps    []step
	}{
		"vp8": {temporalVP8, []step{{0, "video", 0, 2}, {100_000, "video", 0, 1}, {50_000, "video", 0, 0}, {1_000_000, "video", 0, 2}}},
		"vp9": {spatialVP9, []step{{0, "video", 1, 0}, {0, "video-low", 0, 0}, {0, "video", 1, 0}, {200_000, "video", 0, 0}, {1_000_000, "video", 1, 0}}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			codecs, _ := media.CodecsByName([]string{name})
			e := testEngine(t)
			p := publishLayers(t, e, codecs[0], tt.pictures)
			receive(t, p.tracks, "the track")
			s := subscribe(t, e, peerOptions{codecs: codecs[:1]}, p.up, "video")
			view := &thinned{remote: s.track(t), codec: codecs[0]}
			for _, step := range tt.steps {
				if step.line > 0 {
					remb := &rtcp.ReceiverEstimatedMaximumBitrate{Bitrate: step.line, SSRCs: []uint32{uint32(view.remote.SSRC())}}
					if err := s.pc.WriteRTCP([]rtcp.Packet{remb}); err != nil {
						t.Fatal(err)
					}
				}
				if s.request(t, p.up, step.words) {
					t.Error("other layers need an offer")
				}
				view.until(t, step.sid, step.tid)
			}
		})
	}
}
