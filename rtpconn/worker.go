package rtpconn

import (
	"sync"
	"time"

	"galene/group/media"
	"galene/rtpconn/mux"
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
	// lanes are the parts of its clients.
	lanes []*lane
	// laneLines and shareWork are the constants of these names, but for tests.
	laneLines, shareWork int

	pool media.Pool
	// crew are those who help where there is much to do; nil without other lanes
	// than the first. serving counts the lanes that others are still to serve.
	crew    chan<- *worker
	serving sync.WaitGroup

	// mu guards what follows and every field of a connection that says so. It
	// may be taken while pion holds locks of its own.
	mu    sync.Mutex
	ups   map[*UpConn]struct{}
	downs map[*DownConn]struct{}
	// lines are those of the clients that are known by name; wheel has all.
	lines map[lineKey]*line
	wheel wheel
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

func newWorker(index int, lanes []*lane, crew chan<- *worker) *worker {
	return &worker{
		index: index, lanes: lanes, laneLines: laneLines, shareWork: shareWork, crew: crew,
		ups:   make(map[*UpConn]struct{}),
		downs: make(map[*DownConn]struct{}),
		lines: make(map[lineKey]*line),
	}
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
	for _, l := range w.lanes {
		l.release(now)
		waiting = waiting || len(l.pacing) > 0
	}
	w.flush()
	return waiting
}

// busy tells whether there is a connection.
func (w *worker) busy() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return len(w.ups)+len(w.downs) > 0
}

// flush asks for the key frames that are needed and sends what is ready.
func (w *worker) flush() {
	for _, l := range w.lanes {
		l.grant(w.now)
	}
	for _, l := range w.lanes {
		l.flush()
	}
}
