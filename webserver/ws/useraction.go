package ws

import (
	"context"
	"encoding/json"

	"galene/group"
)

// handleUserAction acts on a member.
func (c *Client) handleUserAction(_ context.Context, m *Message) error {
	if c.group == nil {
		return errJoinFirst
	}
	switch m.Kind {
	case "kick":
		return c.group.Kick(c, m.Dest, textOf(m.Value))
	case "setdata":
		return c.setData(m)
	case "op", "unop", "present", "unpresent", "shutup", "unshutup", "identify":
		if !c.has(group.PermissionOp) {
			return group.ErrNotAuthorised
		}
		return unsupported(m.Kind)
	}
	return userError("unknown user action")
}

// setData changes what the others know about the client.
func (c *Client) setData(m *Message) error {
	if m.Dest != c.id {
		return group.ErrNotAuthorised
	}
	var update group.Data
	if err := json.Unmarshal(m.Value, &update); err != nil || update == nil {
		return &group.Error{Text: "Bad value in setdata"}
	}
	return c.group.SetUserData(c, update)
}
