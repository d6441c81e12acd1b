package bwe

import (
	"math"
	"time"
)

const (
	// backOff is what is left of the rate that got through when queues grow.
	backOff = 0.85
	// rise is the growth of the rate a second while no limit is known.
	rise = 1.08
	// headroom bounds the rate by what gets through: more has not been tried.
	headroom, headroomBits = 1.5, 10_000
	// packetBits is the size of a packet for additive growth.
	packetBits = 1200 * 8
	// minRise is the least additive growth, in bit/s each second.
	minRise = 4000
	// sinceDecrease is the least time between two decreases but for the
	// round-trip time.
	sinceDecrease = 150 * time.Millisecond
)

// aimd is additive increase, multiplicative decrease: it rises until queues
// grow and falls back to what got through.
type aimd struct {
	rate float64 // bit/s
	// holding is set while queues empty.
	holding bool
	last    time.Duration
	reduced time.Duration
	// capacity and deviation tell what got through when queues grew, in bit/s
	// and relative to its square root; capacity is 0 while nothing is known.
	capacity, deviation float64
}

// flow is what gets through.
type flow struct {
	rate float64 // bit/s, 0 if nothing is known
	// full tells that it is exactly what the line takes, as packets wait for it.
	full bool
	// limited tells that less is sent than could be, so that nothing is learned
	// from its getting through.
	limited bool
}

// update takes what the queues do and what gets through.
func (a *aimd) update(usage Usage, f flow, rtt, now time.Duration) {
	elapsed := min(max(0, now-a.last), time.Second)
	a.last = now
	switch usage {
	case Overuse:
		a.decrease(f, rtt, now)
		a.holding = true
	case Underuse:
		a.holding = true
	case Normal:
		if a.holding {
			a.holding = false
			return
		}
		if !f.limited {
			a.increase(f.rate, rtt, elapsed)
		}
	}
}

func (a *aimd) increase(acknowledged float64, rtt, elapsed time.Duration) {
	if a.capacity > 0 && acknowledged > a.capacity+3*a.spread() {
		a.capacity = 0
	}
	grown := a.rate
	if a.capacity > 0 && acknowledged > a.capacity-3*a.spread() {
		response := (rtt + 100*time.Millisecond).Seconds()
		grown += max(minRise, packetBits/response) * elapsed.Seconds()
	} else {
		grown *= math.Pow(rise, elapsed.Seconds())
		grown = max(grown, a.rate+1000*elapsed.Seconds())
	}
	if acknowledged > 0 {
		// What has been found out by probes stays.
		grown = min(grown, max(a.rate, headroom*acknowledged+headroomBits))
	}
	a.rate = grown
}

func (a *aimd) decrease(f flow, rtt, now time.Duration) {
	if now-a.reduced < sinceDecrease+rtt && a.reduced > 0 && f.rate > a.rate/2 {
		return
	}
	through := f.rate
	if through == 0 {
		through = a.rate
	}
	if lower := backOff * through; lower < a.rate && f.full {
		a.rate = lower
	} else if lower < a.rate {
		// What got through says little if little was sent.
		a.rate = max(lower, a.rate/2)
	} else if a.capacity > 0 {
		a.rate = min(a.rate, backOff*a.capacity)
	}
	a.learn(through)
	a.reduced = now
}

// learn takes what got through at the limit into the estimate of the capacity.
func (a *aimd) learn(through float64) {
	if a.capacity > 0 && math.Abs(through-a.capacity) > 3*a.spread() {
		a.capacity = 0
	}
	if a.capacity == 0 {
		a.capacity, a.deviation = through, 0.4
		return
	}
	const weight = 0.05
	a.capacity += weight * (through - a.capacity)
	off := (through - a.capacity) / math.Sqrt(a.capacity*1000)
	a.deviation = min(max(0.4, math.Sqrt((1-weight)*a.deviation*a.deviation+weight*off*off)), 2.5)
}

// spread is the standard deviation of the capacity, in bit/s.
func (a *aimd) spread() float64 { return a.deviation * math.Sqrt(a.capacity*1000) }
