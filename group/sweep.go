package group

import (
	"context"
	"slices"
	"strings"
	"sync"
	"time"
)

const (
	// sweepInterval is how often everything is looked at again.
	sweepInterval = 15 * time.Minute
	// listingAge is how old the list of public groups may be when somebody
	// asks for it, at least; with many groups it is older, so that looking at
	// the store takes no more than one part in scanShare of the time.
	listingAge = 5 * time.Second
	scanShare  = 20
)

// scanState is what one scan leaves for the next. Whoever holds the element of
// Registry.scanning owns stamps.
type scanState struct {
	// stamps are those of the descriptions seen at the last scan.
	stamps map[string]Stamp

	// mu guards what follows: when the last scan ended, and how long it took.
	mu   sync.Mutex
	last time.Time
	took time.Duration
}

// Run scans the store at once, every 15 minutes, and when Rescan asks for it, and
// drops groups that nobody has used for long, until ctx is done.
func (r *Registry) Run(ctx context.Context) {
	ticker := time.NewTicker(sweepInterval)
	defer ticker.Stop()
	for {
		// So that the log says what is wrong with it.
		r.config.Get()
		r.scan(ctx)
		r.sweep(time.Now())
		if r.tokens != nil {
			if err := r.tokens.Expire(time.Now()); err != nil {
				r.logger.Error("the file of invitations cannot be read, or old ones not be forgotten", "error", err)
			}
		}
		select {
		case <-ticker.C:
		case <-r.rescan:
		case <-ctx.Done():
			return
		}
	}
}

// Rescan has Run look at everything now. It does not wait for that.
func (r *Registry) Rescan() {
	select {
	case r.rescan <- struct{}{}:
	default:
		// It is about to.
	}
}

// Public returns the status of the public groups, by name. If it has been some
// seconds since the store was looked at, it is looked at first, until ctx is
// done.
func (r *Registry) Public(ctx context.Context) []Status {
	if r.stale() {
		r.scanIf(ctx, r.stale)
	}
	list := []Status{}
	for _, g := range r.all() {
		if g.Description().Public {
			list = append(list, g.PublicStatus())
		}
	}
	slices.SortFunc(list, func(a, b Status) int { return strings.Compare(a.Name, b.Name) })
	return list
}

// stale tells whether it has been so long since the last scan that there may be
// another one.
func (r *Registry) stale() bool {
	r.scans.mu.Lock()
	defer r.scans.mu.Unlock()
	return time.Since(r.scans.last) > max(listingAge, scanShare*r.scans.took)
}

// scan reads what has changed in the store since the last scan, so that public
// groups are in memory and faults in the log; it then has every group in
// memory look at its description.
func (r *Registry) scan(ctx context.Context) {
	r.scanIf(ctx, func() bool { return true })
}

// scanIf is scan if that is still needed once no other scan is under way: who has
// waited for one need not have another.
func (r *Registry) scanIf(ctx context.Context, needed func() bool) {
	select {
	case r.scanning <- struct{}{}:
		defer func() { <-r.scanning }()
	case <-ctx.Done():
		return
	}
	if !needed() {
		return
	}
	// One that is broken off counts as well, else the next visitor would have
	// the next one begun.
	defer r.noteScan(time.Now())
	stamps := make(map[string]Stamp)
	r.store.List(ctx, func(name string) {
		s, err := r.store.Stat(name)
		stamps[name] = s
		switch {
		case err != nil:
			// Get logs what is wrong, and knows what is not.
			r.Get(name)
		case r.scans.stamps[name] != s || r.unread(name, s):
			r.examine(name)
		}
	})
	if ctx.Err() != nil {
		return
	}
	r.scans.stamps = stamps
	for _, g := range r.all() {
		// Errors have been logged, and members stay whatever they are.
		r.Get(g.Name())
	}
	r.forgetFaults(stamps)
}

// noteScan takes note of the scan that ends now.
func (r *Registry) noteScan(begun time.Time) {
	r.scans.mu.Lock()
	defer r.scans.mu.Unlock()
	r.scans.last = time.Now()
	r.scans.took = r.scans.last.Sub(begun)
}

// examine reads a description that is new or has changed.
func (r *Registry) examine(name string) {
	if r.loaded(name) != nil {
		return
	}
	d, s, err := r.read(name)
	switch {
	case err != nil:
		r.faulty(name, nil, s, err)
	case d.Public:
		r.update(name, d, s)
	default:
		r.mended(name)
		r.warn(d, s)
	}
}

// unread tells whether a description could not be read at all, so that nothing is
// known of this version: who mends that by giving the server access to a file
// changes neither its size nor its time.
func (r *Registry) unread(name string, s Stamp) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	f, faulty := r.faults[name]
	return faulty && f.stamp != s
}

// mended forgets what was wrong with a description.
func (r *Registry) mended(name string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.faults, name)
}

// forgetFaults drops the memory of faults in files that are no more, and of
// warnings about them.
func (r *Registry) forgetFaults(present map[string]Stamp) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for name := range r.faults {
		if _, ok := present[name]; !ok {
			delete(r.faults, name)
		}
	}
	for name := range r.warned {
		if _, ok := present[name]; !ok {
			delete(r.warned, name)
		}
	}
}

// sweep drops the groups that nobody has used for as long as their history
// lasts.
func (r *Registry) sweep(now time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, g := range r.groups {
		r.dropLocked(g, func() bool {
			return !g.description.Public && now.Sub(g.used) > g.description.HistoryAge()
		})
	}
}

// all returns the groups in memory.
func (r *Registry) all() []*Group {
	r.mu.Lock()
	defer r.mu.Unlock()
	list := make([]*Group, 0, len(r.groups))
	for _, g := range r.groups {
		list = append(list, g)
	}
	return list
}
