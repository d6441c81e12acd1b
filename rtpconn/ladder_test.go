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

// The first packets of a picture may come long after the engine began: it is never taken
// for next to nothing, which would fit on any line.
func TestNewPicturesAreMeasuredFromTheirBeginningOn(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	b := newBench(t, 0, 1000)
	track := b.up.sources[0]
	track.format, b.now = nil, time.Hour // as before the first packet
	measured := 0
	for i := range 2000 {
		b.send(t)
		if i%20 == 3 {
			b.worker.do(func() { track.measure(b.now) })
		}
		const rate = 8_000_000 // one packet of a thousand bytes each millisecond
		for _, r := range track.ladder {
			if measured++; r.rate < 0.9*rate {
				t.Fatalf("after %v it is taken for %.0f bit/s", b.now-time.Hour, r.rate)
			}
		}
	}
	if measured == 0 {
		t.Error("it is never measured")
	}
}
