package ws

import "sync"

const (
	// maxQueued is how many elements may wait for a client.
	maxQueued = 1000
	// maxQueuedBytes is how many bytes they may have together.
	maxQueuedBytes = 16 << 20
)

// queue is a bounded queue with one reader. Its zero value is not usable.
type queue[T any] struct {
	// ready has an element when there may be something to take.
	ready chan struct{}

	// mu guards what follows; it is a leaf.
	mu       sync.Mutex
	elements []entry[T]
	bytes    int
	closed   bool
}

type entry[T any] struct {
	element T
	bytes   int
}

func newQueue[T any]() *queue[T] { return &queue[T]{ready: make(chan struct{}, 1)} }

// put appends an element of some bytes and tells whether there was room for
// it. When there was none, the queue is closed: what had to be told in order
// can no longer be.
func (q *queue[T]) put(e T, bytes int) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.closed {
		return false
	}
	if len(q.elements) >= maxQueued || len(q.elements) > 0 && q.bytes+bytes > maxQueuedBytes {
		q.closed = true
		q.signal()
		return false
	}
	q.elements = append(q.elements, entry[T]{e, bytes})
	q.bytes += bytes
	q.signal()
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
	return first.element, true, !q.closed
}

// close makes every later put fail; what is in the queue stays.
func (q *queue[T]) close() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.closed = true
	q.signal()
}

func (q *queue[T]) signal() {
	select {
	case q.ready <- struct{}{}:
	default:
	}
}
