package group

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// maxUserData bounds the data of one member, in bytes.
const maxUserData = 64 << 10

// JoinOptions say who joins which group.
type JoinOptions struct {
	Client      Client
	Group       string
	Credentials Credentials
	// Data is the member's data from the beginning.
	Data Data
}

// Join brings a client into a group. On success, Joined has been delivered.
// An error that the user may read is an *Error, or a *RedirectError; it is a
// *RefusedError if the credentials are wrong. A client must not be in two
// groups.
//
// Join may wait for its turn to check the password, until ctx is done.
func (r *Registry) Join(ctx context.Context, o JoinOptions) (*Group, error) {
	if o.Data.Size() > maxUserData {
		return nil, ErrDataTooLarge
	}
	for {
		g, err := r.Get(o.Group)
		if err != nil {
			return nil, err
		}
		d := g.Description()
		if d.Redirect != "" {
			return nil, &RedirectError{URL: d.Redirect}
		}
		self, err := r.authenticate(ctx, d, o.Credentials)
		if err != nil {
			return nil, err
		}
		self.ID = o.Client.ID()
		self.Data = Data(nil).merge(o.Data)
		err = g.join(o.Client, self)
		if errors.Is(err, errGone) {
			continue
		}
		if err != nil {
			return nil, err
		}
		return g, nil
	}
}

// authenticate finds out who shows the credentials and what he may do. It
// checks passwords, at most so many at a time.
func (r *Registry) authenticate(ctx context.Context, d *Description, c Credentials) (Member, error) {
	if c.Token != "" {
		return Member{}, &RefusedError{Reason: "tokens are not supported"}
	}
	if c.Username == nil {
		return Member{}, ErrUsernameRequired
	}
	select {
	case r.hashing <- struct{}{}:
		defer func() { <-r.hashing }()
	case <-ctx.Done():
		return Member{}, ctx.Err()
	}
	entry, err := d.login(*c.Username, c.Password)
	if err != nil {
		return Member{}, err
	}
	if !validUsername(*c.Username) {
		return Member{}, &RefusedError{Reason: "illegal user name"}
	}
	return Member{Username: *c.Username, Permissions: entry.Permissions.expand(d)}, nil
}

// login returns the entry that lets a user in. An entry of his own decides
// alone; else the first fallback does whose password is right, those that
// accept every password coming last.
func (d *Description) login(username, password string) (*UserEntry, error) {
	if entry, ok := d.Users[username]; ok {
		right, err := entry.Password.Match(password)
		switch {
		case err != nil:
			return nil, fmt.Errorf("log in user %q: %w", username, err)
		case !right:
			return nil, &RefusedError{Reason: "bad password"}
		}
		return &entry, nil
	}
	if username == "" && d.AllowAnonymous != nil && !*d.AllowAnonymous {
		return nil, &RefusedError{Reason: "anonymous users are not allowed"}
	}
	var fallback []*UserEntry
	if d.WildcardUser != nil {
		fallback = append(fallback, d.WildcardUser)
	}
	for i := range d.FallbackUsers {
		fallback = append(fallback, &d.FallbackUsers[i])
	}
	for _, acceptsAll := range []bool{false, true} {
		for _, entry := range fallback {
			if (entry.Password.kind == passwordWildcard) != acceptsAll {
				continue
			}
			// An entry that is misconfigured does not match.
			if right, err := entry.Password.Match(password); err == nil && right {
				return entry, nil
			}
		}
	}
	return nil, &RefusedError{Reason: "user not found"}
}

// join decides whether the client may come in, and lets it in: all in one step,
// whatever has changed since its credentials were checked.
func (g *Group) join(c Client, self Member) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.gone {
		return errGone
	}
	if g.closing {
		return ErrShuttingDown
	}
	if d := g.description; d.Redirect != "" {
		return &RedirectError{URL: d.Redirect}
	}
	if !self.Has(PermissionOp) {
		if err := g.admitLocked(time.Now()); err != nil {
			return err
		}
	}
	if self.ID == "" {
		return ErrEmptyClientID
	}
	if g.byID[self.ID] != nil {
		return ErrDuplicateClientID
	}
	others := make([]Member, 0, len(g.members))
	for _, m := range g.members {
		others = append(others, m.Member)
	}
	m := &member{client: c, Member: self}
	g.members = append(g.members, m)
	g.byID[self.ID] = m
	g.used = time.Now()
	c.Deliver(Joined{
		Group: g, Self: self, Status: g.statusLocked(), Data: g.data,
		History: g.history.since(g.used.Add(-g.description.HistoryAge())),
		Others:  others,
	})
	g.broadcastExceptLocked(UserAdded{Member: self}, m)
	return nil
}

// admitLocked tells why somebody who is no operator may not come in.
func (g *Group) admitLocked(now time.Time) error {
	d := g.description
	switch {
	case g.locked && g.lockMessage != "":
		return &Error{Text: g.lockMessage}
	case g.locked:
		return &Error{Text: "this group is locked"}
	case d.NotBefore != nil && now.Before(d.NotBefore.Time):
		return ErrNotOpenYet
	case d.Expires != nil && now.After(d.Expires.Time):
		return ErrClosed
	case d.Autokick && !g.operatorLocked():
		return ErrNoOperators
	case d.MaxClients > 0 && len(g.members) >= d.MaxClients:
		return ErrTooManyUsers
	}
	return nil
}
