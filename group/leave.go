package group

import (
	"slices"
	"time"
)

// Leave takes a client out of the group: its streams end, then it is gone. It
// returns the state of the group after that. When Leave has returned, nothing
// more is delivered to the client. A client that is no member is ignored.
func (g *Group) Leave(c Client) (Status, Data) {
	g.mu.Lock()
	defer g.mu.Unlock()
	m := g.memberLocked(c)
	if m == nil {
		return g.statusLocked(), g.data
	}
	for id, p := range g.publications {
		if p.owner == m {
			g.unpublishLocked(id, p)
		}
	}
	delete(g.byID, m.ID)
	g.shown = nil
	g.members = slices.DeleteFunc(g.members, func(o *member) bool { return o == m })
	g.used = time.Now()
	g.broadcastLocked(UserDeleted{Member: m.Member})
	g.enforceLocked()
	return g.statusLocked(), g.data
}
