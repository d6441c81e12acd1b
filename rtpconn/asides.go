package rtpconn

import (
	"sync"
	"time"
)

// asides is where RTCP of one address is read into that nobody waits for.
type asides struct {
	// mu guards what follows. Whoever does not get it leaves what there is to
	// who has it.
	mu sync.Mutex
	reader
}

// maxAsides bounds the calls for what is aside: media come first again then.
const maxAsides = 4

// readAside takes in what has arrived of RTCP at an address and woken nobody. It
// follows each burst of media, and each tick where there are none.
func (e *Engine) readAside(address int, now time.Duration) {
	a := &e.asides[address]
	if !a.mu.TryLock() {
		return
	}
	defer a.mu.Unlock()
	for range maxAsides {
		more := e.sockets[address].ReadAside(a.burst)
		if len(a.burst.Messages) == 0 {
			return
		}
		e.route(&a.reader, address, now)
		if !more {
			return
		}
	}
}
