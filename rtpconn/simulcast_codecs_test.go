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

// packetise makes the payloads of one frame, each with content at its end.
type packetise func(key bool, picture uint16, content []byte) [][]byte

// packetisers are by the names of codecs.
var packetisers = map[string]packetise{
	"vp8": func(key bool, picture uint16, content []byte) [][]byte {
		tag := byte(1)
		if key {
			tag = 0
		}
		rest := []byte{0x80, 0x80 | byte(picture>>8), byte(picture), tag}
		return [][]byte{slices.Concat([]byte{0x90}, rest, content), slices.Concat([]byte{0x80}, rest, content)}
	},
	"vp9": func(key bool, picture uint16, content []byte) [][]byte {
		inter, header := byte(0x40), byte(0x84)
		if key {
			inter, header = 0, 0x80
		}
		rest := []byte{0x80 | byte(picture>>8), byte(picture), header}
		return [][]byte{slices.Concat([]byte{0x88 | inter}, rest, content), slices.Concat([]byte{0x84 | inter}, rest, content)}
	},
	"av1": func(key bool, _ uint16, content []byte) [][]byte {
		if key {
			return [][]byte{append([]byte{0x18, 0x08, 0x00}, content...), append([]byte{0x10, 0x30, 0x10}, content...)}
		}
		return [][]byte{append([]byte{0x10, 0x30, 0x30}, content...)}
	},
	"h264": func(key bool, _ uint16, content []byte) [][]byte {
		if key {
			return [][]byte{append([]byte{0x67, 0x42, 0xe0}, content...), append([]byte{0x68}, content...), append([]byte{0x65}, content...)}
		}
		return [][]byte{append([]byte{0x41}, content...)}
	},
}

// encodingSizes are how many bytes a packet of each encoding holds, by rid: so far
// apart that which fits is clear also where a busy machine sends half as many.
var encodingSizes = map[string]int{"h": 480, "m": 40, "l": 10}

// publishEncodings publishes a picture in some encodings whose encoders make key
// frames when asked for, and only then.
func publishEncodings(t *testing.T, e *Engine, c media.Codec, rids []string) *publisher {
	t.Helper()
	var tracks []*webrtc.TrackLocalStaticRTP
	for _, rid := range rids {
		track, err := webrtc.NewTrackLocalStaticRTP(codecParameters(c).RTPCodecCapability, "video", "stream", webrtc.WithRTPStreamID(rid))
		if err != nil {
			t.Fatal(err)
		}
		tracks = append(tracks, track)
	}
	codecs := []media.Codec{c}
	p := &publisher{pc: newPeer(t, peerOptions{codecs: codecs}), tracks: make(chan struct{}, 16)}
	sender, err := p.pc.AddTrack(tracks[0])
	if err != nil {
		t.Fatal(err)
	}
	for _, track := range tracks[1:] {
		if err := sender.AddEncoding(track); err != nil {
			t.Fatal(err)
		}
	}
	if p.up, err = e.NewUpConn(UpOptions{ID: "stream", Codecs: codecs, OnTracks: func() { p.tracks <- struct{}{} }}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.up.Close)
	p.offer(t, nil)
	for i, track := range tracks {
		encode(t, sender, track, packetisers[c.Name], uint16(1000*i))
	}
	return p
}

// encode sends one encoding until the test ends; numbers say where sequence numbers
// and the like begin.
func encode(t *testing.T, sender *webrtc.RTPSender, track *webrtc.TrackLocalStaticRTP, frame packetise, numbers uint16) {
	t.Helper()
	var asked atomic.Bool
	asked.Store(true)
	heard := make(chan struct{})
	go func() {
		defer close(heard)
		for {
			packets, _, err := sender.ReadSimulcastRTCP(track.RID())
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
	// The library does not want to be closed while it is being read.
	t.Cleanup(func() {
		if err := sender.SetReadDeadlineSimulcast(time.Now(), track.RID()); err != nil {
			t.Error(err)
		}
		<-heard
	})
	mid, rid := namingExtensions(sender)
	content := append(bytes.Repeat([]byte{0}, encodingSizes[track.RID()]), track.RID()...)
	seq := numbers
	untilEnd(t, func(i int) error {
		payloads := frame(asked.Swap(false), (numbers+uint16(i))&0x7fff, content)
		for n, payload := range payloads {
			p := &rtp.Packet{
				Header:  rtp.Header{Version: 2, SequenceNumber: seq, Timestamp: uint32(numbers)*90 + uint32(i)*1800, Marker: n == len(payloads)-1},
				Payload: payload,
			}
			seq++
			_ = p.SetExtension(mid, []byte("0"))
			_ = p.SetExtension(rid, []byte(track.RID()))
			if err := track.WriteRTP(p); err != nil {
				return err
			}
		}
		return nil
	})
}

// seamless looks at what a subscriber gets, which is to be one stream.
type seamless struct {
	remote *webrtc.TrackRemote
	parse  codec.Parser
	last   *rtp.Packet
	// picture is the id of the last picture that had one.
	picture uint16
}

// until reads until a packet is of the encoding that is wanted.
func (s *seamless) until(t *testing.T, rid string) {
	t.Helper()
	if err := s.remote.SetReadDeadline(time.Now().Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	for {
		p, _, err := s.remote.ReadRTP()
		if err != nil {
			t.Fatalf("%q never comes: %v", rid, err)
		}
		s.look(t, p)
		if of(p) == rid[0] {
			return
		}
	}
}

// of returns the rid of the encoding that a packet is of.
func of(p *rtp.Packet) byte { return p.Payload[len(p.Payload)-1] }

func (s *seamless) look(t *testing.T, p *rtp.Packet) {
	t.Helper()
	f, last := s.parse(p.Payload, p.Marker), s.last
	s.last = p
	if (last == nil || of(p) != of(last)) && !f.Keyframe {
		t.Fatalf("%c begins with %x", of(p), p.Payload[:4])
	}
	if f.Start && f.PictureIDBits > 0 {
		if last != nil && f.PictureID != (s.picture+1)&0x7fff {
			t.Fatalf("picture %d of %c after %d", f.PictureID, of(p), s.picture)
		}
		s.picture = f.PictureID
	}
	if last == nil {
		return
	}
	if p.SequenceNumber != last.SequenceNumber+1 {
		t.Fatalf("packet %d of %c after %d of %c", p.SequenceNumber, of(p), last.SequenceNumber, of(last))
	}
	// When another encoding takes over, the rest of the picture before may not have come.
	switched := of(p) != of(last)
	if step := int32(p.Timestamp - last.Timestamp); step < 0 || (step > 0) != (last.Marker || switched) {
		t.Fatalf("time %d of %c after %d of %c, whose marker is %v", p.Timestamp, of(p), last.Timestamp, of(last), last.Marker)
	}
}

// Whatever the codec, and whether a line, a request or both say so: from one encoding
// to another it goes at a key frame, without a gap in any number, and without an offer.
// The statistics say why it is the one that it is.
func TestEncodingsOfEveryCodecAreSwitchedWithoutASeam(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	for name := range packetisers {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			codecs, _ := media.CodecsByName([]string{name})
			e := testEngine(t)
			p := publishEncodings(t, e, codecs[0], []string{"h", "m", "l"})
			receive(t, p.tracks, "the track")
			s := subscribe(t, e, peerOptions{codecs: codecs[:1]}, p.up, "video")
			view := &seamless{remote: s.track(t), parse: codec.ParserFor(codecs[0].MimeType)}
			// What the client says of its line counts for half a minute only.
			var rate atomic.Uint32
			line := func(bitrate uint32) { rate.Store(bitrate) }
			ssrcs := []uint32{uint32(view.remote.SSRC())}
			untilEnd(t, func(int) error {
				if rate.Load() == 0 {
					return nil
				}
				return s.pc.WriteRTCP([]rtcp.Packet{&rtcp.ReceiverEstimatedMaximumBitrate{Bitrate: float32(rate.Load()), SSRCs: ssrcs}})
			})
			because := func(want Reason) {
				eventually(t, "the reason "+string(want), func() bool { return reasonOf(e) == want })
			}
			want := func(words ...string) {
				if s.request(t, p.up, words...) {
					t.Error("another encoding needs an offer")
				}
			}
			view.until(t, "h")
			because(ReasonTop)
			line(100_000)
			view.until(t, "m")
			because(ReasonLine)
			want("video-low")
			view.until(t, "l")
			because(ReasonAsked)
			want("video")
			view.until(t, "m")
			line(1_000_000)
			view.until(t, "h")
			want("video-low")
			view.until(t, "l")
		})
	}
}
