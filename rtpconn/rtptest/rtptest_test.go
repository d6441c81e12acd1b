package rtptest

import (
	"testing"

	"github.com/pion/rtp"

	"galene/group/leaktest"
	"galene/group/media"
	"galene/rtpconn/codec"
	"galene/rtpconn/demux"
)

func TestBuiltPacketsAreUnderstood(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	raw := Raw(rtp.Header{SSRC: 5, SequenceNumber: 6, PayloadType: 96}, VP8(Keyframe, 100), map[uint8]string{1: "v"})
	h, err := demux.ParseHeader(raw)
	if err != nil || h.SSRC != 5 || h.SequenceNumber != 6 {
		t.Fatalf("%+v, %v", h, err)
	}
	for position, want := range map[Position]media.FrameInfo{
		Keyframe:     {Keyframe: true, Start: true, Width: 640, Height: 480},
		Start:        {Start: true},
		Continuation: {},
	} {
		if got := codec.VP8(VP8(position, 100), false); got != want {
			t.Errorf("%d: %+v", position, got)
		}
	}
	var pool media.Pool
	if p := Packet(&pool, 1, 2, media.FrameInfo{End: true}); string(p.Payload()) != "\x00\x01\x00\x02" || !p.Marker {
		t.Errorf("%+v", p)
	}
}
