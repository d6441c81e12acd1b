package group

import (
	"container/list"
	"net/netip"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

const (
	// refusalDelay is when wrong credentials are answered, after they were
	// received: at the same time whatever was wrong with them, unless there is
	// a crowd.
	refusalDelay = 200 * time.Millisecond
	// freeFailures a minute from one address are not slowed any further: a
	// class of a hundred sits behind one address.
	freeFailures = 100
	// nameInterval is the time between failures beyond those, for one address
	// and user name, of which nameBurst come sooner; maxNameDelay bounds what
	// one of them waits.
	nameInterval, nameBurst, maxNameDelay = 2 * time.Second, 3, 30 * time.Second
	// addressInterval and so on are the same for an address, whatever the
	// names.
	addressInterval, addressBurst, maxAddressDelay = 200 * time.Millisecond, 5, 10 * time.Second
	// maxRemembered bounds how many addresses are remembered, and how many
	// names.
	maxRemembered = 10_000
)

// failures counts wrong credentials, so as to answer the more slowly the more
// there are. It forgets those that are longest ago.
type failures struct {
	// mu guards what follows.
	mu        sync.Mutex
	addresses recent[netip.Addr, *addressFailures]
	names     recent[failureKey, *rate.Limiter]
}

type addressFailures struct {
	// free are the failures that cost nothing, rest those beyond.
	free, rest *rate.Limiter
}

type failureKey struct {
	address  netip.Addr
	username string
}

func newFailures() *failures {
	return &failures{
		addresses: newRecent[netip.Addr, *addressFailures](maxRemembered),
		names:     newRecent[failureKey, *rate.Limiter](maxRemembered),
	}
}

// add counts a failure and returns how long after its arrival it is to be
// answered.
func (f *failures) add(address netip.Addr, username string, now time.Time) time.Duration {
	f.mu.Lock()
	defer f.mu.Unlock()
	a := f.addresses.get(address, func() *addressFailures {
		return &addressFailures{
			free: rate.NewLimiter(rate.Every(time.Minute/freeFailures), freeFailures),
			rest: rate.NewLimiter(rate.Every(addressInterval), addressBurst),
		}
	})
	if a.free.AllowN(now, 1) {
		return refusalDelay
	}
	n := f.names.get(failureKey{address, shortened(username)}, func() *rate.Limiter {
		return rate.NewLimiter(rate.Every(nameInterval), nameBurst)
	})
	return max(refusalDelay, reserve(n, now, maxNameDelay), reserve(a.rest, now, maxAddressDelay))
}

// reserve returns how long to wait for a limiter, but not longer than limit.
func reserve(l *rate.Limiter, now time.Time, limit time.Duration) time.Duration {
	r := l.ReserveN(now, 1)
	d := r.DelayFrom(now)
	if d > limit {
		r.CancelAt(now)
		return limit
	}
	return d
}

// AddressKey returns what stands for somebody at an address: whoever has one
// address of IPv6 has the 2^64 around it.
func AddressKey(a netip.Addr) netip.Addr {
	a = a.Unmap().WithZone("")
	if !a.Is6() {
		return a
	}
	prefix, err := a.Prefix(64)
	if err != nil {
		return a
	}
	return prefix.Addr()
}

// recent is a map that forgets what has not been used for longest when it would
// have more than limit elements.
type recent[K comparable, V any] struct {
	limit    int
	elements map[K]*list.Element
	// order has the latest in front.
	order *list.List
}

type recentElement[K comparable, V any] struct {
	key   K
	value V
}

func newRecent[K comparable, V any](limit int) recent[K, V] {
	return recent[K, V]{limit, make(map[K]*list.Element), list.New()}
}

// use tells whether there is a key, which counts as a use of it.
func (r *recent[K, V]) use(key K) bool {
	e, ok := r.elements[key]
	if ok {
		r.order.MoveToFront(e)
	}
	return ok
}

// get returns the value of a key, which is made if there is none.
func (r *recent[K, V]) get(key K, make func() V) V {
	if e, ok := r.elements[key]; ok {
		r.order.MoveToFront(e)
		return e.Value.(recentElement[K, V]).value
	}
	if len(r.elements) >= r.limit {
		oldest := r.order.Back()
		r.order.Remove(oldest)
		delete(r.elements, oldest.Value.(recentElement[K, V]).key)
	}
	value := make()
	r.elements[key] = r.order.PushFront(recentElement[K, V]{key, value})
	return value
}
