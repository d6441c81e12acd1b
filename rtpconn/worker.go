package rtpconn

import (
	"sync"
	"time"

	"galene/group/media"
	"galene/rtpconn/mux"
	"galene/rtpconn/socket"
	"galene/rtpconn/transportcc"
)

// worker owns what the packet path of its connections touches: cipher state,
// caches, rows, RTCP. It is entered once for each burst of datagrams, each
// tick and each change, never for each packet.
//
// Under its lock nothing calls pion or a group, and nothing waits.
type worker struct {
	// index is its place among the workers of the engine.
	index int
	// sockets are where its datagrams leave, one for each address.
	sockets []socket.Socket
	pool    media.Pool

	// mu guards what follows and every field of a connection that says so. It
	// may be taken while pion holds locks of its own.
	mu      sync.Mutex
	batches []*socket.Batch
	ups     map[*UpConn]struct{}
	downs   map[*DownConn]struct{}
	// lines are those of the clients that are known by name; wheel has all.
	lines map[lineKey]*line
	wheel wheel
	// pacing are the lines where packets wait for their turn.
	pacing []*line
	// now is the time of the burst, the tick or the change.
	now time.Duration
	// results are used again for each feedback about arrivals.
	results []transportcc.Result
	// touched are the encodings that got packets in this burst.
	touched []*encoding
	// bursts counts them.
	bursts uint64
	// past counts what connections that are gone have carried, and what is
	// rare enough to be counted for all at once.
	past Traffic
}

func newWorker(index int, sockets []socket.Socket) *worker {
	w := &worker{
		index:   index,
		sockets: sockets,
		ups:     make(map[*UpConn]struct{}),
		downs:   make(map[*DownConn]struct{}),
		lines:   make(map[lineKey]*line),
	}
	for range sockets {
		w.batches = append(w.batches, socket.NewBatch())
	}
	return w
}

// enter takes the media datagrams of one burst through to the subscribers.
func (w *worker) enter(burst []mux.Media, now time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.serve(burst, now)
}

// tryEnter is enter, but does nothing and returns false where it would have to
// wait.
func (w *worker) tryEnter(burst []mux.Media, now time.Duration) bool {
	if !w.mu.TryLock() {
		return false
	}
	defer w.mu.Unlock()
	w.serve(burst, now)
	return true
}

// serve does the work of enter; mu is held.
func (w *worker) serve(burst []mux.Media, now time.Duration) {
	w.now = now
	for i := range burst {
		burst[i].To.Receive(burst[i].Datagram, burst[i].From, now)
	}
	w.fanOut(now)
	w.release(now)
	w.flush()
}

// do runs a change. f must not wait for anything.
func (w *worker) do(f func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	f()
	w.flush()
}

// tick asks for what is still missing and reports what is due. It tells whether
// packets wait for their turn.
func (w *worker) tick(now time.Duration) (waiting bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.now = now
	for u := range w.ups {
		u.tick(now)
	}
	w.wheel.turn(now)
	w.release(now)
	w.flush()
	return len(w.pacing) > 0
}

// busy tells whether there is a connection.
func (w *worker) busy() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return len(w.ups)+len(w.downs) > 0
}

// room returns space for one datagram in the batch of a socket, nil when it is
// larger than a batch can be.
func (w *worker) room(socketIndex, size int) []byte {
	b := w.batches[socketIndex]
	if buffer := b.Next(size); buffer != nil {
		return buffer
	}
	w.sockets[socketIndex].Flush(b)
	return b.Next(size)
}

// commit adds the datagram of n bytes that was written into room.
func (w *worker) commit(to mux.Path, n int) { w.batches[to.Socket].Commit(n, to.Addr) }

func (w *worker) flush() {
	for i, b := range w.batches {
		if b.Len() > 0 {
			w.sockets[i].Flush(b)
		}
	}
}
