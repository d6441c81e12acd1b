package group

import (
	"errors"
	"io/fs"
	"log/slog"
	"path"
	"runtime"
	"sync"
	"time"

	"galene/token"
)

// maxIdle bounds the automatic subgroups in memory where nobody is: their names are
// made up by visitors.
const maxIdle = 1000

// RegistryOptions say where groups come from.
type RegistryOptions struct {
	// Store may be a WritableStore.
	Store Store
	// Tokens holds the stateful tokens; nil means that there are none.
	Tokens token.Store
	// Config is the configuration of the server, nil if it has none.
	Config *ConfigFile
	// Logger is slog.Default() when nil.
	Logger *slog.Logger
}

// Registry knows all groups. Its methods may be called from any goroutine.
type Registry struct {
	store  Store
	tokens token.Store
	config *ConfigFile
	logger *slog.Logger

	hashing  *hashQueue
	pace     pace
	proven   *provenPasswords
	failures *failures
	counters counters

	// writing is held while a description in the store is being changed; no
	// other lock is held when it is taken.
	writing sync.Mutex
	// scanning holds one element while a scan is under way.
	scanning chan struct{}
	scans    scanState
	// rescan holds one element while Run is to look at everything before its time.
	rescan chan struct{}

	// mu guards what follows. It is taken before any Group.mu.
	mu     sync.Mutex
	groups map[string]*Group
	// faults are the stamps of the files that could not be read when there
	// was no group of theirs in memory, so that each is logged once.
	faults map[string]fault
	// warned are the stamps of the files whose warnings have been logged.
	warned  map[string]Stamp
	closing bool
}

// NewRegistry returns a registry, which reads nothing before it is asked to.
func NewRegistry(o RegistryOptions) *Registry {
	if o.Logger == nil {
		o.Logger = slog.Default()
	}
	if o.Config == nil {
		o.Config = NewConfigFile("", o.Logger)
	}
	return &Registry{
		store:    o.Store,
		tokens:   o.Tokens,
		config:   o.Config,
		logger:   o.Logger,
		hashing:  newHashQueue(runtime.GOMAXPROCS(0)),
		proven:   newProvenPasswords(),
		failures: newFailures(),
		scanning: make(chan struct{}, 1),
		rescan:   make(chan struct{}, 1),
		groups:   make(map[string]*Group),
		faults:   make(map[string]fault),
		warned:   make(map[string]Stamp),
	}
}

// fault is what was wrong with a version of a file.
type fault struct {
	stamp Stamp
	err   error
}

// Config returns the configuration file of the server.
func (r *Registry) Config() *ConfigFile { return r.config }

// Tokens returns the stateful tokens, nil if there are none.
func (r *Registry) Tokens() token.Store { return r.tokens }

// Get returns the group of this name, with its description as the store has it
// now. The error is ErrIllegalName, ErrNoSuchGroup or ErrShuttingDown; any other one
// says that the description cannot be read, and has been logged.
func (r *Registry) Get(name string) (*Group, error) {
	if !ValidName(name) {
		return nil, ErrIllegalName
	}
	g := r.loaded(name)
	s, err := r.find(name)
	if errors.Is(err, fs.ErrNotExist) {
		r.dropIfEmpty(g)
		return nil, ErrNoSuchGroup
	}
	if err != nil {
		return r.faulty(name, g, s, err)
	}
	if g != nil && g.currentStamp() == s {
		g.touch()
		return g, nil
	}
	d, s, err := r.read(s.Name)
	if errors.Is(err, fs.ErrNotExist) {
		r.dropIfEmpty(g)
		return nil, ErrNoSuchGroup
	}
	if err != nil {
		return r.faulty(name, g, s, err)
	}
	if s.Name != name {
		if !d.AutoSubgroups {
			r.dropIfEmpty(g)
			return nil, ErrNoSuchGroup
		}
		d = d.subgroup()
	}
	return r.update(name, d, s)
}

// loaded returns the group of this name that is in memory, nil if none is.
func (r *Registry) loaded(name string) *Group {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.groups[name]
}

// find returns the stamp of the description that applies to a name: its own,
// or that of the nearest name above it, which has yet to agree. There is none
// for a name that no file system can hold.
func (r *Registry) find(name string) (Stamp, error) {
	if len(name) > maxName {
		return Stamp{}, fs.ErrNotExist
	}
	above := name
	if s, ok := r.store.(reachingStore); ok {
		above = s.reach(name)
	}
	for ; above != "."; above = path.Dir(above) {
		s, err := r.store.Stat(above)
		if !errors.Is(err, fs.ErrNotExist) {
			s.Name = above
			return s, err
		}
	}
	return Stamp{}, fs.ErrNotExist
}

// read is Store.Read, whose stamp has the name of the description whatever is
// wrong with it.
func (r *Registry) read(name string) (*Description, Stamp, error) {
	d, s, err := r.store.Read(name)
	s.Name = name
	return d, s, err
}

// faulty logs what is wrong with the description of a group, once, and goes on
// with the last good one if there is one.
func (r *Registry) faulty(name string, g *Group, s Stamp, err error) (*Group, error) {
	if g == nil {
		r.mu.Lock()
		known, logged := r.faults[s.Name]
		r.faults[s.Name] = fault{s, err}
		r.mu.Unlock()
		if !logged || known.stamp != s {
			r.logger.Error("cannot read group file", "group", name, "error", err)
		}
		return nil, err
	}
	if g.setDescription(nil, s, err) {
		r.logger.Error("cannot read group file; its last good version stays in force", "group", name, "error", err)
	}
	g.touch()
	return g, nil
}

// update puts a description that has been read into force.
func (r *Registry) update(name string, d *Description, s Stamp) (*Group, error) {
	g, created, err := r.getOrCreate(name, d, s)
	if err != nil {
		return nil, err
	}
	if created || g.setDescription(d, s, nil) {
		r.warn(d, s)
	}
	g.touch()
	return g, nil
}

// warn logs what an administrator should know about a file, once.
func (r *Registry) warn(d *Description, s Stamp) {
	warnings := d.Warnings()
	r.mu.Lock()
	logged := r.warned[s.Name] == s
	if len(warnings) > 0 {
		r.warned[s.Name] = s
	} else {
		delete(r.warned, s.Name)
	}
	r.mu.Unlock()
	if logged {
		return
	}
	for _, w := range warnings {
		r.logger.Warn(w.Text, "group", s.Name)
	}
}

func (r *Registry) getOrCreate(name string, d *Description, s Stamp) (g *Group, created bool, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closing {
		return nil, false, ErrShuttingDown
	}
	if g := r.groups[name]; g != nil {
		return g, false, nil
	}
	if s.Name != name {
		r.makeRoomLocked()
	}
	delete(r.faults, s.Name)
	g = newGroup(name, d, s)
	r.groups[name] = g
	return g, true, nil
}

// makeRoomLocked makes room for one more automatic subgroup: where nobody is and
// nothing would be lost they are dropped, all together; if that is nowhere, the one
// where nobody has been for longest is.
func (r *Registry) makeRoomLocked() {
	idle := 0
	var oldest *Group
	var since time.Time
	for _, g := range r.groups {
		if used, ok := g.idle(); ok {
			idle++
			if oldest == nil || used.Before(since) {
				oldest, since = g, used
			}
		}
	}
	if idle < maxIdle {
		return
	}
	before := len(r.groups)
	for _, g := range r.groups {
		r.dropLocked(g, func() bool { return g.stamp.Name != g.name && g.blankLocked() })
	}
	if len(r.groups) == before {
		r.dropLocked(oldest, func() bool { return true })
	}
}

// idle tells whether the group is an automatic subgroup where nobody is, and since
// when.
func (g *Group) idle() (since time.Time, ok bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.used, g.stamp.Name != g.name && len(g.members) == 0
}

// blankLocked tells whether the group is as it would be if it were made now.
func (g *Group) blankLocked() bool {
	return len(g.history.posts) == 0 && len(g.data) == 0 && g.locked == g.description.Autolock
}

// dropLocked drops a group if nobody is in it and condition, which is called with
// Group.mu held, agrees.
func (r *Registry) dropLocked(g *Group, condition func() bool) {
	if g.retire(condition) {
		delete(r.groups, g.name)
	}
}

// dropIfEmpty drops a group whose description is gone once nobody is in it.
func (r *Registry) dropIfEmpty(g *Group) {
	if g == nil {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.groups[g.name] == g {
		r.dropLocked(g, func() bool { return true })
	}
}

// retire marks a group as gone if nobody is in it and condition, which is
// called with g.mu held, agrees; it tells whether it did.
func (g *Group) retire(condition func() bool) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if len(g.members) > 0 || !condition() {
		return false
	}
	g.gone = true
	return true
}

// Shutdown locks every group, tells every member to go, and lets nobody in any
// more.
func (r *Registry) Shutdown() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.closing = true
	for _, g := range r.groups {
		g.shutDown()
	}
}
