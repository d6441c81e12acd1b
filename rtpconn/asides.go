package rtpconn

import (
	"sync"
	"time"

	"galene/rtpconn/mux"
	"galene/rtpconn/socket"
)

// asides is where RTCP of one socket is read into that nobody waits for.
type asides struct {
	// mu guards what follows. Whoever does not get it leaves what there is to
	// who has it.
	mu    sync.Mutex
	burst *socket.Burst
	media []mux.Media
}

// maxAsides bounds the calls for what is aside: media come first again then.
const maxAsides = 4

// readAside takes in what has arrived of RTCP at a socket and woken nobody. It
// follows each burst of media, and each tick where there are none.
func (e *Engine) readAside(i int, now time.Duration) {
	a := &e.asides[i]
	if !a.mu.TryLock() {
		return
	}
	defer a.mu.Unlock()
	for range maxAsides {
		more := e.sockets[i].ReadAside(a.burst)
		if len(a.burst.Messages) == 0 {
			return
		}
		a.media = e.mux.Route(i, a.burst, now, a.media[:0])
		if len(a.media) > 0 {
			e.worker.enter(a.media, now)
		}
		if !more {
			return
		}
	}
}
