package group

import (
	"slices"
	"sync"
	"time"
)

// Group is a room. Its methods may be called from any goroutine.
type Group struct {
	name string

	// mu guards everything below, and is held while events are delivered.
	mu          sync.Mutex
	description *Description
	// rules follow from the description.
	rules loginRules
	// stamp is that of what was last read for the description; fault is what
	// was wrong with it then, in which case an older description is in force.
	stamp Stamp
	fault error
	// members are in the order of their arrival.
	members []*member
	byID    map[string]*member
	// shown are the same for newcomers, who share it: it grows, but what is in it is
	// not changed any more. It is nil where it is to be made anew.
	shown []Member
	// publications are the streams of all members, by stream id.
	publications map[string]*publication
	locked       bool
	lockMessage  string
	data         Data
	history      history
	// used is when somebody last came or went.
	used time.Time
	// gone is set when the registry has dropped the group, closing when the
	// server shuts down.
	gone, closing bool
}

// member is a client together with what the group knows about it. Member is
// replaced, never changed in place, since snapshots share it.
type member struct {
	client Client
	Member
}

func newGroup(name string, d *Description, s Stamp) *Group {
	g := &Group{
		name:         name,
		description:  d,
		rules:        newLoginRules(d),
		stamp:        s,
		byID:         make(map[string]*member),
		publications: make(map[string]*publication),
		used:         time.Now(),
	}
	g.enforceLocked()
	return g
}

// Name returns the name of the group.
func (g *Group) Name() string { return g.name }

// Description returns the description in force, which nobody may change.
func (g *Group) Description() *Description {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.description
}

// memberLocked returns the member that a client is, nil if it is none.
func (g *Group) memberLocked(c Client) *member {
	if m := g.byID[c.ID()]; m != nil && m.client == c {
		return m
	}
	return nil
}

// renewLocked is to be called before what the others know about a member changes.
func (g *Group) renewLocked(m *member) {
	m.Member = m.renewed()
	g.shown = nil
}

// broadcastLocked delivers an event to all members.
func (g *Group) broadcastLocked(e Event) { g.broadcastExceptLocked(e, nil) }

// broadcastExceptLocked delivers an event to all members but one.
func (g *Group) broadcastExceptLocked(e Event, except *member) {
	for _, m := range g.members {
		if m != except {
			m.client.Deliver(e)
		}
	}
}

// changedLocked tells every member the state of the group.
func (g *Group) changedLocked() {
	status := g.statusLocked()
	for _, m := range g.members {
		m.client.Deliver(Changed{Group: g, Self: m.Member, Status: status, Data: g.data})
	}
}

// Remind tells a member the state of the group once more, as if it had changed.
// A client that is no member is ignored.
func (g *Group) Remind(c Client) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if m := g.memberLocked(c); m != nil {
		c.Deliver(Changed{Group: g, Self: m.Member, Status: g.statusLocked(), Data: g.data})
	}
}

// operatorLocked tells whether an operator is in the group.
func (g *Group) operatorLocked() bool {
	return slices.ContainsFunc(g.members, func(m *member) bool { return m.Has(PermissionOp) })
}

// enforceLocked does what autolock and autokick ask for when no operator is
// there.
func (g *Group) enforceLocked() {
	d := g.description
	if !d.Autolock && !d.Autokick || g.operatorLocked() {
		return
	}
	if d.Autolock && !g.locked {
		g.locked, g.lockMessage = true, ""
		g.changedLocked()
	}
	if d.Autokick {
		g.broadcastLocked(Kicked{Message: ErrNoOperators.Text})
	}
}

// setDescription takes note of what has been read for the group: a new
// description, or what is wrong with it, in which case the old one stays in
// force. It tells whether that was news.
func (g *Group) setDescription(d *Description, s Stamp, fault error) bool {
	var rules loginRules
	if fault == nil {
		rules = newLoginRules(d)
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.stamp == s {
		return false
	}
	g.stamp, g.fault = s, fault
	if fault == nil {
		g.description, g.rules = d, rules
		g.changedLocked()
	}
	return true
}

// touch does what an access to the group entails.
func (g *Group) touch() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.enforceLocked()
}

// currentStamp returns the stamp of what was last read for the group.
func (g *Group) currentStamp() Stamp {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.stamp
}

// shutDown locks the group and tells everybody to go.
func (g *Group) shutDown() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.closing = true
	g.locked, g.lockMessage = true, ErrShuttingDown.Text
	g.broadcastLocked(Kicked{Message: ErrShuttingDown.Text, ShuttingDown: true})
}
