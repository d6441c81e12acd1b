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
	case "op", "unop", "present", "unpresent", "shutup", "unshutup":
		return c.group.Moderate(c, m.Kind, m.Dest)
	case "kick":
		return c.group.Kick(c, m.Dest, textOf(m.Value))
	case "identify":
		return c.identify(m.Dest)
	case "setdata":
		return c.setData(m)
	}
	return userError("unknown user action")
}

// userInfo is the value of a userinfo message.
type userInfo struct {
	ID       string `json:"id"`
	Username string `json:"username,omitempty"`
	Address  string `json:"address,omitempty"`
}

// identify tells the client who a member is and where he comes from.
func (c *Client) identify(dest string) error {
	m, address, err := c.group.Identify(c, dest)
	if err != nil {
		return err
	}
	value, err := json.Marshal(userInfo{ID: m.ID, Username: m.Username, Address: address})
	if err != nil {
		return err
	}
	// If he asks about himself, what he is told comes first.
	if err := c.empty(); err != nil {
		return err
	}
	c.send(&Message{Type: "usermessage", Kind: "userinfo", Privileged: true, Value: value})
	return nil
}

// setData changes what the others know about the client.
func (c *Client) setData(m *Message) error {
	if m.Dest != c.id {
		return group.ErrNotAuthorised
	}
	update, err := dataOf(m.Value)
	if err != nil {
		return err
	}
	return c.group.SetUserData(c, update)
}

// dataOf reads the value of a setdata, which is an object.
func dataOf(value json.RawMessage) (group.Data, error) {
	var update group.Data
	if err := json.Unmarshal(value, &update); err != nil || update == nil {
		return nil, &group.Error{Text: "Bad value in setdata"}
	}
	return update, nil
}
