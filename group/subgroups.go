package group

import (
	"slices"
	"strings"
)

// Subgroup is a group below another one, and how many members it has.
type Subgroup struct {
	Name    string
	Members int
}

// Subgroups returns the groups below name where somebody is, by name.
func (r *Registry) Subgroups(name string) []Subgroup {
	var list []Subgroup
	for _, g := range r.all() {
		if !strings.HasPrefix(g.name, name+"/") {
			continue
		}
		g.mu.Lock()
		members := len(g.members)
		g.mu.Unlock()
		if members > 0 {
			list = append(list, Subgroup{Name: g.name, Members: members})
		}
	}
	slices.SortFunc(list, func(a, b Subgroup) int { return strings.Compare(a.Name, b.Name) })
	return list
}
