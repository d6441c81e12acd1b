package ws

import (
	"context"
	"encoding/json"
	"errors"

	"galene/group"
	"galene/rtpconn"
)

// maxUpStreams is how many streams one client may send at a time.
const maxUpStreams = 64

// maxLabel is the longest label of a stream, in bytes.
const maxLabel = 128

// upStream is a stream that the client sends.
type upStream struct {
	id   string
	conn UpConn
}

// handleOffer takes a new stream, or a new offer for one that is there.
func (c *Client) handleOffer(_ context.Context, m *Message) error {
	if !c.has(group.PermissionPresent) {
		if u := c.streams.up[m.Replace]; u != nil {
			c.closeUp(u)
		}
		c.abort(m.ID)
		if c.group == nil {
			return errJoinFirst
		}
		return group.ErrNotAuthorised
	}
	u, renegotiation := c.streams.up[m.ID]
	if !renegotiation {
		var err error
		if u, err = c.openUp(m); err != nil {
			c.abort(m.ID)
			return err
		}
	}
	answer, err := u.conn.Offer(m.SDP)
	if err != nil {
		c.abort(m.ID)
		if !renegotiation {
			c.closeUp(u)
		}
		c.logger.Info("offer refused", "group", c.group.Name(), "client", c.id, "stream", m.ID, "error", truncate(err.Error(), maxLogged))
		return &group.Error{Text: err.Error()}
	}
	c.send(&Message{Type: "answer", ID: m.ID, SDP: answer})
	return nil
}

// openUp makes a stream, which closes the one that it replaces.
func (c *Client) openUp(m *Message) (*upStream, error) {
	if len(m.Label) > maxLabel {
		return nil, &group.Error{Text: "label is too long"}
	}
	if c.streams.down[m.ID] != nil {
		return nil, &group.Error{Text: "adding duplicate connection"}
	}
	old := c.streams.up[m.Replace]
	if old == nil && len(c.streams.up) >= maxUpStreams {
		return nil, &group.Error{Text: "too many streams"}
	}
	u := &upStream{id: m.ID}
	options := rtpconn.UpOptions{
		ID: m.ID, Label: m.Label, Group: c.group.Name(),
		OwnerID: c.id, OwnerName: c.self.Username,
		Codecs: c.group.Description().MediaCodecs(),
		OnTracks: func() {
			c.post(func() error { c.announceUp(u); return nil })
		},
		OnFailed: func() {
			c.post(func() error { c.upFailed(u); return nil })
		},
		OnBroken: func() {
			c.post(func() error { return c.upBroken(u) })
		},
	}
	if c.switchesEncodings {
		options.OnEncodings = func(rids []string) {
			c.post(func() error { c.useOf(u, rids); return nil })
		}
	}
	if c.fallsBack {
		options.OnUplink = func(bitrate int) {
			c.post(func() error { c.uplinkOf(u, bitrate); return nil })
		}
	}
	conn, err := c.handler.options.Engine.NewUpConn(options)
	if err != nil {
		c.logger.Error("cannot open stream", "group", c.group.Name(), "client", c.id, "stream", m.ID, "error", err)
		return nil, &group.Error{Text: internalErrorText}
	}
	u.conn = conn
	if err := c.group.Publish(c, conn, m.Replace); err != nil {
		conn.Close()
		if errors.Is(err, group.ErrNotMember) {
			err = errJoinFirst
		}
		return nil, err
	}
	c.streams.up[m.ID] = u
	if old != nil {
		delete(c.streams.up, old.id)
		old.conn.Close()
	}
	return u, nil
}

// announceUp tells the others that the tracks of a stream have appeared or
// changed.
func (c *Client) announceUp(u *upStream) {
	if c.streams.up[u.id] == u {
		c.group.Announce(c, u.id)
	}
}

// useOf tells the client which encodings of a stream anybody has use for.
func (c *Client) useOf(u *upStream, rids []string) {
	if c.streams.up[u.id] == u {
		value, _ := json.Marshal(rids)
		c.send(&Message{Type: "encodings", ID: u.id, Value: value})
	}
}

// uplinkOf tells the client how many bits a second its uplink takes of a stream,
// 0 when that has become its own business again.
func (c *Client) uplinkOf(u *upStream, bitrate int) {
	if c.streams.up[u.id] == u {
		c.send(&Message{Type: "encodings", ID: u.id, Bitrate: &bitrate})
	}
}

// upFailed asks the client, who alone can, to restart ICE.
func (c *Client) upFailed(u *upStream) {
	if c.streams.up[u.id] == u {
		c.send(&Message{Type: "renegotiate", ID: u.id})
	}
}

// upBroken ends a stream that can never carry media.
func (c *Client) upBroken(u *upStream) error {
	if c.streams.up[u.id] != u {
		return nil
	}
	c.abort(u.id)
	c.closeUp(u)
	return &group.Error{Text: "the media connection could not be secured"}
}

// closeUp ends a stream for everybody.
func (c *Client) closeUp(u *upStream) {
	delete(c.streams.up, u.id)
	c.group.Unpublish(c, u.id)
	u.conn.Close()
}

// denied ends a stream that the client may not send any more.
func (c *Client) denied(id string) error {
	u := c.streams.up[id]
	if u == nil {
		return nil
	}
	delete(c.streams.up, id)
	u.conn.Close()
	c.abort(id)
	return &group.Error{Text: "permission denied"}
}

// abort asks the client to end a stream that it sends.
func (c *Client) abort(id string) { c.send(&Message{Type: "abort", ID: id}) }
