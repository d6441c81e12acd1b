package group

import (
	"context"
	"errors"
	"slices"
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
	// Needed is a permission without which the client may not join at all, ""
	// if there is none. Without it the error is ErrNotAuthorised itself.
	Needed string
	// Check, unless it is nil, is called once the credentials have turned out to be
	// good, before anybody hears of the client; its error is returned.
	Check func(*Description) error
}

// Join brings a client into a group. On success, Joined has been delivered.
// An error that the user may read is an *Error, or a *RedirectError; it is a
// *RefusedError if the credentials are wrong. A client must not be in two
// groups.
//
// Join may wait for its turn to check the password, and a refusal is returned
// when it may be answered, as Authenticate says; all of that until ctx is done.
func (r *Registry) Join(ctx context.Context, o JoinOptions) (*Group, error) {
	if o.Data.Size() > maxUserData {
		return nil, ErrDataTooLarge
	}
	for {
		g, err := r.Get(o.Group)
		if err != nil {
			return nil, err
		}
		rules := g.loginRules()
		if url := rules.description.Redirect; url != "" {
			return nil, &RedirectError{URL: url}
		}
		self, err := r.authenticate(ctx, g.name, rules, o.Credentials)
		if err != nil {
			return nil, err
		}
		if o.Check != nil {
			if err := o.Check(rules.description); err != nil {
				return nil, err
			}
		}
		self.ID = o.Client.ID()
		self.Data = Data(nil).merge(o.Data)
		err = g.join(o.Client, self, o.Needed)
		if errors.Is(err, errGone) {
			continue
		}
		if err != nil {
			return nil, err
		}
		return g, nil
	}
}

// join decides whether the client may come in, and lets it in: all in one step,
// whatever has changed since its credentials were checked.
func (g *Group) join(c Client, self Member, needed string) error {
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
	if needed != "" && !self.Has(needed) {
		return ErrNotAuthorised
	}
	if self.ID == "" {
		return ErrEmptyClientID
	}
	if g.byID[self.ID] != nil {
		return ErrDuplicateClientID
	}
	others := g.shownLocked()
	self = self.renewed()
	m := &member{client: c, Member: self}
	g.members = append(g.members, m)
	g.shown = append(g.shown, self)
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

// shownLocked returns what newcomers are told of the members.
func (g *Group) shownLocked() []Member {
	if len(g.shown) != len(g.members) {
		g.shown = make([]Member, 0, len(g.members)+1)
		for _, m := range g.members {
			g.shown = append(g.shown, m.Member)
		}
	}
	return slices.Clip(g.shown)
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
