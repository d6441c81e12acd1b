package bwe

import (
	"slices"
	"time"
)

// latestPackets is how many packets the luckiest is sought among.
const latestPackets = 6

// queue tells how long packets wait on the way: how much longer the luckiest of the
// last few took, of all connections, than the fastest one of the last time. Large
// packets take longer on a thin line without having waited.
type queue struct {
	waits  [latestPackets]time.Duration
	number int
}

// add takes how long a packet waited.
func (q *queue) add(wait time.Duration) {
	q.waits[q.number%latestPackets] = wait
	q.number++
}

// wait is that of the luckiest.
func (q *queue) wait() time.Duration { return slices.Min(q.waits[:]) }
