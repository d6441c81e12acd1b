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
	for ufrag, w := range t.ufrags {
		if w == v {
			delete(t.ufrags, ufrag)
		}
	}
	for id, w := range t.transactions {
		if w == v {
			delete(t.transactions, id)
		}
	}
}

func (t *table) addUfrag(ufrag string, v *View) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if !v.gone {
		t.ufrags[ufrag] = v
	}
}

func (t *table) removeUfrag(ufrag string, v *View) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.ufrags[ufrag] == v {
		delete(t.ufrags, ufrag)
	}
}

// swapTransaction remembers one transaction of the view and forgets another.
func (t *table) swapTransaction(add, forget transactionID, v *View) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.transactions, forget)
	if !v.gone {
		t.transactions[add] = v
	}
}
