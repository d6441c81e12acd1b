package ws

import (
	"sync"
	"time"
)

const (
	// maxLetters is how many events may wait for a client.
	maxLetters = 10_000
	// maxQueued is how many messages may wait for its socket.
	maxQueued = 1000
	// maxQueuedBytes is how many bytes either may have together.
	maxQueuedBytes = 16 << 20
	// unhurried is how long who reads a queue may not hear of what can wait, so
	// that it is woken once for many.
	unhurried = 50 * time.Millisecond
	// longQueue is the number of elements from which on a queue is long.
	longQueue = 250
)

// queue is a bounded queue with one reader. Its zero value is not usable.
type queue[T any] struct {
	// ready has an element when there may be something to take.
	ready chan struct{}
	// drained has an element when the queue may have ceased to be long.
	drained chan struct{}
	limit   int

	// mu guards what follows; it is a leaf.
	mu       sync.Mutex
	elements []entry[T]
	bytes    int
	// closed is set when nothing more is taken, full when that is because
	// there was no room.
	closed, full bool
	// alarm signals ready for what can wait; waiting is set while it runs.
	alarm   *time.Timer
	waiting bool
}

type entry[T any] struct {
	element T
	bytes   int
}

// newQueue returns a queue of at most so many elements.
func newQueue[T any](limit int) *queue[T] {
	return &queue[T]{limit: limit, ready: make(chan struct{}, 1), drained: make(chan struct{}, 1)}
}

// put appends an element of some bytes. It returns false if there was no room,
// now or earlier: what had to be told in order can no longer be. A queue that
// has been closed ignores the element.
func (q *queue[T]) put(e T, bytes int) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	ok := q.add(e, bytes)
	signal(q.ready)
	return ok
}

// putUnhurried is put of what can wait for a moment.
func (q *queue[T]) putUnhurried(e T, bytes int) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	ok := q.add(e, bytes)
	switch {
	case !ok:
		signal(q.ready)
	case q.waiting || q.closed:
	case q.alarm == nil:
		q.waiting = true
		q.alarm = time.AfterFunc(unhurried, q.ring)
	default:
		q.waiting = true
		q.alarm.Reset(unhurried)
	}
	return ok
}

// ring ends the wait of what can wait no longer.
func (q *queue[T]) ring() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.waiting = false
	signal(q.ready)
}

// add appends an element. The lock is held.
func (q *queue[T]) add(e T, bytes int) bool {
	if q.closed {
		return !q.full
	}
	if len(q.elements) >= q.limit || len(q.elements) > 0 && q.bytes+bytes > maxQueuedBytes {
		q.closed, q.full = true, true
		return false
	}
	q.elements = append(q.elements, entry[T]{e, bytes})
	q.bytes += bytes
	return true
}

// pop takes the first element; ok is false if there is none. open is false once
// the queue is closed.
func (q *queue[T]) pop() (e T, ok, open bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.elements) == 0 {
		return e, false, !q.closed
	}
	first := q.elements[0]
	q.elements[0] = entry[T]{}
	q.elements = q.elements[1:]
	q.bytes -= first.bytes
	if len(q.elements) == longQueue-1 {
		signal(q.drained)
	}
	return first.element, true, !q.closed
}

// close makes the queue ignore what is put; what is in it stays.
func (q *queue[T]) close() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.closed = true
	signal(q.ready)
}

// long tells whether the queue is long; drained then says when to look again.
func (q *queue[T]) long() bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	return len(q.elements) >= longQueue
}

func signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}
