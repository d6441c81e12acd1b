package ws

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"runtime/debug"

	"galene/group"
)

// maxLogged is how much of a text the log holds that a client may have made up, in
// bytes.
const maxLogged = 256

// handleJoin enters or leaves a group.
func (c *Client) handleJoin(ctx context.Context, m *Message) error {
	switch m.Kind {
	case "join":
		if c.group != nil {
			return protocolError("cannot join multiple groups")
		}
		c.join(ctx, m)
		return nil
	case "leave":
		if c.group == nil || c.group.Name() != m.Group {
			return userError("you are not joined")
		}
		return c.leave()
	}
	return protocolError("unknown kind")
}

// join asks the group, aside. The answer comes by the mailbox: Joined, in its
// place among the events of the group, or a refusal.
func (c *Client) join(ctx context.Context, m *Message) {
	result := make(chan *group.Group, 1)
	c.joining = result
	address := addressOf(c.Address())
	go func() {
		g, err := c.enter(ctx, group.JoinOptions{
			Client: c,
			Group:  m.Group,
			Credentials: group.Credentials{
				Username: m.Username, Password: m.Password, Token: m.Token, Address: address, TriesAgain: c.triesAgain,
			},
			Data: m.Data,
		})
		result <- g
		if err != nil {
			c.post(func() error { return c.joinFailed(m, err) })
		}
	}()
}

// enter asks the group. A panic is a fault like any other: this goroutine is not
// that of the client, whose faults are its own.
func (c *Client) enter(ctx context.Context, o group.JoinOptions) (g *group.Group, err error) {
	defer func() {
		if p := recover(); p != nil {
			c.logger.Error("panic", "client", c.id, "panic", p, "stack", string(debug.Stack()))
			g, err = nil, fmt.Errorf("panic: %v", p)
		}
	}()
	return c.handler.options.Registry.Join(ctx, o)
}

// joinFailed tells the client why it may not join; it is then as if it had not
// tried.
func (c *Client) joinFailed(m *Message, err error) error {
	c.joining = nil
	username := m.Username
	if username == nil {
		username = new(string)
	}
	reply := &Message{Type: "joined", Kind: "fail", Group: m.Group, Username: username}
	var redirect *group.RedirectError
	var refused *group.RefusedError
	switch {
	case errors.As(err, &redirect):
		reply.Kind = "redirect"
		reply.Value = text(redirect.URL)
	case errors.As(err, &refused):
		c.logger.Info("join refused", "group", m.Group, "client", c.id, "username", truncate(*username, maxLogged),
			"address", addressOf(c.Address()).String(), "reason", refused.Reason)
		reply.Value = text(group.ErrNotAuthorised.Text)
	default:
		message, code, known := readable(err)
		if !known && !errors.Is(err, context.Canceled) {
			c.logger.Error("join failed", "group", m.Group, "client", c.id, "username", truncate(*username, maxLogged), "error", err)
		}
		reply.Value, reply.Error = text(message), code
	}
	c.send(reply)
	return nil
}

// leave leaves the group on request.
func (c *Client) leave() error {
	g := c.group
	c.streams.closeAll()
	status, data := g.Leave(c)
	kicked := c.discardMail()
	c.send(&Message{
		Type: "joined", Kind: "leave", Group: g.Name(), Username: &c.self.Username,
		Status: c.status(status), Data: data, RTCConfiguration: c.rtcConfiguration(),
	})
	c.group, c.self = nil, group.Member{}
	c.streams = newStreams()
	if kicked != nil {
		return c.kicked(*kicked)
	}
	return nil
}

// discardMail forgets what the group had to say before the client left it, but
// for a last word, which it returns.
func (c *Client) discardMail() (kicked *group.Kicked) {
	for {
		l, ok, _ := c.mailbox.pop()
		if !ok {
			return kicked
		}
		if k, is := l.event.(group.Kicked); is && kicked == nil {
			kicked = &k
		}
	}
}

// rtcConfiguration returns what the client needs to make connections.
func (c *Client) rtcConfiguration() *RTCConfiguration {
	configuration := &RTCConfiguration{}
	if servers := c.handler.options.ICEServers; servers != nil {
		configuration.ICEServers = servers()
	}
	if c.handler.options.RelayOnly {
		configuration.ICETransportPolicy = "relay"
	}
	return configuration
}

// status completes what a group says about itself.
func (c *Client) status(s group.Status) *group.Status {
	s.CanChangePassword = c.handler.options.Config.Get().WritableGroups
	return &s
}

// addressOf returns the address in one that may have a port, the zero value if
// it is none.
func addressOf(s string) netip.Addr {
	if p, err := netip.ParseAddrPort(s); err == nil {
		return p.Addr()
	}
	a, err := netip.ParseAddr(s)
	if err != nil {
		return netip.Addr{}
	}
	return a
}
