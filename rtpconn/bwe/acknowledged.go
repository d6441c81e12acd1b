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
