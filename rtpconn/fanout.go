package rtpconn

import (
	"cmp"
	"slices"
	"time"
	"unsafe"

	"galene/group/media"
	"galene/rtpconn/prefetch"
)

// arrange puts pictures first among what this burst brought. Where sound and
// picture of a publisher came at once, they leave so, and the last datagram of a
// run may be the shorter one.
func (w *worker) arrange() {
	if len(w.touched) > 1 {
		slices.SortStableFunc(w.touched, func(a, b *encoding) int { return cmp.Compare(b.track.kind, a.track.kind) })
	}
}

// serveLane sends the packets that this burst brought to the subscribers of a
// lane, and what it is time for: rows outside, packets inside, so that what goes
// to one destination is sent together.
func (w *worker) serveLane(l *lane, now time.Duration) {
	for n, e := range w.touched {
		rows, others := e.track.rowsOf(l.index), w.touched[n+1:]
		for i := -rowsAhead; i < len(rows); i++ {
			approach(rows, i)
			if i < 0 {
				continue
			}
			t := rows[i]
			if t.served == w.bursts {
				continue
			}
			// All that it gets of this burst at once: who comes by again, with another
			// encoding of its track, would serve its siblings again.
			t.served = w.bursts
			t.take(e, now)
			for _, other := range others {
				if s := t.sibling(other.track); s != nil {
					s.served = w.bursts
					s.take(other, now)
				}
			}
		}
	}
	l.release(now)
}

// forgetBurst lets go of what this burst brought.
func (w *worker) forgetBurst() {
	for _, e := range w.touched {
		for i, p := range e.burst {
			p.Release()
			e.burst[i] = nil
		}
		e.burst, e.touched = e.burst[:0], false
	}
	clear(w.touched)
	w.touched = w.touched[:0]
}

// take forwards what a burst brought of one encoding.
func (t *DownTrack) take(e *encoding, now time.Duration) {
	for i, p := range e.burst {
		waiting := t.forwarder.Waiting()
		t.forward(e.index, p, now)
		if waiting && !t.forwarder.Waiting() {
			t.followUp(e, i, now)
		}
	}
}

// followUp sends what came before the first packet of a key frame, which is that of this
// index in the burst, and belongs behind it. Nothing else may be sent that has been
// forwarded before: it would be a second packet under its number.
func (t *DownTrack) followUp(e *encoding, index int, now time.Duration) {
	first := e.burst[index]
	e.cache.Since(first.SequenceNumber+1, func(p *media.Packet) {
		if p.Arrival < first.Arrival || slices.Contains(e.burst[:index], p) {
			t.forward(e.index, p, now)
		}
	})
}

// sibling is the row of the same connection that a track of the publisher has, t
// itself for its own track; nil if there is none.
func (t *DownTrack) sibling(up *UpTrack) *DownTrack {
	if up == t.up {
		return t
	}
	if up.conn != t.up.conn {
		return nil
	}
	for _, s := range t.conn.rows {
		if s.up == up && s.joined {
			return s
		}
	}
	return nil
}

// rowsAhead is how many rows before its turn the memory of a row is asked for:
// one for each pointer on the way to the last of it.
const rowsAhead = 4

// approach asks for memory of the rows that follow rows[i], each for what the
// row before made it known.
func approach(rows []*DownTrack, i int) {
	if j := i + 4; j < len(rows) {
		prefetch.Range(rows[j], 0, unsafe.Offsetof(DownTrack{}.up))
	}
	if j := i + 3; 0 <= j && j < len(rows) {
		t := rows[j]
		prefetch.Range(t.forwarder, 0, unsafe.Sizeof(*t.forwarder))
		if len(t.numbers) > 0 {
			prefetch.Range(t.sentNumber(t.newest+1), 0, unsafe.Sizeof(sentNumber{}))
		}
		prefetch.Range(t.conn, 0, unsafe.Offsetof(t.conn.transport.opener))
		prefetch.Range(t.conn, unsafe.Offsetof(DownConn{}.line), unsafe.Offsetof(DownConn{}.rows)-unsafe.Offsetof(DownConn{}.line))
	}
	if j := i + 2; 0 <= j && j < len(rows) {
		c := rows[j].conn
		c.sealer.Approach()
		prefetch.Range(c.line, 0, unsafe.Offsetof(line{}.sampled))
		if c.history != nil {
			prefetch.Range(c.history, 0, unsafe.Sizeof(*c.history))
		}
	}
	if j := i + 1; 0 <= j && j < len(rows) {
		c := rows[j].conn
		c.sealer.Prefetch()
		if c.history != nil {
			c.history.Prefetch()
		}
	}
}
