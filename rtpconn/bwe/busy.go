package bwe

import (
	"time"

	"galene/rtpconn/transportcc"
)

const (
	// busyBits is over how much the line is measured while it is busy, busyAge
	// how long that counts, freshAge how long it is what the line takes now.
	busyBits, busyAge, freshAge = 40_000, 3 * time.Second, 300 * time.Millisecond
	// busyPackets is how many packets that takes at least: what of others' got lost is
	// reckoned by them.
	busyPackets = 5
)

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
// one, had nothing been in its way; last is what arrived before it, loss the fraction of
// all packets that gets lost.
func (b *busy) add(r *transportcc.Result, last *arrival, loss float64, soonest, now time.Duration) {
	between, bytes := r.Arrival-last.at, int32(end(r)-last.end)
	if r.Late {
		b.went.lost = max(0, b.went.lost-r.Size)
	}
	if waited := soonest <= last.at && between >= 0 && between < time.Second; waited && bytes > 0 {
		b.went.add(r, bytes)
		b.went.lost += last.lost
		b.time += between
		if bits := b.went.bits(); bits >= busyBits && b.went.packets >= busyPackets && b.time > 0 {
			if b.went.certain(loss) {
				b.rate, b.at = bits/b.time.Seconds(), now
			}
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
