package ws

import (
	"context"
	"slices"

	"github.com/gorilla/websocket"
)

// handleHandshake takes the first message.
func (c *Client) handleHandshake(m *Message) error {
	if m.Type != "handshake" {
		return &fatalError{Code: websocket.CloseProtocolError, Text: "you must handshake first"}
	}
	if m.Resume != nil && c.handOver(m) {
		return errHandedOver
	}
	c.handshaken = true
	if len(m.ID) <= maxID {
		c.id = m.ID
	}
	reply := &Message{Type: "handshake", Version: []string{protocolVersion}}
	if m.Resume != nil && c.id != "" {
		reply.Resume = c.offerResumption()
	}
	if m.Encodings != nil {
		c.switchesEncodings, c.fallsBack = true, m.Encodings.Bitrate
		reply.Encodings = m.Encodings
	}
	c.triesAgain = m.TryAgain != nil
	c.asksVersion = m.Server != nil
	c.send(reply)
	if len(m.ID) > maxID {
		return protocolError("id is too long")
	}
	if !slices.Contains(m.Version, protocolVersion) {
		c.sendNotice("warning", "This client speaks an unknown version of the protocol; it may need upgrading.", "")
	}
	return nil
}

func (c *Client) handlePing(context.Context, *Message) error {
	c.send(&Message{Type: "pong"})
	return nil
}

// handlePong has nothing to do: every message has proved that the client lives.
func (c *Client) handlePong(context.Context, *Message) error { return nil }
