package bwe

import (
	"fmt"
	"testing"
	"time"

	"galene/group/leaktest"
)

// Within three seconds of the end of losses there is room for everything again,
// and after the next ones, too.
func TestFullRateIsBackAfterLosses(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	for _, line := range []struct{ rate, demand float64 }{{2_000_000, 1_200_000}, {600_000, 400_000}, {50_000_000, 1_200_000}} {
		for _, loss := range []float64{0.05, 0.2, 0.25, 0.3, 0.35, 0.4, 0.5, 0.6} {
			for _, phase := range []time.Duration{time.Second, 5 * time.Second, 20 * time.Second} {
				l := &link{rate: constant(line.rate), queue: 400 * time.Millisecond, delay: 40 * time.Millisecond}
				s := simulate(l)
				s.demand = constant(line.demand)
				s.run(t, 10*time.Second)
				for again := range 3 {
					l.loss = loss
					s.run(t, phase)
					l.loss = 0
					s.run(t, 3*time.Second)
					s.expect(t, fmt.Sprintf("%.0f %% of %.0f kbit/s lost for %v, time %d", 100*loss, line.demand/1000, phase, again),
						line.demand, max(StartRate, 1.5*line.rate))
				}
			}
		}
	}
}

// What is sent while much gets lost for no reason is no less than the line was
// seen to carry of it at first, however long it lasts.
func TestHeavyLossesDoNotStarve(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	for _, loss := range []float64{0.35, 0.5, 0.6} {
		l := &link{rate: constant(2_000_000), queue: 400 * time.Millisecond, delay: 40 * time.Millisecond}
		s := simulate(l)
		s.demand = constant(1_200_000)
		s.run(t, 10*time.Second)
		l.loss = loss
		for range 12 {
			s.run(t, 5*time.Second)
			s.expect(t, fmt.Sprintf("%.0f %% lost", 100*loss), 0.7*(1-loss)*1_200_000, 3e6)
		}
	}
}

// A line that becomes thin while much gets lost is not flooded when losses end.
func TestLineThatBecomesThinWhileMuchGetsLost(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	for _, loss := range []float64{0.1, 0.35, 0.5} {
		rate := 2_000_000.0
		l := &link{rate: func(time.Duration) float64 { return rate }, queue: 500 * time.Millisecond, delay: 40 * time.Millisecond}
		s := simulate(l)
		s.demand = constant(1_200_000)
		s.run(t, 10*time.Second)
		l.loss = loss
		s.run(t, 5*time.Second)
		rate = 300_000
		s.run(t, 5*time.Second)
		l.overload()
		l.loss = 0
		for second := range 20 {
			s.run(t, time.Second)
			if second > 2 {
				s.expect(t, fmt.Sprintf("%d s after %.0f %% got lost", second+1, 100*loss), 100_000, 360_000)
			}
			if s.delayed > 300*time.Millisecond {
				t.Errorf("%.0f %% got lost: packets wait for %v in second %d", 100*loss, s.delayed, second)
			}
		}
		if o := l.overload(); o > 0.02 {
			t.Errorf("%.0f %% got lost: then %.1f %% was too much", 100*loss, 100*o)
		}
	}
}

// What throws away all that is more than a rate is found out, whether it lets
// bursts pass or not, and not tried again and again.
func TestPolicersAreHeeded(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	for _, l := range []*link{
		{queue: 15 * time.Millisecond}, {bucket: 3000}, {bucket: 10_000}, {bucket: 30_000}, {bucket: 100_000},
	} {
		rate := 2_000_000.0
		l.rate, l.delay = func(time.Duration) float64 { return rate }, 40*time.Millisecond
		s := simulate(l)
		s.demand = constant(1_200_000)
		s.run(t, 10*time.Second)
		rate = 300_000
		s.run(t, 5*time.Second)
		l.overload()
		s.run(t, time.Minute)
		if o := l.overload(); o > 0.35 {
			t.Errorf("queue %v, bucket %.0f: %.1f %% was too much", l.queue, l.bucket, 100*o)
		}
	}
}
