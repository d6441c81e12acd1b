package ws

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"galene/group"
)

// handleGroupAction acts on the group.
func (c *Client) handleGroupAction(_ context.Context, m *Message) error {
	if c.group == nil {
		return errJoinFirst
	}
	switch m.Kind {
	case "clearchat":
		return c.clearChat(m)
	case "lock":
		return c.group.Lock(c, textOf(m.Value))
	case "unlock":
		return c.group.Unlock(c)
	case "subgroups":
		return c.listSubgroups()
	case "setdata":
		return c.setGroupData(m)
	case "record", "unrecord":
		return c.refuseRecording(m.Kind)
	case "maketoken":
		c.makeToken(m)
		return nil
	case "edittoken":
		c.editToken(m)
		return nil
	case "listtokens":
		c.listTokens()
		return nil
	}
	return userError("unknown group action")
}

// clearChat takes back what was said: everything, what one user said, or one
// message.
func (c *Client) clearChat(m *Message) error {
	if !c.has(group.PermissionOp) {
		return group.ErrNotAuthorised
	}
	var selection group.ChatSelection
	if m.Value != nil {
		var v *struct{ UserID, ID string }
		if err := json.Unmarshal(m.Value, &v); err != nil || v == nil {
			return group.ErrBadClearChat
		}
		selection = group.ChatSelection{UserID: v.UserID, ID: v.ID}
	}
	return c.group.ClearChat(c, selection, m.Value)
}

// listSubgroups tells the client, as a chat message of the server, where people
// are below this group.
func (c *Client) listSubgroups() error {
	if !c.has(group.PermissionOp) {
		return group.ErrNotAuthorised
	}
	var b strings.Builder
	for _, s := range c.handler.options.Registry.Subgroups(c.group.Name()) {
		plural := "s"
		if s.Members == 1 {
			plural = ""
		}
		fmt.Fprintf(&b, "%s (%d client%s)\n", s.Name, s.Members, plural)
	}
	server := "Server"
	c.send(&Message{Type: "chat", Username: &server, Dest: c.id, Time: timeText(time.Now()), Value: text(b.String())})
	return nil
}

// setGroupData changes what the members share.
func (c *Client) setGroupData(m *Message) error {
	if !c.has(group.PermissionOp) {
		return group.ErrNotAuthorised
	}
	update, err := dataOf(m.Value)
	if err != nil {
		return err
	}
	return c.group.SetData(c, update)
}

// refuseRecording says why nothing is recorded. To end what has not begun is no mistake.
func (c *Client) refuseRecording(kind string) error {
	switch {
	case !c.has(group.PermissionRecord):
		return group.ErrNotAuthorised
	case kind == "unrecord":
		return nil
	}
	return errNoRecorder
}
