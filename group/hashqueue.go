package group

import (
	"container/list"
	"context"
	"net/netip"
	"slices"
	"sync"
	"time"
)

// hashQueue bounds how many passwords are hashed at once, and shares the turns:
// addresses take turns, and those who wait at one as addressTurns says. So whoever
// guesses as fast as he can makes others wait for a few hashes, not for all of
// his.
//
// Who waits is bounded by maxWaitingForName and so on. Beyond that whoever would
// come last, and among equals has waited for longest, is sent away with
// ErrTooManyLogins; if he tries again on the same connection, he comes before
// those who were not sent away. Who has said that he does so is sent away the
// first time that he meets maxWaitingToTryAgain.
type hashQueue struct {
	// mu guards what follows, and all that it leads to.
	mu   sync.Mutex
	free int
	// addresses are those that somebody waits at, elements of line, in which
	// they are in the order of their turns, as *addressTurns.
	addresses map[netip.Addr]*list.Element
	line      *list.List
	// waiting is how many wait.
	waiting int
	// now counts what happens.
	now uint64
}

// maxWait is how long a login waits for its turns, all in all.
const maxWait = 10 * time.Second

const (
	// maxWaitingToTryAgain is how many may wait at an address before those who
	// try again by themselves are asked to, once: to come first is worth more
	// than the way.
	maxWaitingToTryAgain = 10
	// maxWaitingForName is what two processors hash in maxWait.
	maxWaitingForName = 1000
	// The others bound memory: for all names at one address, and for all
	// addresses.
	maxWaitingAtAddress, maxWaitingInAll = 2000, 20_000
)

// waiter is somebody who waits for a turn.
type waiter struct {
	// username and software are the keys of what he belongs to.
	username string
	software uint64
	// attempts and sentAway are what is known of his connection, see attempts.
	attempts, sentAway int
	arrival            uint64

	name *nameTurns
	// kind and kindOfName are those of his kind of software at the address,
	// and among those who wait with his name there.
	kind, kindOfName *share
	// turn holds nil when it has come, or the reason why it will not.
	turn chan error
}

func newHashQueue(slots int) *hashQueue {
	return &hashQueue{free: slots, addresses: make(map[netip.Addr]*list.Element), line: list.New()}
}

// acquire waits for a turn, until ctx is done, which may be one of
// ContextWithConnection and ContextWithSoftware; without an error, release must
// be called. The error is ErrTooManyLogins or the cause of ctx's end.
func (q *hashQueue) acquire(ctx context.Context, c Credentials) error {
	if err := context.Cause(ctx); err != nil {
		return err
	}
	q.mu.Lock()
	if q.free > 0 {
		q.free--
		q.mu.Unlock()
		return nil
	}
	w := &waiter{
		username: shortened(c.name()), software: softwareOf(ctx), turn: make(chan error, 1),
	}
	w.attempts, w.sentAway = attemptsOf(ctx).of(w.username)
	if c.TriesAgain && w.sentAway == 0 && q.waitingLocked(c.Address) >= maxWaitingToTryAgain {
		q.mu.Unlock()
		return ErrTooManyLogins
	}
	q.enqueueLocked(c.Address, w)
	q.mu.Unlock()
	select {
	case err := <-w.turn:
		return err
	case <-ctx.Done():
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	if !q.removeLocked(c.Address, w) && <-w.turn == nil {
		// The turn has come at the same moment: the next one gets it.
		q.releaseLocked()
	}
	return context.Cause(ctx)
}

// length returns how many wait for a turn.
func (q *hashQueue) length() int {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.waiting
}

// waitedFor tells whether somebody does.
func (q *hashQueue) waitedFor() bool { return q.length() > 0 }

// waitingLocked returns how many wait at an address.
func (q *hashQueue) waitingLocked(address netip.Addr) int {
	e := q.addresses[address]
	if e == nil {
		return 0
	}
	return len(e.Value.(*addressTurns).waiting)
}

// release ends a turn.
func (q *hashQueue) release() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.releaseLocked()
}

// releaseLocked gives the turn to whom it is due, at the first address, which
// goes to the end of the line.
func (q *hashQueue) releaseLocked() {
	first := q.line.Front()
	if first == nil {
		q.free++
		return
	}
	q.line.MoveToBack(first)
	a := first.Value.(*addressTurns)
	q.now++
	w := a.next(q.now)
	q.removeLocked(a.address, w)
	w.turn <- nil
}

func (q *hashQueue) enqueueLocked(address netip.Addr, w *waiter) {
	e := q.addresses[address]
	if e == nil {
		e = q.line.PushBack(newAddressTurns(address))
		q.addresses[address] = e
	}
	a := e.Value.(*addressTurns)
	q.now++
	q.waiting++
	a.add(w, q.now)
	if q.waiting > maxWaitingInAll {
		a = q.longestLocked()
		q.sendAwayLocked(a.address, a.last(a.longest()))
	} else if superfluous := a.superfluous(w.name); superfluous != nil {
		q.sendAwayLocked(address, superfluous)
	}
}

// longestLocked returns the address that most wait at.
func (q *hashQueue) longestLocked() *addressTurns {
	var longest *addressTurns
	for e := q.line.Front(); e != nil; e = e.Next() {
		if a := e.Value.(*addressTurns); longest == nil || len(a.waiting) > len(longest.waiting) {
			longest = a
		}
	}
	return longest
}

func (q *hashQueue) sendAwayLocked(address netip.Addr, w *waiter) {
	q.removeLocked(address, w)
	w.turn <- ErrTooManyLogins
}

// removeLocked takes somebody out of the queue and tells whether he was in it.
func (q *hashQueue) removeLocked(address netip.Addr, w *waiter) bool {
	e := q.addresses[address]
	if e == nil {
		return false
	}
	a := e.Value.(*addressTurns)
	i := slices.Index(a.waiting, w)
	if i < 0 {
		return false
	}
	a.remove(i)
	q.waiting--
	if len(a.waiting) == 0 {
		delete(q.addresses, address)
		q.line.Remove(e)
	}
	return true
}
