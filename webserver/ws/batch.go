package ws

import (
	"bufio"
	"crypto/tls"
	"encoding/binary"
	"math"
	"net"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/gorilla/websocket"
)

const (
	// maxBatch is how many bytes are collected before they are written.
	maxBatch = 64 << 10
	// usualBatch is the size of a new buffer for that, in bytes.
	usualBatch = 4 << 10
	// maxHeader is the largest header of a frame that is not masked, in bytes.
	maxHeader = 10
	// writeChunk is how many bytes are written before the socket has to prove
	// again that it takes something.
	writeChunk = 16 << 10
)

// batchConn is a connection that collects what is written until flush, so that
// the many small messages of a lively group leave together. Large ones leave
// piece by piece: they may take long, as long as the socket takes something.
type batchConn struct {
	net.Conn
	// buffers is where pending comes from.
	buffers *buffers
	watch   watch

	// mu guards what follows. It is held while the socket is written to:
	// there is one goroutine that writes, but for the close frame of the
	// websocket library.
	mu sync.Mutex
	// pending is nil while nothing waits.
	pending *[]byte
	// ended is set when a close frame has been written.
	ended bool
}

// The first bytes of frames that are whole messages (RFC 6455, section 5.2).
const (
	textFrame  = 0x81
	closeFrame = 0x88
)

// buffers are what connections collect in; hundreds that have something to write at
// the same time share a few. The zero value is ready. Its methods may be called from
// any goroutine.
type buffers struct{ pool sync.Pool }

// lend returns an empty buffer.
func (b *buffers) lend() *[]byte {
	if p, ok := b.pool.Get().(*[]byte); ok {
		return p
	}
	p := make([]byte, 0, usualBatch)
	return &p
}

// takeBack takes a buffer that was lent; one that has become large, for a large
// message, is not kept.
func (b *buffers) takeBack(p *[]byte) {
	if cap(*p) <= 2*maxBatch {
		*p = (*p)[:0]
		b.pool.Put(p)
	}
}

// Write implements net.Conn.
func (b *batchConn) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(p) > 0 && p[0] == closeFrame {
		b.ended = true
	}
	if err := b.roomLocked(len(p)); err != nil {
		return 0, err
	}
	*b.pending = append(*b.pending, p...)
	return len(p), nil
}

// writeTexts writes messages of text. The websocket library would take a buffer, a
// writer and a lock for each of the many that a lively group has; what it writes
// are the same bytes.
func (b *batchConn) writeTexts(messages [][]byte) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.ended {
		return websocket.ErrCloseSent
	}
	size := 0
	for _, m := range messages {
		size += maxHeader + len(m)
	}
	for _, m := range messages {
		if err := b.roomLocked(maxHeader + len(m)); err != nil {
			return err
		}
		// At once for all, as far as they go together.
		*b.pending = slices.Grow(*b.pending, min(size, maxBatch-len(*b.pending)))
		b.frameLocked(m)
		size -= maxHeader + len(m)
	}
	return nil
}

// frameLocked appends a message and its header.
func (b *batchConn) frameLocked(message []byte) {
	frame := append(*b.pending, textFrame)
	switch n := len(message); {
	case n <= 125:
		frame = append(frame, byte(n))
	case n <= math.MaxUint16:
		frame = binary.BigEndian.AppendUint16(append(frame, 126), uint16(n))
	default:
		frame = binary.BigEndian.AppendUint64(append(frame, 127), uint64(n))
	}
	*b.pending = append(frame, message...)
}

// roomLocked makes room for some bytes.
func (b *batchConn) roomLocked(size int) error {
	if b.pending != nil && len(*b.pending)+size > maxBatch {
		if err := b.flushLocked(); err != nil {
			return err
		}
	}
	if b.pending == nil {
		b.pending = b.buffers.lend()
	}
	return nil
}

// SetWriteDeadline implements net.Conn. How long writing may take is watch's affair.
func (b *batchConn) SetWriteDeadline(time.Time) error { return nil }

// flush writes what has been collected.
func (b *batchConn) flush() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.flushLocked()
}

func (b *batchConn) flushLocked() error {
	if b.pending == nil {
		return nil
	}
	defer b.buffers.takeBack(b.pending)
	pending := *b.pending
	b.pending = nil
	for len(pending) > 0 {
		n := min(writeChunk, len(pending))
		b.watch.begin(b.Conn)
		_, err := b.Conn.Write(pending[:n])
		b.watch.end()
		if err != nil {
			return err
		}
		pending = pending[n:]
	}
	return nil
}

// hardClose closes the connection without TLS's farewell, for which it might
// have to wait.
func (b *batchConn) hardClose() { hardClose(b.Conn) }

func hardClose(conn net.Conn) {
	if t, ok := conn.(*tls.Conn); ok {
		conn = t.NetConn()
	}
	conn.Close()
}

// batchHijacker hands out batchConns to who takes the connection of a request
// over.
type batchHijacker struct {
	http.ResponseWriter
	buffers *buffers
	conn    *batchConn
}

// Hijack implements http.Hijacker.
func (h *batchHijacker) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	conn, buffer, err := http.NewResponseController(h.ResponseWriter).Hijack()
	if err != nil {
		return nil, nil, err
	}
	h.conn = &batchConn{Conn: conn, buffers: h.buffers}
	return h.conn, buffer, nil
}
