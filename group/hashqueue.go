package group

import (
	"context"
	"net/netip"
	"slices"
	"sync"
)

// hashQueue bounds how many passwords are hashed at once, and shares the turns:
// addresses take turns; at one address those come first on whose connections
// fewest attempts have been refused. Among equals every second turn is the
// newest's, so that nobody need wait for all of a burst that came before him; in
// the others the user names take turns. So whoever guesses as fast as he can
// makes others wait for a few hashes, not for all of his. It is as long as there are requests that wait, each of which
// holds a connection.
type hashQueue struct {
	// mu guards what follows.
	mu   sync.Mutex
	free int
	// addresses are those that somebody waits at, in the order of their turns.
	addresses []*addressTurns
	// arrivals numbers those who wait.
	arrivals uint64
}

// addressTurns are those who wait at one address.
type addressTurns struct {
	address netip.Addr
	// users are the names that somebody waits for, in the order of their
	// turns; none is empty.
	users []*userTurns
	// newest tells whose turn was last: the newest's, or the longest waiting
	// name's.
	newest bool
}

// userTurns are those who wait with one name, those with the fewest attempts
// first, and then in the order in which they came.
type userTurns struct {
	username string
	waiting  []waiter
}

type waiter struct {
	// attempts are those of the connection, this one included.
	attempts int64
	arrival  uint64
	// turn is closed when it has come.
	turn chan struct{}
}

func newHashQueue(slots int) *hashQueue { return &hashQueue{free: slots} }

// acquire waits for a turn, until ctx is done, which may be one of
// ContextWithConnection; without an error, release must be called.
func (q *hashQueue) acquire(ctx context.Context, address netip.Addr, username string) error {
	q.mu.Lock()
	if q.free > 0 {
		q.free--
		q.mu.Unlock()
		return nil
	}
	turn := make(chan struct{})
	q.enqueueLocked(address, username, waiter{attempts: attemptsOf(ctx).load(), turn: turn})
	q.mu.Unlock()
	select {
	case <-turn:
		return nil
	case <-ctx.Done():
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	if !q.withdrawLocked(address, username, turn) {
		// The turn has come at the same moment: the next one gets it.
		q.releaseLocked()
	}
	return ctx.Err()
}

// waitedFor tells whether somebody waits for a turn.
func (q *hashQueue) waitedFor() bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	return len(q.addresses) > 0
}

// release ends a turn.
func (q *hashQueue) release() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.releaseLocked()
}

func (q *hashQueue) enqueueLocked(address netip.Addr, username string, w waiter) {
	i := q.indexLocked(address)
	if i < 0 {
		i = len(q.addresses)
		q.addresses = append(q.addresses, &addressTurns{address: address})
	}
	a := q.addresses[i]
	j := a.index(username)
	if j < 0 {
		j = len(a.users)
		a.users = append(a.users, &userTurns{username: username})
	}
	q.arrivals++
	w.arrival = q.arrivals
	u := a.users[j]
	k := len(u.waiting)
	for k > 0 && u.waiting[k-1].attempts > w.attempts {
		k--
	}
	u.waiting = slices.Insert(u.waiting, k, w)
}

// withdrawLocked takes a turn back and tells whether it had not come yet.
func (q *hashQueue) withdrawLocked(address netip.Addr, username string, turn chan struct{}) bool {
	i := q.indexLocked(address)
	if i < 0 {
		return false
	}
	a := q.addresses[i]
	j := a.index(username)
	if j < 0 {
		return false
	}
	k := slices.IndexFunc(a.users[j].waiting, func(w waiter) bool { return w.turn == turn })
	if k < 0 {
		return false
	}
	a.users[j].waiting = slices.Delete(a.users[j].waiting, k, k+1)
	if len(a.users[j].waiting) == 0 {
		a.users = slices.Delete(a.users, j, j+1)
	}
	if len(a.users) == 0 {
		q.addresses = slices.Delete(q.addresses, i, i+1)
	}
	return true
}

// releaseLocked gives the turn to whom it is due, at the first address; address
// and name go to the end of their lines.
func (q *hashQueue) releaseLocked() {
	if len(q.addresses) == 0 {
		q.free++
		return
	}
	a := q.addresses[0]
	i, j := a.next()
	u := a.users[i]
	turn := u.waiting[j].turn
	u.waiting = slices.Delete(u.waiting, j, j+1)
	a.users = slices.Delete(a.users, i, i+1)
	if len(u.waiting) > 0 {
		a.users = append(a.users, u)
	}
	q.addresses = q.addresses[1:]
	if len(a.users) > 0 {
		q.addresses = append(q.addresses, a)
	}
	close(turn)
}

func (q *hashQueue) indexLocked(address netip.Addr) int {
	return slices.IndexFunc(q.addresses, func(a *addressTurns) bool { return a.address == address })
}

// next returns whose turn it is: indices into users and their waiting. Those
// with the fewest attempts are at the front of each name's line.
func (a *addressTurns) next() (user, place int) {
	a.newest = !a.newest
	fewest := a.users[0].waiting[0]
	for i, u := range a.users {
		if u.waiting[0].attempts < fewest.attempts {
			user, fewest = i, u.waiting[0]
		}
	}
	if !a.newest {
		return user, 0
	}
	newest := fewest
	for i, u := range a.users {
		for j, w := range u.waiting {
			if w.attempts != fewest.attempts {
				break
			}
			if w.arrival >= newest.arrival {
				user, place, newest = i, j, w
			}
		}
	}
	return user, place
}

func (a *addressTurns) index(username string) int {
	return slices.IndexFunc(a.users, func(u *userTurns) bool { return u.username == username })
}
