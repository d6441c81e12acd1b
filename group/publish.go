package group

import (
	"slices"

	"galene/group/media"
)

// publication is one stream of the group.
type publication struct {
	media.Publication
	owner *member
	// announced is set once the others have been told of the stream.
	announced bool
	// retired is set once another stream is to take its place: the others
	// still have it, but nobody is shown it any more.
	retired bool
	// replaces is the id of the retired stream whose place this one takes
	// when it is announced, "" if none.
	replaces string
}

// Publish takes note of a stream of c that is being set up; nobody is told
// before Announce. If replaces is the id of a stream of c, that stream is over,
// and the others learn it when they learn of its successor. The error is
// ErrDuplicateStream if the id is in use, ErrNotAuthorised if c may not
// publish.
func (g *Group) Publish(c Client, p media.Publication, replaces string) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	m := g.memberLocked(c)
	if m == nil {
		return ErrNotMember
	}
	if !m.Has(PermissionPresent) {
		return ErrNotAuthorised
	}
	if g.publications[p.ID()] != nil {
		return ErrDuplicateStream
	}
	n := &publication{Publication: p, owner: m}
	if old := g.publications[replaces]; old != nil && old.owner == m && !old.retired {
		if old.announced {
			old.retired = true
			n.replaces = replaces
		} else {
			// Nobody has heard of it, but maybe of the one before.
			n.replaces = old.replaces
			delete(g.publications, replaces)
		}
	}
	g.publications[p.ID()] = n
	return nil
}

// Announce tells the others that the tracks of a stream of c are complete, or
// that they have changed.
func (g *Group) Announce(c Client, id string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	p := g.publications[id]
	if p == nil || p.owner.client != c || p.retired {
		return
	}
	e := Published{Publication: p.Publication, Replaces: p.replaces}
	delete(g.publications, p.replaces)
	p.announced, p.replaces = true, ""
	g.broadcastExceptLocked(e, p.owner)
}

// Unpublish ends a stream of c. One that is no stream of c is ignored.
func (g *Group) Unpublish(c Client, id string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if p := g.publications[id]; p != nil && p.owner.client == c {
		g.unpublishLocked(id, p)
	}
}

func (g *Group) unpublishLocked(id string, p *publication) {
	if g.publications[id] != p {
		return
	}
	delete(g.publications, id)
	if p.announced {
		g.broadcastExceptLocked(Unpublished{ID: id}, p.owner)
	}
	if old := g.publications[p.replaces]; old != nil {
		g.unpublishLocked(p.replaces, old)
	}
}

// Publications returns the streams of the others that c may be shown, ordered
// by id.
func (g *Group) Publications(c Client) []media.Publication {
	g.mu.Lock()
	defer g.mu.Unlock()
	var list []media.Publication
	for _, p := range g.publications {
		if p.announced && !p.retired && p.owner.client != c {
			list = append(list, p.Publication)
		}
	}
	slices.SortFunc(list, func(a, b media.Publication) int {
		if a.ID() < b.ID() {
			return -1
		}
		return 1
	})
	return list
}
