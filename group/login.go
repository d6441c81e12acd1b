package group

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"time"

	"galene/token"
)

// Authenticate finds out who shows credentials for a group and what he may do
// there, without his joining: whether the group is locked, full or over does
// not matter. The member has no ID. The errors are those of Get and, if the
// credentials are wrong, a *RefusedError, ErrUsernameRequired or
// ErrUsernameTaken, or ErrTooManyLogins; any other one is a fault of the server.
//
// It waits for its turn to check a password, for up to 10 s, and a refusal is returned when it
// may be answered, which is 200 ms after the call, or later if there have been
// many; all of that until ctx is done. A token needs no user name.
func (r *Registry) Authenticate(ctx context.Context, group string, c Credentials) (Member, error) {
	g, err := r.Get(group)
	if err != nil {
		return Member{}, err
	}
	if c.Token != "" && c.Username == nil {
		c.Username = new(string)
	}
	return r.authenticate(ctx, g.name, g.loginRules(), c)
}

// loginRules say who may log in.
type loginRules struct {
	description *Description
	// costliest is the password among those of named users that takes longest
	// to check: everybody who is refused has had to wait for as long.
	costliest Password
	keys      []*token.Key
}

func newLoginRules(d *Description) loginRules {
	keys, _ := token.ParseKeys(d.AuthKeys)
	return loginRules{description: d, costliest: costliest(d.Users), keys: keys}
}

func (g *Group) loginRules() loginRules {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.rules
}

func costliest(users Users) Password {
	var p Password
	for _, entry := range users {
		if entry.Password.cost() > p.cost() {
			p = entry.Password
		}
	}
	return p
}

// authenticate finds out who shows the credentials and what he may do.
func (r *Registry) authenticate(ctx context.Context, group string, rules loginRules, c Credentials) (Member, error) {
	received := time.Now()
	c.Address = AddressKey(c.Address)
	attempts := attemptsOf(ctx)
	attempts.begin()
	waiting, cancel := whileWaiting(ctx, received)
	defer cancel()
	m, err := r.identify(waiting, group, rules, c)
	if err == nil && !ValidUsername(m.Username) {
		err = &RefusedError{Reason: "illegal user name"}
	}
	var refused *RefusedError
	switch {
	case errors.Is(err, ErrTooManyLogins):
		attempts.sendAway(c.name())
	case !errors.As(err, &refused):
		attempts.forgive()
	}
	switch {
	case err == nil:
		r.counters.succeeded.Add(1)
		return m, nil
	case refused != nil:
		return Member{}, r.refused(ctx, received, c, refused.Reason)
	}
	return Member{}, err
}

// refused counts a refusal and returns it when it is time.
func (r *Registry) refused(ctx context.Context, received time.Time, c Credentials, reason string) error {
	r.counters.refused.Add(1)
	sleepUntil(ctx, received.Add(r.failures.add(c.Address, c.name(), time.Now())))
	return &RefusedError{Reason: strings.ToValidUTF8(reason[:min(len(reason), maxReason)], "")}
}

// maxReason is the longest reason that is given, in bytes: it may hold what stands in a
// token, which anybody may have made up.
const maxReason = 512

// whileWaiting returns a context that bounds how long a login, which came at some
// time, waits for its turns.
func whileWaiting(ctx context.Context, received time.Time) (context.Context, context.CancelFunc) {
	return context.WithDeadlineCause(ctx, received.Add(maxWait), ErrTooManyLogins)
}

func sleepUntil(ctx context.Context, t time.Time) {
	timer := time.NewTimer(time.Until(t))
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}

func (r *Registry) identify(ctx context.Context, group string, rules loginRules, c Credentials) (Member, error) {
	if c.Token != "" {
		return r.identifyToken(group, rules, c)
	}
	if c.Username == nil {
		return Member{}, ErrUsernameRequired
	}
	if !rules.hashes() {
		entry, _, err := rules.login(*c.Username, c.Password, false)
		return rules.member(*c.Username, entry), err
	}
	if entry := rules.loginWithoutHash(*c.Username, c.Password, r.proven); entry != nil {
		return rules.member(*c.Username, entry), nil
	}
	if err := r.hashing.acquire(ctx, c); err != nil {
		return Member{}, err
	}
	// Somebody else may have shown the same password meanwhile.
	if entry := rules.loginWithoutHash(*c.Username, c.Password, r.proven); entry != nil {
		r.hashing.release()
		return rules.member(*c.Username, entry), nil
	}
	begun := time.Now()
	// A decoy is no reason to let others wait: it is then only waited for.
	entry, decoy, err := rules.login(*c.Username, c.Password, r.hashing.waitedFor())
	took := time.Since(begun)
	r.hashing.release()
	r.counters.hashed.Add(int64(took))
	if entry != nil && entry.Password.cost() > 0 {
		r.proven.add(entry.Password, c.Password)
	}
	if decoy > 0 {
		sleepUntil(ctx, time.Now().Add(r.pace.of(decoy)))
	} else if err != nil && !rules.fallbackHashes() {
		r.pace.learn(rules.costliest.cost(), took)
	}
	return rules.member(*c.Username, entry), err
}

// member is who has logged in by an entry, the zero value if that is nil.
func (rules loginRules) member(username string, entry *UserEntry) Member {
	if entry == nil {
		return Member{}
	}
	return Member{Username: username, Permissions: entry.Permissions.expand(rules.description)}
}

// identifyToken finds out what a token allows: exactly what stands in it.
func (r *Registry) identifyToken(group string, rules loginRules, c Credentials) (Member, error) {
	var m Member
	if token.IsJWT(c.Token) {
		config := r.config.Get()
		claims, err := token.Verification{
			Keys: rules.keys, Group: group, CanonicalHost: config.CanonicalHost, ProxyURL: config.ProxyURL, Now: time.Now(),
		}.Verify(c.Token)
		if err != nil {
			return Member{}, &RefusedError{Reason: err.Error()}
		}
		m = Member{Username: claims.Username, Permissions: claims.Permissions}
		if claims.Set != "" {
			set, ok := namedSet(claims.Set)
			if !ok {
				return Member{}, &RefusedError{Reason: fmt.Sprintf("token has unknown permission %q", claims.Set)}
			}
			m.Permissions = set
		}
	} else {
		t, err := r.stateful(c.Token)
		if err != nil {
			return Member{}, err
		}
		if err := t.Opens(group, time.Now()); err != nil {
			return Member{}, &RefusedError{Reason: err.Error()}
		}
		// Nobody is asked for a name by an invitation that opens nothing.
		if t.Username == nil && c.Username == nil {
			return Member{}, ErrUsernameRequired
		}
		if t.Username != nil {
			m.Username = *t.Username
		}
		m.Permissions = t.Permissions
	}
	m.Permissions = slices.DeleteFunc(slices.Clone(m.Permissions), func(p string) bool { return !grantable(p) })
	if m.Username == "" && c.Username != nil && *c.Username != "" {
		if _, taken := rules.description.Users[*c.Username]; taken {
			return Member{}, ErrUsernameTaken
		}
		m.Username = *c.Username
	}
	return m, nil
}

func (r *Registry) stateful(name string) (*token.Stateful, error) {
	if r.tokens == nil {
		return nil, &RefusedError{Reason: "there are no tokens"}
	}
	t, _, err := r.tokens.Get(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, &RefusedError{Reason: "token is unknown"}
	}
	return t, err
}

// hashes tells whether a login may take long.
func (rules loginRules) hashes() bool {
	return rules.costliest.cost() > 0 || rules.fallbackHashes()
}

// fallbackHashes tells whether the passwords of those who are not named take
// long.
func (rules loginRules) fallbackHashes() bool {
	d := rules.description
	if d.WildcardUser != nil && d.WildcardUser.Password.cost() > 0 {
		return true
	}
	return slices.ContainsFunc(d.FallbackUsers, func(e UserEntry) bool { return e.Password.cost() > 0 })
}

// login returns the entry that lets a user in. An entry of his own decides
// alone; else the first fallback does whose password is right. Whoever is
// refused has had the same passwords checked, whether the name is known or not;
// for a name that is not known one of them is a decoy. With withoutDecoy it is
// left out: then it is returned how long it is estimated to take.
func (rules loginRules) login(username, password string, withoutDecoy bool) (entry *UserEntry, decoy time.Duration, err error) {
	d := rules.description
	own, known := d.Users[username]
	if known {
		right, err := own.Password.Match(password)
		if err != nil {
			return nil, 0, fmt.Errorf("log in user %q: %w", username, err)
		}
		if right {
			return &own, 0, nil
		}
		d.fallback(password)
	} else {
		if username == "" && d.AllowAnonymous != nil && !*d.AllowAnonymous {
			return nil, 0, &RefusedError{Reason: "anonymous users are not allowed"}
		}
		if entry := d.fallback(password); entry != nil {
			return entry, 0, nil
		}
	}
	if own.Password.cost() < rules.costliest.cost() {
		if withoutDecoy {
			decoy = rules.costliest.cost()
		} else {
			// Neither result nor error mean anything.
			_, _ = rules.costliest.decoy().Match(password)
		}
	}
	if known {
		return nil, decoy, &RefusedError{Reason: "bad password"}
	}
	return nil, decoy, &RefusedError{Reason: "user not found"}
}

// loginWithoutHash is login as far as no password need be hashed for it: it
// returns nil for who is refused, and for who may yet be let in.
func (rules loginRules) loginWithoutHash(username, password string, proven *provenPasswords) *UserEntry {
	d := rules.description
	if own, known := d.Users[username]; known {
		if proven.matches(own.Password, password) {
			return &own
		}
		return nil
	}
	if username == "" && d.AllowAnonymous != nil && !*d.AllowAnonymous {
		return nil
	}
	for _, entry := range d.fallbacks() {
		if proven.matches(entry.Password, password) {
			return entry
		}
		if entry.Password.cost() > 0 {
			// It comes before the others.
			return nil
		}
	}
	return nil
}

// fallback returns the first entry, for users that are not named, whose
// password is right. An entry that is misconfigured does not match.
func (d *Description) fallback(password string) *UserEntry {
	for _, entry := range d.fallbacks() {
		if right, err := entry.Password.Match(password); err == nil && right {
			return entry
		}
	}
	return nil
}

// fallbacks returns the entries for users that are not named, in the order in
// which they are tried: those that accept every password come last.
func (d *Description) fallbacks() []*UserEntry {
	var choosy, others []*UserEntry
	add := func(entry *UserEntry) {
		if entry.Password.kind == passwordWildcard {
			others = append(others, entry)
		} else {
			choosy = append(choosy, entry)
		}
	}
	if d.WildcardUser != nil {
		add(d.WildcardUser)
	}
	for i := range d.FallbackUsers {
		add(&d.FallbackUsers[i])
	}
	return append(choosy, others...)
}
