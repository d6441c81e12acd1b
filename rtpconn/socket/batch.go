package socket

import "net/netip"

const (
	// batchBytes is the room in a batch: 160 full datagrams, so that runs for
	// one receiver are seldom cut.
	batchBytes = 256 << 10
	// batchMessages bounds small datagrams.
	batchMessages = 512
)

// Batch is an arena in which outgoing datagrams are built one after the other,
// to be sent by one Flush. It belongs to one goroutine at a time.
type Batch struct {
	arena    []byte
	used     int
	messages []Message
	system   sendState
}

// NewBatch returns an empty batch.
func NewBatch() *Batch {
	return &Batch{
		arena:    make([]byte, batchBytes),
		messages: make([]Message, 0, batchMessages),
	}
}

// Next returns room for one datagram of at most size bytes: a slice of that
// length, to be filled and then taken over by Commit. It returns nil when the
// batch is full and has to be flushed first. A room that is not committed is
// handed out again.
func (b *Batch) Next(size int) []byte {
	if size < 0 || len(b.messages) == cap(b.messages) || len(b.arena)-b.used < size {
		return nil
	}
	return b.arena[b.used : b.used+size : b.used+size]
}

// Commit adds the first n bytes of what the last Next returned to the batch,
// as a datagram for the given address. n must not exceed what was asked for.
func (b *Batch) Commit(n int, to netip.AddrPort) {
	b.messages = append(b.messages, Message{
		Data: b.arena[b.used : b.used+n : b.used+n],
		Addr: to,
	})
	b.used += n
}

// Len is the number of datagrams in the batch.
func (b *Batch) Len() int { return len(b.messages) }

// Messages are the datagrams in the batch, valid until Reset: what a Socket of
// another package has to send in its Flush.
func (b *Batch) Messages() []Message { return b.messages }

// Reset empties the batch without sending.
func (b *Batch) Reset() {
	b.used = 0
	b.messages = b.messages[:0]
}
