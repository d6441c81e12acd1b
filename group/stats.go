package group

import (
	"sync/atomic"
	"time"
)

// counters are what has happened since the start.
type counters struct {
	succeeded, refused atomic.Int64
	// hashed is in nanoseconds.
	hashed atomic.Int64
}

// Stats are numbers about all groups.
type Stats struct {
	// Groups and Members are those in memory.
	Groups, Members int
	// Faults are the errors of the group files that cannot be read, by name.
	Faults map[string]error
	// LoginsSucceeded and LoginsRefused count checks of credentials since the
	// start, of members and of administrators.
	LoginsSucceeded, LoginsRefused int64
	// LoginsWaiting is how many wait for their passwords to be checked.
	LoginsWaiting int
	// Hashing is the time that checks of passwords have taken since the start.
	Hashing time.Duration
}

// Stats returns the numbers as they are now.
func (r *Registry) Stats() Stats {
	s := Stats{
		Faults:          make(map[string]error),
		LoginsSucceeded: r.counters.succeeded.Load(),
		LoginsRefused:   r.counters.refused.Load(),
		LoginsWaiting:   r.hashing.length(),
		Hashing:         time.Duration(r.counters.hashed.Load()),
	}
	r.mu.Lock()
	for name, f := range r.faults {
		s.Faults[name] = f.err
	}
	r.mu.Unlock()
	for _, g := range r.all() {
		s.Groups++
		g.mu.Lock()
		s.Members += len(g.members)
		if g.fault != nil {
			s.Faults[g.stamp.Name] = g.fault
		}
		g.mu.Unlock()
	}
	return s
}
