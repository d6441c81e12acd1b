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
// makes others wait for a few hashes, not for all of his.
//
// At one address maxWaiting may wait with one name, and maxWaitingAtAddress in
// all. Beyond that whoever would come last, and among equals has waited for
// longest, is sent away with ErrTooManyLogins; if he tries again on the same
// connection, he comes before those who were not sent away.
type hashQueue struct {
	// mu guards what follows.
	mu   sync.Mutex
	free int
	// addresses are those that somebody waits at, in the order of their turns.
	addresses []*addressTurns
	// arrivals numbers those who wait.
	arrivals uint64
}

// maxWaiting is what two processors hash in a second, and more than a class that
// shares a name; maxWaitingAtAddress bounds memory.
const maxWaiting, maxWaitingAtAddress = 100, 2000

// addressTurns are those who wait at one address.
type addressTurns struct {
	address netip.Addr
	// users are the names that somebody waits for, in the order of their
	// turns; none is empty.
	users []*userTurns
	// count is how many wait.
	count int
	// newest tells whose turn was last: the newest's, or the longest waiting
	// name's.
	newest bool
}

// userTurns are those who wait with one name, those of the best rank first, and then in the order in which they came.
type userTurns struct {
	username string
	waiting  []waiter
}

type waiter struct {
	rank    rank
	arrival uint64
	// turn holds nil when it has come, or the reason why it will not.
	turn chan error
}

func newHashQueue(slots int) *hashQueue { return &hashQueue{free: slots} }

// acquire waits for a turn, until ctx is done, which may be one of
// ContextWithConnection; without an error, release must be called. The error is
// that of ctx or ErrTooManyLogins.
func (q *hashQueue) acquire(ctx context.Context, address netip.Addr, username string) error {
	q.mu.Lock()
	if q.free > 0 {
		q.free--
		q.mu.Unlock()
		return nil
	}
	turn := make(chan error, 1)
	q.enqueueLocked(address, username, waiter{rank: attemptsOf(ctx).rank(), turn: turn})
	q.mu.Unlock()
	select {
	case err := <-turn:
		return err
	case <-ctx.Done():
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	if !q.withdrawLocked(address, username, turn) && <-turn == nil {
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
	for k > 0 && w.rank.before(u.waiting[k-1].rank) {
		k--
	}
	u.waiting = slices.Insert(u.waiting, k, w)
	a.count++
	if a.count > maxWaitingAtAddress {
		u = slices.MaxFunc(a.users, func(x, y *userTurns) int { return len(x.waiting) - len(y.waiting) })
	}
	if len(u.waiting) > maxWaiting || a.count > maxWaitingAtAddress {
		last := u.waiting[len(u.waiting)-1].rank
		k := slices.IndexFunc(u.waiting, func(w waiter) bool { return w.rank == last })
		u.waiting[k].turn <- ErrTooManyLogins
		q.removeLocked(i, slices.Index(a.users, u), k)
	}
}

// removeLocked takes somebody out of the queue; address and name stay where
// they are in their lines, unless nobody is left there.
func (q *hashQueue) removeLocked(address, user, place int) {
	a := q.addresses[address]
	u := a.users[user]
	a.count--
	u.waiting = slices.Delete(u.waiting, place, place+1)
	if len(u.waiting) == 0 {
		a.users = slices.Delete(a.users, user, user+1)
	}
	if len(a.users) == 0 {
		q.addresses = slices.Delete(q.addresses, address, address+1)
	}
}

// withdrawLocked takes a turn back and tells whether it had not come yet.
func (q *hashQueue) withdrawLocked(address netip.Addr, username string, turn chan error) bool {
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
	q.removeLocked(i, j, k)
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
	a.count--
	a.users = slices.Delete(a.users, i, i+1)
	if len(u.waiting) > 0 {
		a.users = append(a.users, u)
	}
	q.addresses = q.addresses[1:]
	if len(a.users) > 0 {
		q.addresses = append(q.addresses, a)
	}
	turn <- nil
}

func (q *hashQueue) indexLocked(address netip.Addr) int {
	return slices.IndexFunc(q.addresses, func(a *addressTurns) bool { return a.address == address })
}

// next returns whose turn it is: indices into users and their waiting. Those
// of the best rank are at the front of each name's line.
func (a *addressTurns) next() (user, place int) {
	a.newest = !a.newest
	best := a.users[0].waiting[0]
	for i, u := range a.users {
		if u.waiting[0].rank.before(best.rank) {
			user, best = i, u.waiting[0]
		}
	}
	if !a.newest {
		return user, 0
	}
	newest := best
	for i, u := range a.users {
		for j, w := range u.waiting {
			if w.rank != best.rank {
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
