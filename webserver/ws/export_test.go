package ws

import (
	"context"
	"errors"
)

// Converse runs texts through a client without a socket, as if they had come
// one after the other, and returns what it sends.
func Converse(ctx context.Context, h *Handler, texts []string) (sent []string) {
	conn := &Conn{address: "192.0.2.1:1", out: newQueue[outgoing](maxQueued), closing: make(chan struct{})}
	// Nobody takes what is sent, so nobody waits for that.
	conn.closeOnce.Do(func() { close(conn.closing) })
	c := newClient(h, conn)
	for _, text := range texts {
		m, err := decode([]byte(text))
		if err != nil {
			break
		}
		if err := c.report(c.dispatch(ctx, m)); err != nil {
			break
		}
		for c.joining != nil {
			<-c.mailbox.ready
			err = errors.Join(err, c.empty())
		}
		if err = errors.Join(err, c.empty()); err != nil {
			break
		}
	}
	c.leaveForGood()
	c.giveUpSeat()
	for {
		o, ok, _ := conn.out.pop()
		if !ok {
			return sent
		}
		for _, m := range o.messages {
			sent = append(sent, string(m))
		}
	}
}
