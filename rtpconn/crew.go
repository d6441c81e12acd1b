package rtpconn

import "time"

// shareWork is how many packets have to leave by other lanes than the first for a
// burst to be shared out: to wake somebody takes as long as some ten of them.
const shareWork = 50

// fanOut sends the packets that this burst brought to the subscribers, each lane
// for itself: where that is much, whoever of the crew has nothing to do takes one,
// while the caller serves the first, and then those that nobody has taken.
func (w *worker) fanOut(now time.Duration) {
	w.arrange()
	w.bursts++
	if w.crew == nil || !w.worthSharing() {
		for _, l := range w.lanes {
			w.serveLane(l, now)
		}
	} else {
		w.shareOut(now)
	}
	w.forgetBurst()
}

// worthSharing tells whether enough packets leave by other lanes than the first.
func (w *worker) worthSharing() bool {
	work := 0
	for _, e := range w.touched {
		work += len(e.burst) * (len(e.track.rows) - len(e.track.rowsOf(0)))
	}
	return work >= w.shareWork
}

// shareOut has the lanes served side by side.
func (w *worker) shareOut(now time.Duration) {
	others := w.lanes[1:]
	w.serving.Add(len(others))
	for _, l := range others {
		l.open.Store(true)
	}
	for range others {
		select {
		case w.crew <- w:
			continue
		default:
		}
		break // everybody is busy
	}
	w.serveLane(w.lanes[0], now)
	w.lanes[0].flush()
	w.assist()
	w.serving.Wait()
}

// assist serves the lanes that nobody has taken. Only who has claimed one may look
// at the worker: he comes on behalf of who holds its lock and waits.
func (w *worker) assist() {
	for _, l := range w.lanes {
		if l.open.CompareAndSwap(true, false) {
			w.serveLane(l, w.now)
			l.flush()
			w.serving.Done()
		}
	}
}

// help is one of the crew: it helps whichever worker has much to do.
func (e *Engine) help() {
	for {
		select {
		case <-e.done:
			return
		case w := <-e.crew:
			w.assist()
		}
	}
}
