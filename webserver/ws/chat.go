package ws

import (
	"context"

	"galene/group"
)

// handleChat sends a chat message to the group or to one member.
func (c *Client) handleChat(_ context.Context, m *Message) error {
	if c.group == nil {
		return errJoinFirst
	}
	return c.group.Chat(c, post(m))
}

// handleUserMessage sends a message for programs.
func (c *Client) handleUserMessage(_ context.Context, m *Message) error {
	if c.group == nil {
		return errJoinFirst
	}
	return c.group.Message(c, post(m))
}

func post(m *Message) group.Post {
	return group.Post{ID: m.ID, Kind: m.Kind, Dest: m.Dest, NoEcho: m.NoEcho, Value: m.Value}
}
