package rtpconn

import (
	"testing"
	"time"

	"galene/group/leaktest"
	"galene/group/media"
	"galene/rtpconn/codec"
)

// An encoding that has had no key frame for long, while another one has, has as many
// frames as that: also where a payload does not tell that a frame begins.
func TestEncodingsAreComparedByTheirFramesWhateverTheCodec(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	for mime, payloads := range map[string]struct{ key, other []byte }{
		"video/VP8":  {[]byte{0x10, 0x00}, []byte{0x10, 0x01}},
		"video/VP9":  {[]byte{0x0c, 0x80}, []byte{0x4c, 0x84}},
		"video/AV1":  {[]byte{0x18, 0x08, 0x00}, []byte{0x10, 0x30}},
		"video/H264": {[]byte{0x67, 0x42, 0xe0}, []byte{0x41, 0x9a}},
	} {
		t.Run(mime, func(t *testing.T) {
			parse := codec.ParserFor(mime)
			track := &UpTrack{kind: media.Video}
			for i := range 2 {
				track.encodings = append(track.encodings, &encoding{track: track, index: i, known: true})
			}
			// The better one begins with a key frame, and the lower one has one each second.
			for second := range 5 {
				for frame := range 30 {
					for i, e := range track.encodings {
						payload := payloads.other
						if frame == 0 && (i == 1 || second == 0) {
							payload = payloads.key
						}
						f := parse(payload, true)
						e.layers.add(&f, 1000*(2-i))
					}
				}
				track.measure(time.Duration(second+1) * time.Second)
				if n := len(track.ladder); n != 2 {
					t.Fatalf("after %d seconds there are %d ways to forward two encodings", second+1, n)
				}
			}
		})
	}
}
