package ws

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"galene/group"
	"galene/group/media"
	"galene/rtpconn"
)

// answerTimeout is how long the client may take to answer an offer.
const answerTimeout = 30 * time.Second

// downStream is a stream that the client receives.
type downStream struct {
	publication media.Publication
	conn        DownConn
	negotiation negotiation
	// timer runs while an offer waits for its answer; it is nil before the
	// first one.
	timer *time.Timer
	// override is what the client wants of this stream; it is nil if what it
	// wants of all applies.
	override []string
	// unwanted is set when the stream is to be closed once its offer has been
	// answered: an answer that is on its way must not be taken for one to a
	// later offer of the same id.
	unwanted bool
	// replaces is the id that the first offer is to replace.
	replaces string
}

// close ends the connection and tells nobody.
func (d *downStream) close() {
	if d.timer != nil {
		d.timer.Stop()
	}
	d.conn.Close()
}

// push brings what the client receives of a publication in line with what it
// wants, after either has changed. replaces is the id of the stream whose place
// it takes, "" if none.
func (c *Client) push(p media.Publication, replaces string) {
	if c.streams.dismissed[p.ID()] == p {
		return
	}
	delete(c.streams.dismissed, replaces)
	d := c.streams.down[p.ID()]
	words := c.streams.request.For(p.Label())
	old := c.streams.down[replaces]
	switch {
	case d != nil && d.override != nil:
		words = d.override
	case d == nil && old != nil && old.override != nil:
		words = old.override
	}
	if old != nil {
		old.close()
		delete(c.streams.down, replaces)
	}
	wanted := media.Select(words, p.Tracks())
	if d == nil && len(wanted) > 0 {
		if old == nil {
			replaces = ""
		}
		c.openDown(p, wanted, replaces)
		return
	}
	if old != nil {
		// No offer is going to say that its place is taken.
		c.send(&Message{Type: "close", ID: replaces})
	}
	switch {
	case d == nil:
	case len(wanted) > 0:
		d.unwanted = false
		if err := c.setTracks(d, wanted); err != nil {
			// Not on this connection, whose codecs are settled; on a new one.
			c.closeDown(d)
			c.openDown(p, wanted, "")
		}
	case d.negotiation.outstanding:
		// Like the stream, what was wanted of it alone is over.
		d.unwanted, d.override = true, nil
	default:
		c.closeDown(d)
	}
}

// openDown makes the connection by which the client receives a publication.
func (c *Client) openDown(p media.Publication, wanted []media.Wanted, replaces string) {
	d := &downStream{publication: p, replaces: replaces}
	conn, err := c.handler.options.Engine.NewDownConn(p, rtpconn.DownOptions{
		Group: c.group.Name(), SubscriberID: c.id,
		OnFailed: func() {
			c.post(func() error { c.downFailed(d); return nil })
		},
		OnBroken: func() {
			c.post(func() error { c.downBroken(d); return nil })
		},
	})
	if err != nil {
		c.logDown(p.ID(), err)
		id := p.ID()
		if replaces != "" {
			// That is the stream which the client knows.
			id = replaces
		}
		c.send(&Message{Type: "close", ID: id})
		return
	}
	d.conn = conn
	c.streams.down[p.ID()] = d
	if err := c.setTracks(d, wanted); err != nil {
		c.failDown(d, err)
	}
}

// setTracks says which tracks the client gets, and offers them if need be.
func (c *Client) setTracks(d *downStream, wanted []media.Wanted) error {
	renegotiate, err := d.conn.SetTracks(wanted)
	if err != nil {
		return err
	}
	if renegotiate || d.negotiation.offers == 0 {
		c.negotiate(d, d.negotiation.want(needTracks))
	}
	return nil
}

// negotiate makes an offer for what it is needed.
func (c *Client) negotiate(d *downStream, what need) {
	if what == needNothing {
		return
	}
	sdp, err := d.conn.Offer(what == needRestart)
	if err != nil {
		c.failDown(d, err)
		return
	}
	owner, username := d.publication.Owner()
	c.send(&Message{
		Type: "offer", ID: d.publication.ID(), Label: d.publication.Label(), Replace: d.replaces,
		Source: owner, Username: &username, SDP: sdp,
	})
	d.replaces = ""
	c.awaitAnswer(d)
}

// awaitAnswer starts the time that the client has to answer an offer.
func (c *Client) awaitAnswer(d *downStream) {
	number := d.negotiation.offers
	if d.timer != nil {
		d.timer.Stop()
	}
	d.timer = time.AfterFunc(answerTimeout, func() {
		c.post(func() error { c.answerMissing(d, number); return nil })
	})
}

// answerMissing gives up a stream whose offer was not answered in time. A
// client that is absent gets the time again.
func (c *Client) answerMissing(d *downStream, number int) {
	switch {
	case !c.isDown(d) || !d.negotiation.outstanding || d.negotiation.offers != number:
	case c.conn.Load() == nil:
		c.awaitAnswer(d)
	default:
		c.closeDown(d)
	}
}

// handleAnswer takes the client's answer to an offer.
func (c *Client) handleAnswer(_ context.Context, m *Message) error {
	d := c.streams.down[m.ID]
	if d == nil {
		c.send(&Message{Type: "close", ID: m.ID})
		return nil
	}
	if !d.negotiation.outstanding {
		c.closeDown(d)
		return &group.Error{Text: "answer without an offer"}
	}
	if d.unwanted {
		c.closeDown(d)
		return nil
	}
	if err := d.conn.Answer(m.SDP); err != nil {
		c.closeDown(d)
		return &group.Error{Text: err.Error()}
	}
	d.timer.Stop()
	c.negotiate(d, d.negotiation.answered())
	return nil
}

// handleRenegotiate restarts ICE for a stream that the client receives.
func (c *Client) handleRenegotiate(_ context.Context, m *Message) error {
	if d := c.streams.down[m.ID]; d != nil {
		c.negotiate(d, d.negotiation.want(needRestart))
	}
	return nil
}

// downFailed restarts ICE on our own initiative.
func (c *Client) downFailed(d *downStream) {
	if c.isDown(d) {
		c.negotiate(d, d.negotiation.want(needRestart))
	}
}

// downBroken ends a stream that can never carry media.
func (c *Client) downBroken(d *downStream) {
	if c.isDown(d) {
		c.closeDown(d)
	}
}

// unpush ends a stream that the publisher has ended.
func (c *Client) unpush(id string) {
	delete(c.streams.dismissed, id)
	if d := c.streams.down[id]; d != nil {
		c.closeDown(d)
	}
}

// failDown ends a stream that cannot be sent to the client.
func (c *Client) failDown(d *downStream, err error) {
	c.logDown(d.publication.ID(), err)
	c.closeDown(d)
}

// closeDown ends a stream and tells the client; it knows it, if not by its own
// id then by that of the stream which it was to replace.
func (c *Client) closeDown(d *downStream) {
	id := d.publication.ID()
	delete(c.streams.down, id)
	d.close()
	if d.replaces != "" {
		id = d.replaces
	}
	c.send(&Message{Type: "close", ID: id})
}

func (c *Client) isDown(d *downStream) bool {
	return c.streams.down[d.publication.ID()] == d
}

// logDown notes that a stream cannot be sent. If it has just been closed, that
// is no fault.
func (c *Client) logDown(id string, err error) {
	level := slog.LevelError
	if errors.Is(err, rtpconn.ErrClosed) {
		level = slog.LevelDebug
	}
	c.logger.Log(context.Background(), level, "cannot send stream", "group", c.group.Name(), "client", c.id, "stream", id, "error", err)
}
