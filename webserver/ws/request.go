package ws

import (
	"context"
	"encoding/json"
	"slices"

	"galene/group"
	"galene/group/media"
)

const (
	// maxRequestLabels bounds the labels of a request.
	maxRequestLabels = 256
	// maxRequestWords bounds the list of one label; there are five words.
	maxRequestWords = 16
)

var errBadRequest = &group.Error{Text: "bad request"}

// handleRequest takes what the client wants of all streams.
func (c *Client) handleRequest(_ context.Context, m *Message) error {
	if c.group == nil {
		return errJoinFirst
	}
	var request media.Request
	if m.Request != nil {
		if err := json.Unmarshal(m.Request, &request); err != nil || len(request) > maxRequestLabels {
			return errBadRequest
		}
	}
	for _, words := range request {
		if len(words) > maxRequestWords {
			return errBadRequest
		}
	}
	c.streams.request = request
	clear(c.streams.dismissed)
	shown := c.group.Publications(c)
	// Whose streams these are, the client must have heard before.
	if err := c.empty(); err != nil || c.group == nil {
		return err
	}
	publications := c.group.Publications(c)
	for _, p := range publications {
		// The others are still to come, behind their owners.
		if slices.Contains(shown, p) {
			c.push(p, "")
		}
	}
	for _, d := range c.streams.down {
		// One that is about to be replaced can only end.
		retired := !slices.Contains(publications, d.publication)
		if retired && d.override == nil && len(request.For(d.publication.Label())) == 0 {
			c.push(d.publication, "")
		}
	}
	return nil
}

// handleRequestStream takes what the client wants of one stream. One that is
// not known has just been closed.
func (c *Client) handleRequestStream(_ context.Context, m *Message) error {
	var words []string
	if m.Request != nil {
		if err := json.Unmarshal(m.Request, &words); err != nil || len(words) > maxRequestWords {
			return errBadRequest
		}
	}
	d := c.streams.down[m.ID]
	if d == nil {
		return nil
	}
	// An empty list stays one: nil is what gives the choice back to request.
	d.override = words
	delete(c.streams.dismissed, m.ID)
	c.push(d.publication, "")
	if words != nil && len(words) == 0 {
		c.streams.dismissed[m.ID] = d.publication
	}
	return nil
}
