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
	// maxWait is how long a packet may have to wait before no more frames are made.
	maxWait = time.Second
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
	// waiting is how many bytes are in the queue.
	waiting int
}

func newPacer(bitrate int) *pacer {
	return &pacer{rate: paceFactor * float64(bitrate) / 8}
}

// push appends packets to the queue.
func (p *pacer) push(packets []packet) {
	p.queue = append(p.queue, packets...)
	for _, packet := range packets {
		p.waiting += len(packet.payload)
	}
}

// behind tells that frames have to be left out: packets leave more slowly than
// they are made, since many key frames are asked for or the machine is too slow.
func (p *pacer) behind() bool { return float64(p.waiting) > p.rate*maxWait.Seconds() }

// take returns the packets that leave when elapsed has passed since the last
// call. The slice is valid until the next push.
func (p *pacer) take(elapsed time.Duration) []packet {
	room := p.rate * min(elapsed, maxPaceIntervals*paceInterval).Seconds()
	p.budget = min(p.budget+room, room)
	n := 0
	for n < len(p.queue) && p.budget > 0 {
		p.budget -= float64(len(p.queue[n].payload))
		p.waiting -= len(p.queue[n].payload)
		n++
	}
	burst := p.queue[:n]
	p.queue = p.queue[n:]
	return burst
}
