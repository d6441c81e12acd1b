package ws

import (
	"context"

	"galene/group/media"
	"galene/rtpconn"
)

// streams are what a client sends and receives, by stream id, and what it
// wants. They belong to the client's goroutine.
type streams struct {
	up   map[string]*upStream
	down map[string]*downStream
	// request is what the client wants, nil until it has said so.
	request media.Request
	// dismissed are the streams of which alone it wants nothing, whatever becomes of
	// their tracks, until the next request.
	dismissed map[string]media.Publication
}

func newStreams() streams {
	return streams{up: make(map[string]*upStream), down: make(map[string]*downStream), dismissed: make(map[string]media.Publication)}
}

// closeAll ends the connections of all streams and tells nobody.
func (s *streams) closeAll() {
	for id, u := range s.up {
		u.conn.Close()
		delete(s.up, id)
	}
	for id, d := range s.down {
		d.close()
		delete(s.down, id)
	}
}

// handleICE takes a candidate of the other side. A stream that is not known has
// just been closed.
func (c *Client) handleICE(_ context.Context, m *Message) error {
	if m.Candidate == nil {
		return protocolError("null candidate")
	}
	var target interface{ AddCandidate(rtpconn.Candidate) }
	if u := c.streams.up[m.ID]; u != nil {
		target = u.conn
	} else if d := c.streams.down[m.ID]; d != nil {
		target = d.conn
	} else {
		return nil
	}
	target.AddCandidate(*m.Candidate)
	return nil
}

// handleClose ends a stream that the client sends.
func (c *Client) handleClose(_ context.Context, m *Message) error {
	if u := c.streams.up[m.ID]; u != nil {
		c.closeUp(u)
	}
	return nil
}

// handleAbort ends a stream that the client receives.
func (c *Client) handleAbort(_ context.Context, m *Message) error {
	if d := c.streams.down[m.ID]; d != nil {
		c.closeDown(d)
		return nil
	}
	c.send(&Message{Type: "close", ID: m.ID})
	return nil
}
