package ws

import (
	"net"
	"sync"
	"time"
)

const (
	// writeTimeout is how long a socket may take nothing, and lastChance how much
	// longer until it is closed for that.
	writeTimeout, lastChance = 500 * time.Millisecond, 100 * time.Millisecond
)

// watch closes a socket that takes nothing. A deadline would do so, too, where it is
// the server that was held up for so long: it expires before anything is tried. So
// this looks twice, and in between whoever writes gets a processor.
//
// One timer serves many writings. The zero value is ready.
type watch struct {
	// mu guards what follows; it is a leaf.
	mu sync.Mutex
	// since is when the writing that is under way has begun; zero if there is none.
	since time.Time
	// suspected is set when it has been found to last too long.
	suspected bool
	// timer is nil before the first writing; armed is set while it runs.
	timer *time.Timer
	armed bool
}

// begin says that conn is about to be written to.
func (w *watch) begin(conn net.Conn) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.since, w.suspected = time.Now(), false
	switch {
	case w.armed:
	case w.timer == nil:
		w.timer = time.AfterFunc(writeTimeout, func() { w.look(conn) })
	default:
		w.timer.Reset(writeTimeout)
	}
	w.armed = true
}

// end says that it has taken what was written.
func (w *watch) end() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.since = time.Time{}
}

func (w *watch) look(conn net.Conn) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.armed = false
	if w.since.IsZero() {
		return
	}
	left := writeTimeout - time.Since(w.since)
	switch {
	case left > 0:
	case !w.suspected:
		w.suspected, left = true, lastChance
	default:
		hardClose(conn)
		return
	}
	w.armed = true
	w.timer.Reset(left)
}
