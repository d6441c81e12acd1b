package rtpconn

import (
	"testing"
	"time"

	"galene/group/leaktest"
)

func TestTicksComeNeitherTooOftenNorTwice(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	p := newPulse(1)
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
		if got := p.take(0, tt.now); got != tt.want {
			t.Errorf("at %v: %v", tt.now, got)
		}
	}
}

func TestTheTickerIsQuickWhereSomethingWaitsAndSlowWhereMediaTick(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	p := newPulse(2)
	defer p.ticker.Stop()
	const second = time.Second
	for _, step := range []struct {
		name string
		do   func()
		want time.Duration
	}{
		{"nobody ticks", func() { p.beaten(p.flowing(0, second)) }, slowTick},
		{"somebody has ticked", func() { p.take(0, second); p.beaten(p.flowing(0, second+slowTick-1)) }, watchInterval},
		{"and goes on", func() { p.take(0, 2*second); p.quicken(0, false); p.beaten(p.flowing(0, 2*second)) }, watchInterval},
		{"nobody ticks for the other", func() { p.beaten(p.flowing(1, 2*second)) }, slowTick},
		{"a packet waits", func() { p.quicken(0, true) }, tickInterval},
		{"still", func() { p.beaten(p.flowing(0, 2*second)) }, tickInterval},
		{"one of the other", func() { p.quicken(1, true); p.quicken(0, false) }, tickInterval},
		{"no more", func() { p.quicken(1, false) }, slowTick},
		{"media flow", func() { p.beaten(p.flowing(0, 2*second)) }, watchInterval},
		{"and end", func() { p.beaten(p.flowing(0, 2*second+slowTick)) }, slowTick},
	} {
		step.do()
		if p.interval != step.want {
			t.Errorf("%s: every %v, want %v", step.name, p.interval, step.want)
		}
	}
}
