package mux

import (
	"net/netip"
	"sync"
	"sync/atomic"
	"time"
)

const (
	// claimLifetime is how long a silent address stays claimed.
	claimLifetime = 60 * time.Second
	// claimGuard is how long an address must have been silent before another
	// view may claim it.
	claimGuard = time.Second
	// maxClaims bounds the addresses that one view may hold; the one that has
	// been silent for longest makes room.
	maxClaims = 16
)

// Path is how a peer is reached: by which of the sockets, at which address.
type Path struct {
	Socket int
	Addr   netip.AddrPort
}

// claim ties a path to a view.
type claim struct {
	view *View
	// lastSeen is the time of the last datagram, in nanoseconds.
	lastSeen atomic.Int64
}

func (c *claim) seen(now time.Duration) { c.lastSeen.Store(int64(now)) }
func (c *claim) silence(now time.Duration) time.Duration {
	return now - time.Duration(c.lastSeen.Load())
}

// table holds the three ways to find a view.
type table struct {
	// mu guards the maps; it is a leaf, taken for reading once per burst.
	mu     sync.RWMutex
	ufrags map[string]*View
	claims map[Path]*claim
	// transactions are the requests that pion sent and that may be answered.
	transactions map[transactionID]*View
}

func newTable() table {
	return table{
		ufrags:       make(map[string]*View),
		claims:       make(map[Path]*claim),
		transactions: make(map[transactionID]*View),
	}
}

// claim gives a path to a view, unless another one holds it that has been
// heard from within claimGuard.
func (t *table) claim(p Path, v *View, now time.Duration) {
	t.mu.RLock()
	held := t.claims[p]
	t.mu.RUnlock()
	if held != nil && held.view == v {
		held.seen(now)
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if v.gone {
		return
	}
	held = t.claims[p]
	if held != nil && held.view != v {
		if held.silence(now) < claimGuard {
			return
		}
		held.view.dropClaimLocked(p)
	}
	if len(v.claimed) >= maxClaims {
		t.dropQuietestLocked(v, now)
	}
	c := &claim{view: v}
	c.seen(now)
	t.claims[p] = c
	v.claimed = append(v.claimed, p)
}

func (t *table) dropQuietestLocked(v *View, now time.Duration) {
	quietest := v.claimed[0]
	for _, p := range v.claimed[1:] {
		if t.claims[p].silence(now) > t.claims[quietest].silence(now) {
			quietest = p
		}
	}
	delete(t.claims, quietest)
	v.dropClaimLocked(quietest)
}

// expire forgets the claims that have been silent for claimLifetime.
func (t *table) expire(now time.Duration) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for p, c := range t.claims {
		if c.silence(now) > claimLifetime {
			delete(t.claims, p)
			c.view.dropClaimLocked(p)
		}
	}
}

// remove forgets everything that leads to the view.
func (t *table) remove(v *View) {
	t.mu.Lock()
	defer t.mu.Unlock()
	v.gone = true
	for _, p := range v.claimed {
		delete(t.claims, p)
	}
	v.claimed = nil
	for _, ufrag := range v.ufrags {
		delete(t.ufrags, ufrag)
	}
	v.ufrags = nil
	for _, c := range v.latestChecks() {
		if t.transactions[c.id] == v {
			delete(t.transactions, c.id)
		}
	}
}

func (t *table) addUfrag(ufrag string, v *View) {
	t.mu.Lock()
	defer t.mu.Unlock()
	held := t.ufrags[ufrag]
	if v.gone || held == v {
		return
	}
	if held != nil {
		held.dropUfragLocked(ufrag)
	}
	t.ufrags[ufrag] = v
	v.ufrags = append(v.ufrags, ufrag)
}

func (t *table) removeUfrag(ufrag string, v *View) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.ufrags[ufrag] == v {
		delete(t.ufrags, ufrag)
		v.dropUfragLocked(ufrag)
	}
}

// addTransaction remembers a transaction of the view, and forgets the one that makes room
// for it.
func (t *table) addTransaction(id transactionID, v *View, now time.Duration) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.transactions, v.noteCheck(id, now))
	if !v.gone {
		t.transactions[id] = v
	}
}
