package rtpconn

import (
	"testing"
	"time"

	"galene/group/leaktest"
)

func TestTicksComeNeitherTooOftenNorTwice(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	p := newPulse()
	defer p.ticker.Stop()
	for _, tt := range []struct {
		now  time.Duration
		want bool
	}{
		{earlyTick - 1, false},
		{earlyTick, true},
		{earlyTick, false},
		{2*earlyTick - 1, false},
		{earlyTick - 1, false}, // somebody who has read the clock before
		{3 * earlyTick, true},
		{4*earlyTick - 1, false},
		{4 * earlyTick, true},
	} {
		if got := p.take(tt.now); got != tt.want {
			t.Errorf("at %v: %v", tt.now, got)
		}
	}
}
