package rtpconn

import (
	"time"
	"unsafe"

	"galene/rtpconn/prefetch"
)

// fanOut sends the packets that this burst brought to the subscribers: rows
// outside, packets inside, so that what goes to one destination is sent
// together.
func (w *worker) fanOut(now time.Duration) {
	for _, e := range w.touched {
		rows := e.track.rows
		for i := -rowsAhead; i < len(rows); i++ {
			approach(rows, i)
			if i < 0 {
				continue
			}
			for _, p := range e.burst {
				rows[i].forward(e.index, p, now)
			}
		}
		for i, p := range e.burst {
			p.Release()
			e.burst[i] = nil
		}
		e.burst = e.burst[:0]
	}
	clear(w.touched)
	w.touched = w.touched[:0]
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
		prefetch.Range(t.transportNumber(t.newest+1), 0, unsafe.Sizeof(uint16(0)))
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
