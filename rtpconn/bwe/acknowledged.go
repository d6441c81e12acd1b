package bwe

import (
	"time"

	"galene/rtpconn/transportcc"
)

const (
	// measured is over how long what gets through is measured, at first
	// and later on.
	measuredFirst, measured = 150 * time.Millisecond, 400 * time.Millisecond
	// ackedPackets is how many packets that takes at least: what of others' got lost is
	// reckoned by them.
	ackedPackets = 3
)

// acknowledged measures the bits a second that get through, by the clock of the
// receiver and by the packets of one connection.
type acknowledged struct {
	begin, last time.Duration
	end         uint32
	went        passage
	any         bool
}

// add takes what became of a packet. It returns a rate once it has been measured for
// as long as window.
func (a *acknowledged) add(r *transportcc.Result, window time.Duration) (rate float64, ok bool) {
	switch {
	case !r.Received:
		a.went.lost += r.Size
		return 0, false
	case !a.any || r.Arrival-a.last > time.Second || r.Arrival < a.begin-time.Second:
		// What it consists of arrived before begin.
		*a = acknowledged{begin: r.Arrival, last: r.Arrival, end: end(r), any: true}
		return 0, false
	case r.Late:
		a.went.lost = max(0, a.went.lost-r.Size)
	}
	bytes := int32(end(r) - a.end)
	a.went.add(r, bytes)
	if bytes > 0 {
		a.end = end(r)
	}
	a.last = max(a.last, r.Arrival)
	elapsed := a.last - a.begin
	if elapsed < window || a.went.packets < ackedPackets {
		return 0, false
	}
	rate = a.went.bits() / elapsed.Seconds()
	a.begin, a.went = a.last, passage{}
	return rate, true
}
