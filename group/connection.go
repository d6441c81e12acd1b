package group

import (
	"context"
	"sync/atomic"
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

// attempts are the logins of one connection that have been refused or are not
// decided yet.
type attempts struct{ count atomic.Int64 }

// begin counts an attempt in, if the context has a connection.
func (a *attempts) begin() {
	if a != nil {
		a.count.Add(1)
	}
}

// forgive counts out an attempt that was not refused.
func (a *attempts) forgive() {
	if a != nil {
		a.count.Add(-1)
	}
}

// load returns the count with the attempt that is under way, which is the only
// one where nothing is known of the connection.
func (a *attempts) load() int64 {
	if a == nil {
		return 1
	}
	return a.count.Load()
}

// attemptsOf returns nil where nothing is known of the connection.
func attemptsOf(ctx context.Context) *attempts {
	a, _ := ctx.Value(connectionKey{}).(*attempts)
	return a
}
