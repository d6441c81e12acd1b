package ws

import (
	"context"
	"errors"
	"time"

	"github.com/gorilla/websocket"
)

// DefaultGrace is how long a client that has lost its socket keeps its seat.
const DefaultGrace = 30 * time.Second

// ackEvery is how many messages are taken before the client is told so.
const ackEvery = 16

// Resume is how a seat outlives its socket, as far as the handshake is
// concerned; docs/protocol.md describes the rest. A client sends an empty one
// to say that it knows how to resume, and later the secret and how many
// messages it has received.
type Resume struct {
	// Secret opens the seat. The server sends a new one in each handshake.
	Secret string `json:"secret,omitempty"`
	// Received counts the numbered messages that the sender has received.
	Received uint64 `json:"received,omitempty"`
	// Grace is how many seconds the seat is kept.
	Grace float64 `json:"grace,omitempty"`
	// Resumed says that this is the old seat.
	Resumed bool `json:"resumed,omitempty"`
}

// unnumbered are the types of messages that are about the socket alone.
var unnumbered = map[string]bool{"handshake": true, "ping": true, "pong": true, "ack": true}

// resumption is what a seat needs so as to outlive its socket. Its fields
// belong to the client's goroutine, but for attach and ended.
type resumption struct {
	handle string
	sent   replay
	// received counts the numbered messages that were taken, acknowledged
	// those of them that the client knows of.
	received, acknowledged uint64
	// unconfirmed is set while the client has not shown that it has the secret
	// it was sent last.
	unconfirmed bool
	// grace runs while there is no socket; it is nil while there is one.
	grace *time.Timer
	// farewell is how the client's socket was closed, and is to be should he
	// come back; nil while he may stay.
	farewell *farewell

	// attach takes the sockets that clients come back with.
	attach chan attachment
	// ended is closed when the seat is no more.
	ended chan struct{}
}

// farewell is a close frame.
type farewell struct {
	code   int
	reason string
}

// attachment is a socket for a seat whose client has so many of its messages.
type attachment struct {
	conn     *Conn
	received uint64
	// taken is told whether the seat has taken the socket.
	taken chan bool
}

// offerResumption begins to number messages and returns what the client needs
// in order to come back.
func (c *Client) offerResumption() *Resume {
	grace := c.handler.options.Grace
	if grace < 0 {
		return nil
	}
	c.resumption = &resumption{attach: make(chan attachment), ended: make(chan struct{})}
	var secret string
	c.resumption.handle, secret = c.handler.seats.add(c)
	return &Resume{Secret: secret, Grace: grace.Seconds()}
}

// handOver gives the socket to the seat that it was opened for, and tells
// whether that has taken it. A socket that the seat still has is dropped.
func (c *Client) handOver(m *Message) bool {
	seat := c.handler.seats.find(m.Resume.Secret)
	if seat == nil || seat.id != m.ID {
		return false
	}
	a := attachment{conn: c.conn.Load(), received: m.Resume.Received, taken: make(chan bool, 1)}
	if old := seat.conn.Load(); old != nil {
		// It may be what the seat is waiting for.
		old.drop()
	}
	select {
	case seat.resumption.attach <- a:
	case <-seat.resumption.ended:
		return false
	case <-c.handler.stop:
		return false
	}
	if <-a.taken {
		return true
	}
	// It is going, and with it its id.
	select {
	case <-seat.resumption.ended:
	case <-c.handler.stop:
	}
	return false
}

// attachments returns where sockets come from, nil for a seat that takes none.
func (c *Client) attachments() <-chan attachment {
	if c.resumption == nil {
		return nil
	}
	return c.resumption.attach
}

// graceOver returns what says that the client has been away for too long.
func (c *Client) graceOver() <-chan time.Time {
	if c.resumption == nil || c.resumption.grace == nil {
		return nil
	}
	return c.resumption.grace.C
}

// lost decides what becomes of the seat when its socket is gone: it waits for
// another one, or err ends it.
func (c *Client) lost(err error) error {
	r := c.resumption
	if r == nil || c.group == nil && c.joining == nil || !isLoss(err) {
		return err
	}
	if conn := c.conn.Swap(nil); conn != nil {
		conn.drop()
	}
	if r.grace == nil {
		r.grace = time.NewTimer(c.handler.options.Grace)
	}
	c.logger.Debug("socket lost", "client", c.id, "error", err)
	return nil
}

// isLoss tells whether the socket has ended without anybody wanting it: by a
// fault of the network, or by a close frame of something in between.
func isLoss(err error) bool {
	var closed *websocket.CloseError
	if errors.As(err, &closed) {
		switch closed.Code {
		case websocket.CloseNormalClosure, websocket.CloseGoingAway, websocket.CloseNoStatusReceived:
			return false
		}
		return true
	}
	return errors.Is(err, errDropped) || errors.Is(err, errDead) || isNetworkError(err)
}

// attach puts the client, who has come back, into his seat again.
func (c *Client) attach(a attachment) error {
	r := c.resumption
	if old := c.conn.Swap(nil); old != nil {
		old.drop()
	}
	messages, size, ok := r.sent.after(a.received)
	if !ok {
		a.taken <- false
		return errGivenUp
	}
	r.sent.acknowledge(a.received)
	if r.grace != nil {
		r.grace.Stop()
		r.grace = nil
	}
	c.setConn(a.conn)
	// What has not been counted will be sent again.
	c.behind = nil
	a.taken <- true
	for _, d := range c.streams.down {
		if d.negotiation.outstanding {
			// Maybe he sees the offer only now.
			c.awaitAnswer(d)
		}
	}
	r.unconfirmed = true
	r.acknowledged = r.received
	a.conn.send(encode(&Message{Type: "handshake", Version: []string{protocolVersion}, Resume: &Resume{
		Secret: c.handler.seats.renew(r.handle), Received: r.received,
		Grace: c.handler.options.Grace.Seconds(), Resumed: true,
	}}))
	if len(messages) > 0 {
		a.conn.put(outgoing{messages: messages}, size)
	}
	c.logger.Debug("seat resumed", "client", c.id, "replayed", len(messages))
	return nil
}

// number keeps a message that is being sent, unless its type is about the socket
// alone.
func (c *Client) number(messageType string, encoded []byte) {
	if c.resumption != nil && !unnumbered[messageType] {
		c.resumption.sent.add(encoded)
	}
}

// stillComplete tells whether an absent client can still be sent all that it
// has missed.
func (c *Client) stillComplete() bool {
	return c.resumption == nil || c.conn.Load() != nil || c.resumption.sent.complete()
}

// count counts a message that has come, and tells the client now and then.
func (c *Client) count(m *Message) {
	r := c.resumption
	if r == nil {
		return
	}
	if r.unconfirmed {
		r.unconfirmed = false
		c.handler.seats.confirm(r.handle)
	}
	if unnumbered[m.Type] {
		return
	}
	r.received++
	if r.received-r.acknowledged >= ackEvery {
		c.acknowledge()
	}
}

// acknowledge tells the client how much has come, unless it knows.
func (c *Client) acknowledge() {
	r := c.resumption
	if r == nil || r.acknowledged == r.received {
		return
	}
	r.acknowledged = r.received
	c.send(&Message{Type: "ack", Received: r.received})
}

// handleAck forgets what the client has.
func (c *Client) handleAck(_ context.Context, m *Message) error {
	if c.resumption == nil {
		return protocolError("unexpected message")
	}
	if !c.resumption.sent.acknowledge(m.Received) {
		return protocolError("no such message to acknowledge")
	}
	return nil
}

// awaitReturn waits for a client who was sent away and may not have heard of it,
// so that he learns it should he come back in time.
func (c *Client) awaitReturn() {
	r := c.resumption
	if r == nil || r.farewell == nil {
		return
	}
	for {
		conn := c.conn.Load()
		if conn == nil && r.grace == nil {
			return
		}
		var finished chan struct{}
		if conn != nil {
			finished = conn.finished
		}
		select {
		case <-finished:
			if conn.parted {
				return
			}
			c.conn.Store(nil)
			r.grace = time.NewTimer(c.handler.options.Grace)
		case a := <-r.attach:
			if c.attach(a) != nil {
				return
			}
			a.conn.close(r.farewell.code, r.farewell.reason)
		case <-c.graceOver():
			return
		case <-c.handler.stop:
			return
		}
	}
}

// giveUpSeat makes it known that the seat is no more.
func (c *Client) giveUpSeat() {
	if r := c.resumption; r != nil {
		c.handler.seats.remove(r.handle)
		close(r.ended)
	}
}
