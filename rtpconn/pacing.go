package rtpconn

import (
	"time"

	"galene/group/media"
	"galene/rtpconn/forward"
)

const (
	// pacingFactor is how much faster than the estimate pictures are sent: what
	// a frame needs that is larger than the others. It is crowdedFactor while
	// more is sent than the estimate, as there is little to spare then, and down
	// to leastFactor while packets wait on the way.
	pacingFactor, crowdedFactor, leastFactor = 2, 1.2, 0.4
	// pacingBurst passes without waiting, in time at the paced rate; in bytes it
	// is at least minPacingBurst.
	pacingBurst    = 40 * time.Millisecond
	minPacingBurst = 4000
	// maxPacingDebt bounds what pictures wait for that did not, in time at the paced rate;
	// in bytes it is at least minPacingBurst. Sound may take more than a thin line is
	// taken for, for as long as that lasts; when it takes more, that is forgotten.
	maxPacingDebt = 200 * time.Millisecond
	// maxWaiting bounds what waits, in time at the estimate and in bytes;
	// beyond it the picture has to begin anew.
	maxWaiting      = 600 * time.Millisecond
	minWaitingBytes = 30_000
	maxWaitingCount = 1024
	// keptRoom is for how many packets a queue keeps its memory when it is empty.
	keptRoom = 8
)

// waiting is a packet that waits for its turn. It holds a reference.
type waiting struct {
	row    *DownTrack
	packet *media.Packet
	header forward.Header
}

// pacer spreads what is sent over a line, so that a large frame does not flood
// it. Sound, and what is sent again, never waits. The zero value lets everything
// through.
type pacer struct {
	// rate is in bytes a second, 0 for no limit.
	rate, factor float64
	// credit is in bytes; it may be owed.
	credit float64
	filled time.Duration
	// queue[head:] waits; bytes is its size.
	queue []waiting
	head  int
	bytes int
}

// limit sets the rate to what an estimate, in bit/s, allows.
func (p *pacer) limit(estimate, factor float64) { p.rate, p.factor = factor*estimate/8, factor }

// fill adds the credit of the time that has passed.
func (p *pacer) fill(now time.Duration) {
	most := max(p.rate*pacingBurst.Seconds(), minPacingBurst)
	least := -max(p.rate*maxPacingDebt.Seconds(), minPacingBurst)
	p.credit = min(most, max(least, p.credit)+p.rate*(now-p.filled).Seconds())
	p.filled = now
}

// passes tells whether a packet may go at once.
func (p *pacer) passes(now time.Duration) bool {
	if p.rate == 0 {
		return true
	}
	if len(p.queue) > p.head {
		return false
	}
	if p.filled != now {
		p.fill(now)
	}
	return p.credit > 0
}

// full tells whether there is no room for more.
func (p *pacer) full() bool {
	most := max(p.rate/max(1, p.factor)*maxWaiting.Seconds(), minWaitingBytes)
	return p.bytes > int(most) || len(p.queue)-p.head >= maxWaitingCount
}

// add has a packet wait.
func (p *pacer) add(w waiting) {
	if p.head > 0 && len(p.queue) == cap(p.queue) {
		n := copy(p.queue, p.queue[p.head:])
		clear(p.queue[n:])
		p.queue, p.head = p.queue[:n], 0
	}
	w.packet.Retain()
	p.queue = append(p.queue, w)
	p.bytes += len(w.packet.Body)
}

// next takes the packet whose turn it is; ok is false if it is not yet the time
// of any.
func (p *pacer) next(now time.Duration) (w waiting, ok bool) {
	if !p.waits() {
		return waiting{}, false
	}
	if p.rate > 0 {
		p.fill(now)
		if p.credit <= 0 {
			return waiting{}, false
		}
	}
	return p.take(), true
}

// waits tells whether something waits.
func (p *pacer) waits() bool { return p.head < len(p.queue) }

// take takes the first packet that waits, whether it is its time or not.
func (p *pacer) take() waiting {
	w := p.queue[p.head]
	p.queue[p.head] = waiting{}
	p.head++
	p.bytes -= len(w.packet.Body)
	if p.head == len(p.queue) {
		p.emptied()
	}
	return w
}

// send sends a packet that has waited, if there is still somebody to send it to.
func (w waiting) send() {
	if w.row.joined && w.row.conn.canSend() {
		w.row.send(w.packet, w.header)
	}
	w.packet.Release()
}

// drop gives up what waits of one picture: a key frame makes it worthless.
func (p *pacer) drop(t *DownTrack) {
	left := p.queue[:p.head]
	for _, w := range p.queue[p.head:] {
		if w.row != t {
			left = append(left, w)
			continue
		}
		p.bytes -= len(w.packet.Body)
		w.packet.Release()
	}
	clear(p.queue[len(left):])
	p.queue = left
	if !p.waits() {
		p.emptied()
	}
}

// emptied makes room for what will wait next; that of a crowd is given back.
func (p *pacer) emptied() {
	p.queue, p.head = p.queue[:0], 0
	if cap(p.queue) > keptRoom {
		p.queue = nil
	}
}

// clear drops what waits.
func (p *pacer) clear() {
	for _, w := range p.queue[p.head:] {
		w.packet.Release()
	}
	clear(p.queue)
	p.bytes = 0
	p.emptied()
}

// dispatch sends a packet of a picture, or has it wait for its turn.
func (t *DownTrack) dispatch(p *media.Packet, h forward.Header, now time.Duration) {
	l := t.conn.line
	if t.kind == media.Audio || l.pacer.passes(now) {
		t.send(p, h)
		return
	}
	if l.pacer.full() {
		// What is behind the publisher by so much is of no use: the picture
		// begins anew, and nobody notices a gap.
		t.forwarder.BreakBefore(h)
		t.conn.lane.wish(t.up.encodings[t.forwarding()])
		return
	}
	if l.congested && beginsKeyframe(p) {
		l.pacer.drop(t)
	}
	if !l.pacer.waits() {
		l.moved = now
	}
	l.pacer.add(waiting{t, p, h})
	if !l.pacing {
		l.pacing = true
		t.conn.lane.pacing = append(t.conn.lane.pacing, l)
	}
}

// forwarding is the encoding that goes through.
func (t *DownTrack) forwarding() int {
	encoding, _, _ := t.forwarder.Current()
	return encoding
}

// release sends what it is time for, on all lines of the lane where something
// waits.
func (l *lane) release(now time.Duration) {
	left := l.pacing[:0]
	for _, line := range l.pacing {
		for {
			next, ok := line.pacer.next(now)
			if !ok {
				break
			}
			next.send()
			line.moved = now
		}
		if line.pacing = line.pacer.waits(); line.pacing {
			left = append(left, line)
		}
	}
	clear(l.pacing[len(left):])
	l.pacing = left
}
