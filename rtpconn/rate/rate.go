// Package rate measures how many bits and packets a second flow past a point,
// over the last second.
//
// It takes the time as an argument, allocates nothing, and knows nothing of what
// it counts. An Estimator belongs to one goroutine at a time.
package rate

import "time"

const (
	// slot is the resolution, and slots of them make the second that is
	// averaged over.
	slot  = 100 * time.Millisecond
	slots = 10
)

// count is what one slot of time has seen.
type count struct {
	bytes, packets int64
}

// Estimator measures one flow. The zero value has seen nothing. Times are since
// any common start, not negative, and must not go back by more than a slot.
type Estimator struct {
	counts [slots]count // a ring, by the number of the slot
	sum    count
	// latest is the number of the newest slot.
	latest int64
}

// Add counts one packet of so many bytes.
func (e *Estimator) Add(bytes int, now time.Duration) {
	e.advance(now)
	c := &e.counts[e.latest%slots]
	c.bytes += int64(bytes)
	c.packets++
	e.sum.bytes += int64(bytes)
	e.sum.packets++
}

// Rates returns the bits and the packets of the last second. A flow that has
// just begun shows what it has been so far, not what a full second would be.
func (e *Estimator) Rates(now time.Duration) (bits, packets int64) {
	e.advance(now)
	return 8 * e.sum.bytes, e.sum.packets
}

// advance drops the slots that are older than a second.
func (e *Estimator) advance(now time.Duration) {
	current := int64(now / slot)
	if current-e.latest >= slots {
		*e = Estimator{latest: current}
		return
	}
	for e.latest < current {
		e.latest++
		c := &e.counts[e.latest%slots]
		e.sum.bytes -= c.bytes
		e.sum.packets -= c.packets
		*c = count{}
	}
}
