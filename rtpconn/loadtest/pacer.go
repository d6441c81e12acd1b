package loadtest

import "time"

const (
	// paceInterval is how often packets leave.
	paceInterval = 5 * time.Millisecond
	// paceFactor is by how much packets may leave faster than they are made,
	// so that a frame is gone before the next one; it is that of browsers.
	paceFactor = 2.5
	// maxPaceIntervals is how many missed intervals are made up for at once.
	maxPaceIntervals = 4
)

// pacer spreads the packets of frames over time as browsers do: in bursts of
// what 2.5 times the bit rate has room for in 5 ms.
type pacer struct {
	// rate in bytes/s.
	rate float64
	// budget is how many bytes may leave; what the last packet of a burst is
	// too large by is taken from the next one.
	budget float64
	queue  []packet
}

func newPacer(bitrate int) *pacer {
	return &pacer{rate: paceFactor * float64(bitrate) / 8}
}

// push appends packets to the queue. What bounds it is that frames are made at
// a lower rate than they leave at.
func (p *pacer) push(packets []packet) { p.queue = append(p.queue, packets...) }

// take returns the packets that leave when elapsed has passed since the last
// call. The slice is valid until the next push.
func (p *pacer) take(elapsed time.Duration) []packet {
	room := p.rate * min(elapsed, maxPaceIntervals*paceInterval).Seconds()
	p.budget = min(p.budget+room, room)
	n := 0
	for n < len(p.queue) && p.budget > 0 {
		p.budget -= float64(len(p.queue[n].payload))
		n++
	}
	burst := p.queue[:n]
	p.queue = p.queue[n:]
	return burst
}
