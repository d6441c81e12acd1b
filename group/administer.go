package group

import (
	"context"
	"errors"
	"slices"
	"time"
)

// AdminScope is what somebody wants to administer.
type AdminScope struct {
	// Group is the group, which need not exist; "" is the server as a whole.
	Group string
	// User is a named user of Group who may do it too, with the password of
	// his own entry; "" if there is none.
	User string
}

// Administrator is who may administer something.
type Administrator struct {
	// Username is "" for the bearer of a token without a name.
	Username string
	// Self is set if he may only because he is AdminScope.User.
	Self bool
}

// AuthenticateAdmin finds out who shows credentials, and whether he may
// administer what scope says: as an administrator of the server, as somebody
// with the permission "admin" in the group, or as the user himself. It waits
// like Authenticate; however many ways in there are, whoever is refused has
// failed once. The error is a *RefusedError then; any other one is a fault of
// the server.
func (r *Registry) AuthenticateAdmin(ctx context.Context, scope AdminScope, c Credentials) (Administrator, error) {
	received := time.Now()
	attempts := attemptsOf(ctx)
	attempts.begin()
	waiting, cancel := whileWaiting(ctx, received)
	defer cancel()
	a, err := r.administrator(waiting, scope, c)
	switch {
	case err == nil:
		attempts.forgive()
		r.counters.succeeded.Add(1)
		return a, nil
	case errors.Is(err, errNoAdministrator):
		c.Address = AddressKey(c.Address)
		return Administrator{}, r.refused(ctx, received, c, err.Error())
	case errors.Is(err, ErrTooManyLogins):
		attempts.sendAway(c.name())
		return Administrator{}, err
	}
	attempts.forgive()
	return Administrator{}, err
}

var errNoAdministrator = errors.New("not an administrator")

// administrator is AuthenticateAdmin without what follows from the result.
func (r *Registry) administrator(ctx context.Context, scope AdminScope, c Credentials) (Administrator, error) {
	c.Address = AddressKey(c.Address)
	if c.Token != "" && c.Username == nil {
		c.Username = new(string)
	}
	var fault error
	try := func(group string, rules loginRules) (name string, ok bool) {
		m, err := r.identify(ctx, group, rules, c)
		var refusal *Error
		if err != nil && (!errors.As(err, &refusal) || errors.Is(err, ErrTooManyLogins)) {
			fault = err
		}
		return m.Username, err == nil && m.Has(PermissionAdmin)
	}
	if r.knownAdministrator(scope.Group, c) {
		return Administrator{Username: *c.Username}, nil
	}
	if name, ok := try("", r.serverRules()); ok {
		return Administrator{Username: name}, nil
	}
	if scope.Group != "" {
		if g, err := r.Get(scope.Group); err == nil {
			if name, ok := try(g.name, g.loginRules()); ok {
				return Administrator{Username: name}, nil
			}
			if own, ok := g.ownRules(scope.User, c); ok {
				if name, ok := try(g.name, own); ok {
					return Administrator{Username: name, Self: true}, nil
				}
			}
		}
	}
	if fault != nil {
		return Administrator{}, fault
	}
	return Administrator{}, errNoAdministrator
}

// knownAdministrator tells whether the credentials are those of an administrator
// of a group for whom no password need be hashed: he is not to wait until he has
// been looked for among those of the server.
func (r *Registry) knownAdministrator(name string, c Credentials) bool {
	if name == "" || c.Token != "" || c.Username == nil {
		return false
	}
	g, err := r.Get(name)
	if err != nil {
		return false
	}
	rules := g.loginRules()
	entry := rules.loginWithoutHash(*c.Username, c.Password, r.proven)
	return entry != nil && rules.member(*c.Username, entry).Has(PermissionAdmin)
}

// serverRules say who administers the server.
func (r *Registry) serverRules() loginRules {
	users := r.config.Get().Users
	no := false
	return loginRules{description: &Description{Users: users, AllowAnonymous: &no}, costliest: costliest(users)}
}

// ownRules say whether the user who shows the credentials is the one of a name;
// he then counts as an administrator of what is his. There are none if that
// cannot be.
func (g *Group) ownRules(username string, c Credentials) (loginRules, bool) {
	if username == "" || c.Token != "" || c.Username == nil || *c.Username != username {
		return loginRules{}, false
	}
	rules := g.loginRules()
	entry := rules.description.Users[username]
	if slices.Contains([]passwordType{passwordWildcard, passwordNone}, entry.Password.kind) {
		entry.Password = Password{}
	}
	entry.Permissions = Permissions{name: PermissionAdmin}
	return loginRules{description: &Description{Users: Users{username: entry}}, costliest: rules.costliest}, true
}
