package group

import (
	"context"
	"net/netip"
	"slices"
	"sync"
)

// hashQueue bounds how many passwords are hashed at once, and shares the turns:
// addresses take turns, and among those of one address its user names do. So
// whoever guesses as fast as he can makes others wait for a few hashes, not for
// all of his. It is as long as there are requests that wait, each of which
// holds a connection.
type hashQueue struct {
	// mu guards what follows.
	mu   sync.Mutex
	free int
	// addresses are those that somebody waits at, in the order of their turns.
	addresses []*addressTurns
}

// addressTurns are those who wait at one address.
type addressTurns struct {
	address netip.Addr
	// users are the names that somebody waits for, in the order of their
	// turns; none is empty.
	users []*userTurns
}

// userTurns are those who wait with one name, in the order in which they came.
type userTurns struct {
	username string
	waiting  []chan struct{}
}

func newHashQueue(slots int) *hashQueue { return &hashQueue{free: slots} }

// acquire waits for a turn, until ctx is done; without an error, release must
// be called.
func (q *hashQueue) acquire(ctx context.Context, address netip.Addr, username string) error {
	q.mu.Lock()
	if q.free > 0 {
		q.free--
		q.mu.Unlock()
		return nil
	}
	turn := make(chan struct{})
	q.enqueueLocked(address, username, turn)
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

// release ends a turn.
func (q *hashQueue) release() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.releaseLocked()
}

func (q *hashQueue) enqueueLocked(address netip.Addr, username string, turn chan struct{}) {
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
	a.users[j].waiting = append(a.users[j].waiting, turn)
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
	k := slices.Index(a.users[j].waiting, turn)
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

// releaseLocked gives the turn to whom it is due: the first of the first name
// of the first address, which both go to the end of their lines.
func (q *hashQueue) releaseLocked() {
	if len(q.addresses) == 0 {
		q.free++
		return
	}
	a := q.addresses[0]
	u := a.users[0]
	turn := u.waiting[0]
	u.waiting = u.waiting[1:]
	a.users = a.users[1:]
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

func (a *addressTurns) index(username string) int {
	return slices.IndexFunc(a.users, func(u *userTurns) bool { return u.username == username })
}
