package ws

import (
	"errors"
	"io"
	"net"
	"slices"
	"sync"
	"sync/atomic"
	"time"
	"unicode/utf8"

	"github.com/gorilla/websocket"
)

const (
	// maxMessage is the largest message that a client may send, in bytes.
	maxMessage = 1 << 20
	// handshakeTimeout is how long the first message may take.
	handshakeTimeout = 15 * time.Second
	// drainTimeout is how long the end of the connection waits for the other
	// side to have read it.
	drainTimeout = time.Second
	// maxDrained bounds, in bytes, what is read meanwhile.
	maxDrained = 4 << 20
	// maxReason is the longest reason of a close frame, in bytes (RFC 6455,
	// section 5.5: a control frame has at most 125, two of which are the code).
	maxReason = 123
)

// Conn is one websocket: a reader, and a writer with a bounded queue. It knows
// nothing of groups; what arrives goes to whoever reads Incoming.
type Conn struct {
	socket *websocket.Conn
	// wire is what socket writes to.
	wire  *batchConn
	out   *queue[outgoing]
	limit rateLimit
	// address is the host and port at the other end.
	address string
	// spread counts what others are sent because of what comes.
	spread *spreadLimit

	incoming chan incoming
	// opened is when the socket was opened, and received how long after that the last
	// message came, in nanoseconds: the time of day may be set meanwhile.
	opened   time.Time
	received atomic.Int64

	// closing is closed when no more messages are wanted.
	closing   chan struct{}
	closeOnce sync.Once
	// dropped is set when nothing more is to be written either.
	dropped atomic.Bool
	// written is closed when the writer has ended, finished when all is over.
	written, finished chan struct{}
	// parted is set when the other side has sent a close frame; it counts once
	// finished is closed.
	parted bool
}

// incoming is a message, or the error that ends the connection.
type incoming struct {
	message *Message
	err     error
}

// outgoing are messages that are sent together, or a control frame.
type outgoing struct {
	messages [][]byte
	// control is the type of the control frame, 0 for messages. The close
	// frame is the last that is sent.
	control int
	payload []byte
}

// newConn returns the socket of who comes from an address.
func newConn(socket *websocket.Conn, wire *batchConn, address string, spread *spreadLimit) *Conn {
	now := time.Now()
	c := &Conn{
		socket:   socket,
		wire:     wire,
		address:  address,
		spread:   spread,
		out:      newQueue[outgoing](maxQueued),
		limit:    newRateLimit(now),
		opened:   now,
		incoming: make(chan incoming),
		closing:  make(chan struct{}),
		written:  make(chan struct{}),
		finished: make(chan struct{}),
	}
	socket.SetReadLimit(maxMessage)
	// The answers to control frames are written like everything else, in
	// order; that to a close frame is left to the client.
	socket.SetCloseHandler(func(int, string) error { return nil })
	socket.SetPingHandler(func(payload string) error {
		c.put(outgoing{control: websocket.PongMessage, payload: []byte(payload)}, len(payload))
		return nil
	})
	return c
}

// silence is how long ago the last message came, or the socket was opened.
func (c *Conn) silence(now time.Time) time.Duration {
	return now.Sub(c.opened) - time.Duration(c.received.Load())
}

// send queues encoded messages, which count as one. It never blocks: when there
// is no room, the connection is dropped.
func (c *Conn) send(messages ...[]byte) {
	size := 0
	for _, m := range messages {
		size += len(m)
	}
	c.put(outgoing{messages: messages}, size)
}

func (c *Conn) put(o outgoing, size int) {
	if !c.out.put(o, size) {
		c.drop()
	}
}

// close sends the close frame after what is queued and ends the connection.
func (c *Conn) close(code int, reason string) {
	frame := websocket.FormatCloseMessage(code, truncate(reason, maxReason))
	c.out.put(outgoing{control: websocket.CloseMessage, payload: frame}, 0)
	c.out.close()
	c.closeOnce.Do(func() { close(c.closing) })
}

// drop ends the connection at once, without a word. It does not block.
func (c *Conn) drop() {
	c.dropped.Store(true)
	c.out.close()
	c.closeOnce.Do(func() { close(c.closing) })
	c.wire.SetDeadline(time.Unix(1, 0))
}

// run reads and writes until the connection is over.
func (c *Conn) run() {
	defer close(c.finished)
	go c.write()
	ended := c.read()
	<-c.written
	c.finish(ended)
}

// read passes on what arrives until the connection ends, and returns why.
func (c *Conn) read() error {
	defer close(c.incoming)
	c.socket.SetReadDeadline(time.Now().Add(handshakeTimeout))
	for first := true; ; first = false {
		data, err := c.next()
		if err != nil {
			c.pass(incoming{err: err})
			return err
		}
		if first {
			// From now on it is for the client to notice silence.
			c.socket.SetReadDeadline(time.Time{})
		}
		now := time.Now()
		c.received.Store(int64(now.Sub(c.opened)))
		m, err := decode(*data)
		c.wire.buffers.takeBack(data)
		if err != nil {
			err = errMalformed
		}
		if !c.pass(incoming{m, err}) || !c.wait(max(c.limit.take(now), c.spread.wait(now))) {
			return nil
		}
	}
}

// next waits for a message and returns it in a buffer that is to be taken back.
func (c *Conn) next() (*[]byte, error) {
	_, r, err := c.socket.NextReader()
	if err != nil {
		return nil, err
	}
	message := c.wire.buffers.lend()
	for {
		if len(*message) == cap(*message) {
			*message = slices.Grow(*message, 1)
		}
		n, err := r.Read((*message)[len(*message):cap(*message)])
		*message = (*message)[:len(*message)+n]
		switch {
		case errors.Is(err, io.EOF):
			return message, nil
		case err != nil:
			c.wire.buffers.takeBack(message)
			return nil, err
		}
	}
}

// pass hands something on; it tells whether there was somebody to take it.
func (c *Conn) pass(in incoming) bool {
	select {
	case c.incoming <- in:
		return true
	case <-c.closing:
		return false
	}
}

// awaitRoom waits until the socket has taken most of what is queued, or the
// connection ends. Only the client itself waits like that; what
// others have to tell it is collected in its mailbox.
func (c *Conn) awaitRoom() {
	for c.out.long() {
		select {
		case <-c.out.drained:
		case <-c.closing:
			return
		}
	}
}

// wait waits; it tells whether messages are still wanted after that.
func (c *Conn) wait(d time.Duration) bool {
	if d <= 0 {
		// Asked here, too, since the deadline by which drop wakes the reader
		// may have been undone after the first message.
		select {
		case <-c.closing:
			return false
		default:
			return true
		}
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-c.closing:
		return false
	}
}

// write writes what is queued until the connection ends. The reader then has
// not much longer to wait for the other side.
func (c *Conn) write() {
	defer close(c.written)
	defer c.limitReading()
	for !c.dropped.Load() {
		o, ok, open := c.out.pop()
		if !ok {
			if err := c.wire.flush(); err != nil {
				c.drop()
			}
			if !open {
				return
			}
			<-c.out.ready
			continue
		}
		if err := c.writeOut(o); err != nil {
			c.drop()
		}
	}
}

func (c *Conn) writeOut(o outgoing) (err error) {
	if o.control != 0 {
		err = c.socket.WriteControl(o.control, o.payload, time.Now().Add(writeTimeout))
	}
	if len(o.messages) > 0 {
		err = c.wire.writeTexts(o.messages)
	}
	if errors.Is(err, websocket.ErrCloseSent) {
		// The library has answered a malformed frame; that is still to be
		// flushed.
		return nil
	}
	return err
}

// finish closes the socket once the other side has had the time to read what
// was written: closing it while something has arrived that nobody read would
// make the system discard that.
func (c *Conn) finish(ended error) {
	defer c.wire.hardClose()
	var netErr net.Error
	if errors.As(ended, &netErr) || errors.Is(ended, io.ErrUnexpectedEOF) {
		return
	}
	if isCloseFrame(ended) {
		c.parted = true
		return
	}
	select {
	case <-c.closing:
	default:
		return
	}
	// After a message that was too long the frames cannot be told apart any
	// more, and it does not matter.
	c.limitReading()
	if errors.Is(ended, websocket.ErrReadLimit) {
		io.CopyN(io.Discard, c.wire, maxDrained)
		return
	}
	c.socket.SetReadLimit(maxDrained)
	for range maxQueued {
		if _, _, err := c.socket.ReadMessage(); err != nil {
			c.parted = isCloseFrame(err)
			return
		}
	}
}

// isCloseFrame tells whether an error of the reader is a close frame.
func isCloseFrame(err error) bool {
	var closed *websocket.CloseError
	return errors.As(err, &closed) && closed.Code != websocket.CloseAbnormalClosure
}

// limitReading gives the other side the time to read the end of what was
// written, and to say so, unless the connection has been dropped.
func (c *Conn) limitReading() {
	c.wire.SetReadDeadline(time.Now().Add(drainTimeout))
	if c.dropped.Load() {
		// In the order opposite to drop's, so that either sees the other.
		c.wire.SetReadDeadline(time.Unix(1, 0))
	}
}

// truncate cuts s to at most n bytes, between characters.
func truncate(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}
