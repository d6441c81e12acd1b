package ws

import (
	"time"

	"galene/group"

	"github.com/gorilla/websocket"
)

// memberMessage returns the message about a member that an event calls for, nil
// if it is about something else, and takes note of what it says.
func (c *Client) memberMessage(e group.Event) []byte {
	var encoded []byte
	switch e := e.(type) {
	case group.UserAdded:
		encoded = e.Member.Encoded("add", encodeMember)
	case group.UserChanged:
		if e.Member.ID == c.id {
			c.self = e.Member
		}
		encoded = e.Member.Encoded("change", encodeMember)
	case group.UserDeleted:
		encoded = e.Member.Encoded("delete", encodeDeparture)
	default:
		return nil
	}
	c.number("user", encoded)
	return encoded
}

// handleEvent passes on what else the group says.
func (c *Client) handleEvent(e group.Event) error {
	switch e := e.(type) {
	case group.Joined:
		c.joined(e)
	case group.Changed:
		c.self = e.Self
		c.send(c.groupState("change", e.Self, e.Status, e.Data))
	case group.Chat:
		c.send(postMessage("chat", e.Post))
	case group.UserMessage:
		c.send(postMessage("usermessage", e.Post))
	case group.ChatCleared:
		c.send(&Message{Type: "usermessage", Kind: "clearchat", Privileged: true, Value: e.Value})
	case group.Notice:
		c.sendNotice(e.Kind, e.Text, "")
	case group.Denied:
		return c.denied(e.ID)
	case group.Published:
		c.push(e.Publication, e.Replaces)
	case group.Unpublished:
		c.unpush(e.ID)
	case group.Kicked:
		return c.kicked(e)
	}
	return nil
}

// joined tells the client that it is in, what was said before and who is there.
func (c *Client) joined(e group.Joined) {
	c.joining = nil
	c.group, c.self = e.Group, e.Self
	messages := make([]*Message, 0, 1+len(e.History))
	first := c.groupState("join", e.Self, e.Status, e.Data)
	if v := c.handler.options.Version; v != "" && c.asksVersion {
		first.Server = &Server{Version: v}
	}
	messages = append(messages, first)
	for _, p := range e.History {
		messages = append(messages, &Message{
			Type: "chathistory", Kind: p.Kind, ID: p.ID, Source: p.Source, Username: &p.Username,
			Time: timeText(p.Time), Value: p.Value,
		})
	}
	c.send(messages...)
	c.sendMembers(e.Self, e.Others)
}

// groupState returns a message of type joined.
func (c *Client) groupState(kind string, self group.Member, s group.Status, d group.Data) *Message {
	c.configured = time.Now()
	return &Message{
		Type: "joined", Kind: kind, Group: c.group.Name(), Username: &self.Username,
		Permissions: self.Permissions, Status: c.status(s), Data: d,
		RTCConfiguration: c.rtcConfiguration(),
	}
}

// kicked passes on the last word and ends the connection.
func (c *Client) kicked(e group.Kicked) error {
	message := e.Message
	if message == "" {
		message = "you have been kicked out"
	}
	m := &Message{
		Type: "usermessage", Kind: "kicked", ID: e.By.ID, Dest: c.id, Privileged: true, Value: text(message),
	}
	reason := "kicked out"
	if e.Message != "" {
		reason += " (" + e.Message + ")"
	}
	if e.By.ID != "" {
		m.Username = &e.By.Username
		if e.By.Username != "" {
			reason += " by " + e.By.Username
		}
	}
	if e.ShuttingDown {
		m.Error = "shutting-down"
	}
	c.send(m)
	c.close(websocket.CloseNormalClosure, reason)
	return errEnded
}

func userMessage(kind string, m group.Member) *Message {
	return &Message{
		Type: "user", Kind: kind, ID: m.ID, Username: &m.Username, Permissions: m.Permissions, Data: m.Data,
	}
}

// encodeMember returns what is sent of a member.
func encodeMember(kind string, m group.Member) []byte { return encode(userMessage(kind, m)) }

// encodeDeparture returns what is sent of a member who has left.
func encodeDeparture(kind string, m group.Member) []byte {
	return encode(&Message{Type: "user", Kind: kind, ID: m.ID, Username: &m.Username})
}

// postMessage returns the message, of type chat or usermessage, that carries p.
func postMessage(kind string, p group.Post) *Message {
	return &Message{
		Type: kind, Kind: p.Kind, ID: p.ID, Source: p.Source, Dest: p.Dest, Username: &p.Username,
		Privileged: p.Privileged, NoEcho: p.NoEcho, Time: timeText(p.Time), Value: p.Value,
	}
}

// timeText returns a time as the protocol writes it: RFC 3339, by the second.
func timeText(t time.Time) string { return t.UTC().Format(time.RFC3339) }
