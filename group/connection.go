package group

import (
	"context"
	"sync"
)

// connectionKey is the key of a connection's attempts in a context.
type connectionKey struct{}

// ContextWithConnection returns a context for the logins that come by one
// connection of one client. Wherever many wait at one address for their
// passwords to be checked, those come first on whose connection fewest have
// been refused. Logins without such a context come by connections of their own.
func ContextWithConnection(ctx context.Context) context.Context {
	return context.WithValue(ctx, connectionKey{}, new(attempts))
}

// attempts are the logins of one connection. Those of a nil one count as the
// first of a connection.
type attempts struct {
	// mu guards what follows.
	mu sync.Mutex
	// count are those that have been refused or are not decided yet.
	count int
	// sentAway are those that were not looked at, with username, which is the
	// name of the latest such.
	sentAway int
	username string
}

// begin counts an attempt in.
func (a *attempts) begin() {
	if a == nil {
		return
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.count++
}

// forgive counts out an attempt that was not refused.
func (a *attempts) forgive() {
	if a == nil {
		return
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.count--
}

// sendAway counts out an attempt that was not looked at. It speaks for later
// ones with the same name alone.
func (a *attempts) sendAway(username string) {
	if a == nil {
		return
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.count--
	if username = shortened(username); a.username != username {
		a.username, a.sentAway = username, 0
	}
	a.sentAway++
}

// of returns how many attempts there were, with the one that is under way, and
// how many of those with a name were sent away.
func (a *attempts) of(username string) (count, sentAway int) {
	if a == nil {
		return 1, 0
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.username == shortened(username) {
		sentAway = a.sentAway
	}
	return a.count, sentAway
}

// shortened returns what is remembered of a name, which may be as long as
// somebody wants.
func shortened(username string) string { return username[:min(len(username), maxUsername)] }

// attemptsOf returns nil where nothing is known of the connection.
func attemptsOf(ctx context.Context) *attempts {
	a, _ := ctx.Value(connectionKey{}).(*attempts)
	return a
}
