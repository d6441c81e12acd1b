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

func TestTheTickerIsQuickWhereSomethingWaitsAndSlowWhereMediaTick(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	p := newPulse()
	defer p.ticker.Stop()
	const second = time.Second
	for _, step := range []struct {
		name string
		do   func()
		want time.Duration
	}{
		{"nobody ticks", func() { p.beaten(second) }, slowTick},
		{"somebody has ticked", func() { p.take(second); p.beaten(second + slowTick - 1) }, watchInterval},
		{"and goes on", func() { p.take(2 * second); p.quicken(false); p.beaten(2 * second) }, watchInterval},
		{"a packet waits", func() { p.quicken(true) }, tickInterval},
		{"still", func() { p.beaten(2 * second) }, tickInterval},
		{"no more", func() { p.quicken(false) }, slowTick},
		{"media flow", func() { p.beaten(2 * second) }, watchInterval},
		{"and end", func() { p.beaten(2*second + slowTick) }, slowTick},
	} {
		step.do()
		if p.interval != step.want {
			t.Errorf("%s: every %v, want %v", step.name, p.interval, step.want)
		}
	}
}
