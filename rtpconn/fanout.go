package rtpconn

import "time"

// fanOut sends the packets that this burst brought to the subscribers: rows
// outside, packets inside, so that what goes to one destination is sent
// together.
func (w *worker) fanOut(now time.Duration) {
	for _, e := range w.touched {
		for _, d := range e.track.rows {
			for _, p := range e.burst {
				d.forward(e.index, p, now)
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
