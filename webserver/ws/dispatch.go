package ws

import (
	"context"
	"slices"
)

// handlers says who handles which type of message. A handler runs in the
// client's goroutine; ctx ends with the client. An error that readable knows is
// told to the user; every other one ends the connection.
var handlers = map[string]func(*Client, context.Context, *Message) error{
	"ping":          (*Client).handlePing,
	"pong":          (*Client).handlePong,
	"ack":           (*Client).handleAck,
	"join":          (*Client).handleJoin,
	"request":       (*Client).handleRequest,
	"requestStream": (*Client).handleRequestStream,
	"offer":         (*Client).handleOffer,
	"answer":        (*Client).handleAnswer,
	"ice":           (*Client).handleICE,
	"renegotiate":   (*Client).handleRenegotiate,
	"close":         (*Client).handleClose,
	"abort":         (*Client).handleAbort,
	"chat":          (*Client).handleChat,
	"usermessage":   (*Client).handleUserMessage,
	"useraction":    (*Client).handleUserAction,
	"groupaction":   (*Client).handleGroupAction,
}

// namesStream says which types of message are about the stream that id names.
var namesStream = []string{"offer", "answer", "ice", "renegotiate", "close", "abort"}

// dispatch checks what is to be checked about every message and has it handled.
func (c *Client) dispatch(ctx context.Context, m *Message) error {
	if !c.handshaken {
		return c.handleHandshake(m)
	}
	if m.Source != "" && m.Source != c.id {
		return protocolError("spoofed client id")
	}
	if m.Type != "join" && m.Username != nil && *m.Username != c.username() {
		return protocolError("spoofed username")
	}
	if m.deep {
		return errTooDeep
	}
	if slices.Contains(namesStream, m.Type) {
		switch {
		case m.ID == "":
			return protocolError("empty id")
		case len(m.ID) > maxID:
			return protocolError("id is too long")
		}
	}
	handle, ok := handlers[m.Type]
	if !ok {
		return protocolError("unexpected message")
	}
	return handle(c, ctx, m)
}

// username returns the name assigned at join, "" outside a group.
func (c *Client) username() string {
	if c.group == nil {
		return ""
	}
	return c.self.Username
}
