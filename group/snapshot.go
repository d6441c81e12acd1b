package group

import (
	"slices"
	"strings"
)

// Groups returns the groups in memory, by name.
func (r *Registry) Groups() []*Group {
	list := r.all()
	slices.SortFunc(list, func(a, b *Group) int { return strings.Compare(a.name, b.name) })
	return list
}

// Members returns who is in the group, in the order of their arrival.
func (g *Group) Members() []Member {
	g.mu.Lock()
	defer g.mu.Unlock()
	list := make([]Member, 0, len(g.members))
	for _, m := range g.members {
		list = append(list, m.Member)
	}
	return list
}
