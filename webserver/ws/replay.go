package ws

const (
	// maxReplay is how many messages are kept for a client that may have to
	// be sent them again.
	maxReplay = 4000
	// maxReplayBytes is how many bytes they may have together.
	maxReplayBytes = 8 << 20
)

// replay keeps what was sent until the other side has acknowledged it. Messages
// are numbered from 1. Beyond the bounds the oldest are forgotten. The zero
// value is ready.
type replay struct {
	messages [][]byte
	bytes    int
	// forgotten is the number of the last message that is not kept any more.
	forgotten uint64
	// acknowledged is the number of the last message that the other side has.
	acknowledged uint64
}

// sent returns the number of the last message.
func (r *replay) sent() uint64 { return r.forgotten + uint64(len(r.messages)) }

// complete tells whether everything is kept that has not been acknowledged.
func (r *replay) complete() bool { return r.forgotten <= r.acknowledged }

// add keeps one more message.
func (r *replay) add(message []byte) {
	r.messages = append(r.messages, message)
	r.bytes += len(message)
	for len(r.messages) > maxReplay || r.bytes > maxReplayBytes {
		r.forget()
	}
}

// acknowledge forgets the messages up to number n; it tells whether there has
// been such a message.
func (r *replay) acknowledge(n uint64) bool {
	if n > r.sent() {
		return false
	}
	for r.forgotten < n {
		r.forget()
	}
	r.acknowledged = max(r.acknowledged, n)
	return true
}

func (r *replay) forget() {
	r.bytes -= len(r.messages[0])
	r.messages[0] = nil
	r.messages = r.messages[1:]
	r.forgotten++
}

// after returns the messages behind number n, whose size in bytes together is
// size; ok is false if they are not all there.
func (r *replay) after(n uint64) (messages [][]byte, size int, ok bool) {
	if n < r.forgotten || n > r.sent() {
		return nil, 0, false
	}
	messages = r.messages[n-r.forgotten:]
	for _, m := range messages {
		size += len(m)
	}
	return messages, size, true
}
