package ws

import (
	"slices"
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
	// that it is woken once for many, and crowded how long while that happens again
	// within crowdedTime.
	unhurried   = 100 * time.Millisecond
	crowded     = 300 * time.Millisecond
	crowdedTime = time.Second
	// longQueue is the number of elements from which on a queue is long.
	longQueue = 250
	// keptRoom is for how many elements an empty queue keeps room, and maxUsual for
	// how many there is room at once when it fills again.
	keptRoom = 16
	maxUsual = 128
)

// queue is a bounded queue with one reader. Its zero value is not usable.
type queue[T any] struct {
	// ready has an element when there may be something to take.
	ready chan struct{}
	// drained has an element when the queue may have ceased to be long.
	drained chan struct{}
	limit   int

	// mu guards what follows; it is a leaf.
	mu sync.Mutex
	// elements are those that wait, behind taken ones that are no more.
	elements []entry[T]
	taken    int
	bytes    int
	// usual is how many elements there is to be room for at once.
	usual int
	// closed is set when nothing more is taken, full when that is because
	// there was no room.
	closed, full bool
	// alarm signals ready for what can wait; waiting is set while it runs, and rang
	// is when it last went off.
	alarm   *time.Timer
	waiting bool
	rang    time.Time
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
	case time.Since(q.rang) < crowdedTime:
		q.waiting = true
		q.alarm.Reset(crowded)
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
	q.waiting, q.rang = false, time.Now()
	signal(q.ready)
}

// add appends an element. The lock is held.
func (q *queue[T]) add(e T, bytes int) bool {
	if q.closed {
		return !q.full
	}
	if waiting := q.length(); waiting >= q.limit || waiting > 0 && q.bytes+bytes > maxQueuedBytes {
		q.closed, q.full = true, true
		return false
	}
	if len(q.elements) == cap(q.elements) && q.taken > len(q.elements)/2 {
		q.elements = slices.Delete(q.elements, 0, q.taken)
		q.taken = 0
	}
	if q.elements == nil {
		q.elements = make([]entry[T], 0, max(1, q.usual))
	}
	q.elements = append(q.elements, entry[T]{e, bytes})
	q.bytes += bytes
	return true
}

// count is how many elements wait.
func (q *queue[T]) count() int {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.length()
}

// length is how many elements wait. The lock is held.
func (q *queue[T]) length() int { return len(q.elements) - q.taken }

// pop takes the first element; ok is false if there is none. open is false once
// the queue is closed.
func (q *queue[T]) pop() (e T, ok, open bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.length() == 0 {
		return e, false, !q.closed
	}
	first := q.elements[q.taken]
	q.elements[q.taken] = entry[T]{}
	q.taken++
	q.bytes -= first.bytes
	switch q.length() {
	case longQueue - 1:
		signal(q.drained)
	case 0:
		q.usual = min(len(q.elements), maxUsual)
		q.elements, q.taken = q.elements[:0], 0
		if cap(q.elements) > keptRoom {
			q.elements = nil
		}
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
	return q.length() >= longQueue
}

func signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}
