package rtpconn

import (
	"math"
	"slices"
	"testing"
	"time"

	"galene/group/leaktest"
	"galene/group/media"

	"github.com/pion/rtcp"
)

// A publisher that takes it hears each second what is of use, and at once where that
// has become something else altogether.
func TestPublisherHearsWhatIsOfUse(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	b := newBench(t, 1, 100)
	heard := b.hearPublisher(t)
	track := b.up.sources[0]
	track.ladder = []rung{{ceiling(track, media.Wanted{}), 600_000, 0, 0}}
	track.measured = 1 << 60 // nothing is measured anew
	for i, tt := range []struct {
		at   time.Duration
		line float64
		remb bool
		want float64 // 0 for nothing
	}{
		{0, 400_000, true, 400_000},
		{500 * time.Millisecond, 400_000, true, 0},
		{time.Second, 400_000, true, 400_000},
		{1200 * time.Millisecond, 300_000, true, 300_000},
		{1400 * time.Millisecond, 290_000, true, 0},
		{2 * time.Second, 290_000, true, 290_000},
		{3 * time.Second, 290_000, false, 0},
	} {
		now := time.Minute + tt.at
		track.format.remb = tt.remb
		b.estimate(track.rows[0], tt.line, now)
		*heard = nil
		b.worker.do(func() { b.up.tick(now) })
		got := 0.0
		for _, p := range *heard {
			if r, ok := p.(*rtcp.ReceiverEstimatedMaximumBitrate); ok {
				got = float64(r.Bitrate)
				if !slices.Equal(r.SSRCs, []uint32{1}) {
					t.Errorf("it is about %v", r.SSRCs)
				}
			}
		}
		if math.Abs(got-usable*tt.want) > 0.01*tt.want {
			t.Errorf("step %d: asked for no more than %.0f, want %.0f", i, got, usable*tt.want)
		}
	}
}
