package bwe

import (
	"slices"
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
	// busyPackets and ackedPackets are how many packets that takes at least: what of
	// others' got lost is reckoned by them.
	busyPackets, ackedPackets = 5, 3
)

// passage is what of a line's bytes went by between packets of one connection. Those of
// the client's other connections are known by the packets' offsets, and which part of
// them got lost is reckoned from the connection's own.
type passage struct {
	bytes float64
	// packets of the connection arrived, received bytes; lost did not.
	packets, received, lost int
}

// add takes a packet that arrived, and how many bytes went by since the one before.
func (p *passage) add(r *transportcc.Result, bytes int32) {
	p.bytes += float64(max(0, bytes))
	p.packets++
	p.received += r.Size
}

// bits returns how many arrived.
func (p *passage) bits() float64 {
	return 8 * p.bytes * float64(p.received) / float64(p.received+p.lost)
}

// end returns the offset of what was sent behind a packet.
func end(r *transportcc.Result) uint32 { return r.Offset + uint32(r.Size) }

// busy measures what the line takes, in bit/s, by the packets of any connection that
// had to wait for others: they arrive as fast as it goes, however little is sent on
// the whole.
type busy struct {
	rate float64
	at   time.Duration // of the last measurement
	went passage
	time time.Duration
}

// arrival is that of a connection's last packet, which ends at the offset end; lost
// is how many bytes have got lost since.
type arrival struct {
	at   time.Duration
	end  uint32
	lost int
}

// add takes a packet that arrived, and would have soonest, as fast as the fastest
// one, had nothing been in its way; last is what arrived before it.
func (b *busy) add(r *transportcc.Result, last *arrival, soonest, now time.Duration) {
	between, bytes := r.Arrival-last.at, int32(end(r)-last.end)
	if r.Late {
		b.went.lost = max(0, b.went.lost-r.Size)
	}
	if waited := soonest <= last.at && between >= 0 && between < time.Second; waited && bytes > 0 {
		b.went.add(r, bytes)
		b.went.lost += last.lost
		b.time += between
		if bits := b.went.bits(); bits >= busyBits && b.went.packets >= busyPackets && b.time > 0 {
			b.rate, b.at = bits/b.time.Seconds(), now
			b.went, b.time = passage{}, 0
		}
	}
	*last = arrival{at: r.Arrival, end: end(r)}
}

// known returns the rate, 0 if it was not measured within an age.
func (b *busy) known(age, now time.Duration) float64 {
	if b.rate == 0 || now-b.at > age {
		return 0
	}
	return b.rate
}

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
