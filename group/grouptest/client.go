// Package grouptest helps to test what uses groups: a client that remembers
// what it was told.
package grouptest

import (
	"sync"

	"galene/group"
)

// Client is a group.Client that keeps every event.
type Client struct {
	id string
	// NotAPerson makes the client one of the server's own.
	NotAPerson bool

	// mu guards events.
	mu     sync.Mutex
	events []group.Event
}

var _ group.Client = (*Client)(nil)

// NewClient returns a client of the given id.
func NewClient(id string) *Client { return &Client{id: id} }

// ID implements group.Client.
func (c *Client) ID() string { return c.id }

// Address implements group.Client.
func (c *Client) Address() string { return "192.0.2.1:1024" }

// Person implements group.Client.
func (c *Client) Person() bool { return !c.NotAPerson }

// Deliver implements group.Client.
func (c *Client) Deliver(e group.Event) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.events = append(c.events, e)
}

// Take returns what has been delivered since the last call, in order.
func (c *Client) Take() []group.Event {
	c.mu.Lock()
	defer c.mu.Unlock()
	events := c.events
	c.events = nil
	return events
}
