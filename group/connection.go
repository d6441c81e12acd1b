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

// attempts are the logins of one connection.
type attempts struct {
	// count are those that have been refused or are not decided yet, sentAway
	// those that were not looked at.
	count, sentAway atomic.Int64
}

// rank says who comes first when many wait.
type rank struct{ attempts, sentAway int64 }

// before tells whether somebody comes before another: whoever has been refused
// less often, and then who has been sent away more often.
func (r rank) before(other rank) bool {
	if r.attempts != other.attempts {
		return r.attempts < other.attempts
	}
	return r.sentAway > other.sentAway
}

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

// sendAway counts out an attempt that was not looked at.
func (a *attempts) sendAway() {
	if a != nil {
		a.count.Add(-1)
		a.sentAway.Add(1)
	}
}

// rank returns that of the attempt that is under way, which is the only one
// where nothing is known of the connection.
func (a *attempts) rank() rank {
	if a == nil {
		return rank{attempts: 1}
	}
	return rank{a.count.Load(), a.sentAway.Load()}
}

// attemptsOf returns nil where nothing is known of the connection.
func attemptsOf(ctx context.Context) *attempts {
	a, _ := ctx.Value(connectionKey{}).(*attempts)
	return a
}
