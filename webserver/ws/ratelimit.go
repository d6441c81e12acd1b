package ws

import (
	"maps"
	"net/netip"
	"sync"
	"time"

	"galene/group"
)

const (
	// rateBurst is how many messages a client may send at once.
	rateBurst = 500
	// rateInterval is the time between messages that a client may keep up for
	// long.
	rateInterval = time.Second / 50
	// saved is how long an allowance takes to become full.
	saved = rateBurst * rateInterval
	// spreadRate is how many bytes a second a client may have each of the others
	// sent for long, and as much as ten seconds make at once: far less than a
	// queue holds of those whose line is thin. What is shorter than leastSpread
	// counts as that: so these are no more messages than any others.
	spreadRate  = 256 << 10
	leastSpread = spreadRate * int64(rateInterval) / int64(time.Second)
	// fewSpreaders is how many addresses are remembered before any is forgotten.
	fewSpreaders = 1000
)

// rateLimit says how fast to read from a client: what comes faster than it may
// is not refused, it is read later.
type rateLimit struct {
	// next is when the allowance will be full again.
	next time.Time
}

func newRateLimit(now time.Time) rateLimit { return rateLimit{next: now} }

// take counts one message and returns how long to wait before the next.
func (l *rateLimit) take(now time.Time) time.Duration {
	l.next = later(l.next, now).Add(rateInterval)
	return max(0, l.next.Sub(now.Add(saved)))
}

// spreadLimits remember who has had others sent much: whoever comes from the same
// address after that is read no faster, since otherwise it would be enough to come
// again. Those who are there already do not notice.
type spreadLimits struct {
	// mu guards what follows, and full of each spreadLimit; it is a leaf.
	mu sync.Mutex
	// full is when the allowance will be full again of whoever at an address has
	// used most of it. It holds no more than has been used in some ten seconds.
	full map[netip.Addr]time.Time
	// sweepAt is how many addresses there may be before those are forgotten whose
	// allowances are full.
	sweepAt int
}

func newSpreadLimits() *spreadLimits {
	return &spreadLimits{full: make(map[netip.Addr]time.Time), sweepAt: fewSpreaders}
}

// spreadLimit says how fast to read from a client by what it has had others sent.
type spreadLimit struct {
	limits  *spreadLimits
	address netip.Addr
	// full is when the allowance will be full again.
	full time.Time
}

// limit returns the limit of a client that comes from an address.
func (s *spreadLimits) limit(address netip.Addr) *spreadLimit {
	address = group.AddressKey(address)
	s.mu.Lock()
	defer s.mu.Unlock()
	return &spreadLimit{limits: s, address: address, full: s.full[address]}
}

// add counts so many bytes that each of the others may be sent.
func (l *spreadLimit) add(now time.Time, bytes int) {
	s := l.limits
	s.mu.Lock()
	defer s.mu.Unlock()
	l.full = later(l.full, now).Add(time.Duration(max(int64(bytes), leastSpread)) * time.Second / spreadRate)
	s.full[l.address] = later(s.full[l.address], l.full)
	if len(s.full) > s.sweepAt {
		maps.DeleteFunc(s.full, func(_ netip.Addr, full time.Time) bool { return full.Before(now) })
		s.sweepAt = max(fewSpreaders, 2*len(s.full))
	}
}

// wait returns how long to wait before the next message.
func (l *spreadLimit) wait(now time.Time) time.Duration {
	l.limits.mu.Lock()
	defer l.limits.mu.Unlock()
	return max(0, l.full.Sub(now.Add(saved)))
}

// later returns the later of two times.
func later(a, b time.Time) time.Time {
	if a.Before(b) {
		return b
	}
	return a
}
