package ws

import (
	"context"

	"galene/group"
)

// handleGroupAction acts on the group. None of the actions is built so far:
// who might not use them anyway is told that.
func (c *Client) handleGroupAction(_ context.Context, m *Message) error {
	if c.group == nil {
		return errJoinFirst
	}
	switch m.Kind {
	case "clearchat", "lock", "unlock", "subgroups", "setdata":
		return c.refuse(m.Kind, group.PermissionOp)
	case "record", "unrecord":
		return c.refuse(m.Kind, group.PermissionRecord)
	case "maketoken", "edittoken":
		c.refuseToken("token", m.Kind)
		return nil
	case "listtokens":
		c.refuseToken("tokenlist", m.Kind)
		return nil
	}
	return userError("unknown group action")
}

func (c *Client) refuse(kind, permission string) error {
	if !c.has(permission) {
		return group.ErrNotAuthorised
	}
	return unsupported(kind)
}

// refuseToken answers, in the form that whoever waits for a token expects.
func (c *Client) refuseToken(answer, kind string) {
	m := &Message{Type: "usermessage", Kind: answer, Privileged: true}
	if err := c.refuse(kind, group.PermissionToken); err == group.ErrNotAuthorised {
		m.Error, m.Value = "not-authorised", text(err.Error())
	} else {
		m.Error, m.Value = "error", text(err.Error())
	}
	c.send(m)
}
