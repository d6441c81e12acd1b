package ws

import (
	"encoding/json"
	"errors"
	"slices"
	"time"

	"galene/group"
	"galene/token"
)

// maxTokenTime is how far from now a time may be that is given as a number.
const maxTokenTime = 100 * 365 * 24 * time.Hour

// What may be wrong with a request about tokens.
var (
	errTokenValue    = &group.Error{Text: "bad token value"}
	errTokenString   = &group.Error{Text: "bad string value"}
	errTokenStrings  = &group.Error{Text: "bad string list"}
	errTokenTime     = &group.Error{Text: "bad time value"}
	errTokenGiven    = &group.Error{Text: "client specified token"}
	errTokenGroup    = &group.Error{Text: "wrong group in token"}
	errTokenBelow    = &group.Error{Text: "hierarchical token not allowed"}
	errTokenForever  = &group.Error{Text: "token doesn't expire"}
	errTokenUsername = &group.Error{Text: "that username is taken"}
	errTokenField    = &group.Error{Text: "this field cannot be edited"}
	errTokenUnknown  = &group.Error{Text: "no such token"}
	errNoTokens      = &group.Error{Text: "this server keeps no tokens"}
)

// makeToken makes an invitation to the group.
func (c *Client) makeToken(m *Message) {
	t, err := c.newToken(m.Value)
	if err == nil {
		err = c.handler.options.Registry.Tokens().Add(t)
	}
	c.answerToken("token", t, err)
}

// editToken changes how long an invitation is valid.
func (c *Client) editToken(m *Message) {
	t, err := c.changeToken(m.Value)
	c.answerToken("token", t, err)
}

// listTokens tells the client about the invitations to the group.
func (c *Client) listTokens() {
	err := c.mayUseTokens(group.PermissionOp, group.PermissionToken)
	var list []*token.Stateful
	if err == nil {
		list, _, err = c.handler.options.Registry.Tokens().List(c.group.Name())
	}
	c.answerToken("tokenlist", list, err)
}

// answerToken answers in the form that whoever waits for tokens expects.
func (c *Client) answerToken(kind string, value any, err error) {
	m := &Message{Type: "usermessage", Kind: kind, Privileged: true}
	if err == nil {
		m.Value, err = json.Marshal(value)
	}
	if err != nil {
		message, _, known := readable(err)
		if !known {
			c.logger.Error("cannot use tokens", "group", c.group.Name(), "client", c.id, "error", err)
		}
		m.Error, m.Value = "error", text(message)
		if errors.Is(err, group.ErrNotAuthorised) {
			m.Error = "not-authorised"
		}
	}
	c.send(m)
}

// mayUseTokens tells why the client may not use tokens: it needs all of these
// permissions.
func (c *Client) mayUseTokens(permissions ...string) error {
	for _, p := range permissions {
		if !c.has(p) {
			return group.ErrNotAuthorised
		}
	}
	if c.handler.options.Registry.Tokens() == nil {
		return errNoTokens
	}
	return nil
}

// newToken returns the token that a client wants to have made.
func (c *Client) newToken(value json.RawMessage) (*token.Stateful, error) {
	if err := c.mayUseTokens(group.PermissionToken); err != nil {
		return nil, err
	}
	wanted, err := decodeToken(value)
	if err != nil {
		return nil, err
	}
	switch {
	case wanted.token != nil:
		return nil, errTokenGiven
	case wanted.group == nil || *wanted.group != c.group.Name():
		return nil, errTokenGroup
	case wanted.below:
		return nil, errTokenBelow
	case wanted.expires == nil:
		return nil, errTokenForever
	}
	if wanted.username != nil {
		if _, taken := c.group.Description().Users[*wanted.username]; taken {
			return nil, errTokenUsername
		}
		if !group.ValidUsername(*wanted.username) {
			return nil, errTokenString
		}
	}
	for _, p := range wanted.permissions {
		if !c.has(p) {
			return nil, group.ErrNotAuthorised
		}
	}
	now := time.Now().UTC().Truncate(time.Millisecond)
	return &token.Stateful{
		Group: c.group.Name(), Username: wanted.username, Permissions: wanted.permissions,
		Expires: wanted.expires, NotBefore: wanted.notBefore,
		IssuedAt: &now, IssuedBy: c.self.Username,
	}, nil
}

// changeToken changes the times of a token of the group and returns it. A token
// of another group is one that does not exist.
func (c *Client) changeToken(value json.RawMessage) (*token.Stateful, error) {
	if err := c.mayUseTokens(group.PermissionOp, group.PermissionToken); err != nil {
		return nil, err
	}
	wanted, err := decodeToken(value)
	switch {
	case err != nil:
		return nil, err
	case wanted.others:
		return nil, errTokenField
	case wanted.token == nil:
		return nil, errTokenUnknown
	}
	var changed *token.Stateful
	_, err = c.handler.options.Registry.Tokens().Edit(*wanted.token, nil, func(t *token.Stateful) (*token.Stateful, error) {
		if t == nil || t.Group != c.group.Name() {
			return nil, errTokenUnknown
		}
		if wanted.expires != nil {
			t.Expires = wanted.expires
		}
		if wanted.notBefore != nil {
			t.NotBefore = wanted.notBefore
		}
		changed = t
		return t, nil
	})
	return changed, err
}

// wantedToken is what a client says about a token; nil is what it does not say.
type wantedToken struct {
	token, group, username *string
	permissions            []string
	expires, notBefore     *time.Time
	// below says that it is to be one for the groups below, too.
	below bool
	// others says that there is something which cannot be changed later.
	others bool
}

// decodeToken decodes what a client says about a token. null counts as absent,
// and members that are not for clients to choose are ignored.
func decodeToken(value json.RawMessage) (wantedToken, error) {
	var w wantedToken
	var object map[string]json.RawMessage
	if json.Unmarshal(value, &object) != nil || object == nil {
		return w, errTokenValue
	}
	now := time.Now()
	for key, v := range object {
		if string(v) == "null" {
			continue
		}
		var err error
		switch key {
		case "token":
			err = decodeAs(v, &w.token, errTokenString)
		case "group":
			err = decodeAs(v, &w.group, errTokenString)
		case "username":
			err = decodeAs(v, &w.username, errTokenString)
		case "permissions":
			var list []*string
			err = decodeAs(v, &list, errTokenStrings)
			if slices.Contains(list, nil) {
				err = errTokenStrings
			}
			for _, p := range list {
				if p != nil {
					w.permissions = append(w.permissions, *p)
				}
			}
		case "includeSubgroups":
			w.below = string(v) != "false"
		case "expires":
			w.expires, err = decodeTime(v, now)
		case "not-before":
			w.notBefore, err = decodeTime(v, now)
		}
		if err != nil {
			return w, err
		}
		w.others = w.others || w.below || key == "group" || key == "username" || key == "permissions"
	}
	return w, nil
}

func decodeAs(value json.RawMessage, target any, otherwise *group.Error) error {
	if json.Unmarshal(value, target) != nil {
		return otherwise
	}
	return nil
}

// decodeTime decodes a time: RFC 3339, or a number of milliseconds from now.
func decodeTime(value json.RawMessage, now time.Time) (*time.Time, error) {
	var t time.Time
	if len(value) > 0 && value[0] == '"' {
		if json.Unmarshal(value, &t) != nil {
			return nil, errTokenTime
		}
		return &t, nil
	}
	var milliseconds float64
	limit := float64(maxTokenTime.Milliseconds())
	if json.Unmarshal(value, &milliseconds) != nil || milliseconds > limit || milliseconds < -limit {
		return nil, errTokenTime
	}
	t = now.Add(time.Duration(milliseconds * float64(time.Millisecond))).UTC().Truncate(time.Millisecond)
	return &t, nil
}
