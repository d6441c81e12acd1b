package bwe

import (
	"time"

	"galene/rtpconn/transportcc"
)

const (
	// measured is over how long what gets through is measured, at first
	// and later on.
	measuredFirst, measured = 150 * time.Millisecond, 400 * time.Millisecond
)

const (
	// busyBits is over how much the line is measured while it is busy, busyAge
	// how long that counts, freshAge how long it is what the line takes now.
	busyBits, busyAge, freshAge = 40_000, 3 * time.Second, 300 * time.Millisecond
)

// busy measures what the line takes, in bit/s, by the packets that had to wait
// for others: they arrive as fast as it goes, however little is sent on the
// whole.
type busy struct {
	rate float64
	at   time.Duration // of the last measurement, by the receiver's clock
	bits float64
	time time.Duration
	last time.Duration
	// waited tells whether the last packet had to wait.
	waited bool
}

// add takes a packet that arrived, and would have sooner, as fast as the fastest
// one, had nothing been in its way.
func (b *busy) add(r *transportcc.Result, soonest time.Duration) {
	between := r.Arrival - b.last
	b.waited = soonest <= b.last && between >= 0 && between < time.Second
	if b.waited {
		b.bits += float64(8 * r.Size)
		b.time += between
		if b.bits >= busyBits && b.time > 0 {
			b.rate, b.at = b.bits/b.time.Seconds(), r.Arrival
			b.bits, b.time = 0, 0
		}
	}
	b.last = r.Arrival
}

// again takes a packet that was sent more than once: how long it took says nothing, but
// if the line is busy what comes after it had to wait for it.
func (b *busy) again(r *transportcc.Result) {
	if b.waited {
		b.bits += float64(8 * r.Size)
	}
}

// known returns the rate, 0 if it was not measured within an age.
func (b *busy) known(age time.Duration) float64 {
	if b.rate == 0 || b.last-b.at > age {
		return 0
	}
	return b.rate
}

// acknowledged measures the bits a second that get through, by the clock of the
// receiver.
type acknowledged struct {
	rate  float64 // bit/s; 0 while unknown
	begin time.Duration
	last  time.Duration
	bits  float64
	any   bool
}

func (a *acknowledged) add(results []transportcc.Result) {
	for i := range results {
		r := &results[i]
		if !r.Received {
			continue
		}
		if !a.any || r.Arrival-a.last > time.Second || r.Arrival < a.begin-time.Second {
			*a = acknowledged{rate: a.rate, begin: r.Arrival, last: r.Arrival, any: true}
			continue // its bits arrived before begin
		}
		a.bits += float64(8 * r.Size)
		a.last = max(a.last, r.Arrival)
		window := measured
		if a.rate == 0 {
			window = measuredFirst
		}
		if elapsed := a.last - a.begin; elapsed >= window {
			sample := a.bits / elapsed.Seconds()
			if a.rate == 0 {
				a.rate = sample
			} else {
				a.rate += 0.5 * (sample - a.rate)
			}
			a.begin, a.bits = a.last, 0
		}
	}
}
