package group

import (
	"cmp"
	"net/netip"
	"slices"
)

// addressTurns are those who wait at one address. Four rules have every fourth
// turn each, so that whoever finds out how to come first by one of them gets no
// more than that:
//
//   - the newest, so that nobody need wait for all of a burst that came before
//     him;
//   - names take turns, and with one name every other turn goes to who has been
//     sent away most often, the others go to kinds of software by turns;
//   - who has been sent away most often, with whatever name;
//   - kinds of software take turns, and names in them.
//
// By all but the last, those come first on whose connections fewest attempts have
// been refused; by the last, they do so within a kind.
type addressTurns struct {
	address netip.Addr
	waiting []*waiter
	// names, kinds and kindsOfNames are those that somebody waits in.
	names        map[string]*nameTurns
	kinds        map[uint64]*share
	kindsOfNames map[kindOfName]*share
	// turns counts those that there were.
	turns int
}

// share is what those who wait and have something in common get of the turns.
type share struct {
	// since is when the last turn was, or else since when somebody waits: the
	// least comes first.
	since uint64
	count int
}

// nameTurns are those who wait with one name.
type nameTurns struct {
	share
	// byKind is set if the next turn of the name goes by kinds of software.
	byKind bool
}

type kindOfName struct {
	username string
	software uint64
}

func newAddressTurns(address netip.Addr) *addressTurns {
	return &addressTurns{
		address: address, names: make(map[string]*nameTurns), kinds: make(map[uint64]*share), kindsOfNames: make(map[kindOfName]*share),
	}
}

// add adds somebody; now grows with each call of add and next.
func (a *addressTurns) add(w *waiter, now uint64) {
	w.arrival = now
	if w.name = a.names[w.username]; w.name == nil {
		w.name = &nameTurns{share: share{since: now}}
		a.names[w.username] = w.name
	}
	if w.kind = a.kinds[w.software]; w.kind == nil {
		w.kind = &share{since: now}
		a.kinds[w.software] = w.kind
	}
	key := kindOfName{w.username, w.software}
	if w.kindOfName = a.kindsOfNames[key]; w.kindOfName == nil {
		w.kindOfName = &share{since: now}
		a.kindsOfNames[key] = w.kindOfName
	}
	w.name.count++
	w.kind.count++
	w.kindOfName.count++
	a.waiting = append(a.waiting, w)
}

// remove takes out the one with an index into waiting.
func (a *addressTurns) remove(i int) {
	w := a.waiting[i]
	a.waiting = slices.Delete(a.waiting, i, i+1)
	if w.name.count--; w.name.count == 0 {
		delete(a.names, w.username)
	}
	if w.kind.count--; w.kind.count == 0 {
		delete(a.kinds, w.software)
	}
	if w.kindOfName.count--; w.kindOfName.count == 0 {
		delete(a.kindsOfNames, kindOfName{w.username, w.software})
	}
}

// next returns whose turn it is, and counts it.
func (a *addressTurns) next(now uint64) *waiter {
	var w *waiter
	switch a.turns++; a.turns % 4 {
	case 1:
		w = a.first(fewestAttempts, newest)
	case 2:
		w = a.first(fewestAttempts, nameInTurn)
		if w.name.byKind {
			w = a.first(fewestAttempts, nameInTurn, kindOfNameInTurn, mostSentAway, oldest)
		} else {
			w = a.first(fewestAttempts, nameInTurn, mostSentAway, kindOfNameInTurn, oldest)
		}
		w.name.byKind = !w.name.byKind
	case 3:
		w = a.first(fewestAttempts, mostSentAway, nameInTurn, kindOfNameInTurn, oldest)
	default:
		w = a.first(kindInTurn, fewestAttempts, nameInTurn, mostSentAway, oldest)
	}
	w.name.since, w.kind.since, w.kindOfName.since = now, now, now
	return w
}

// superfluous returns whom there is no room for after somebody has come with a
// name, nil if there is.
func (a *addressTurns) superfluous(name *nameTurns) *waiter {
	switch {
	case len(a.waiting) > maxWaitingAtAddress:
		return a.last(a.longest())
	case name.count > maxWaitingForName:
		return a.last(name)
	}
	return nil
}

// longest returns the name that most wait with, the first in the line of those.
func (a *addressTurns) longest() *nameTurns {
	return slices.MinFunc(a.waiting, by(func(x, y *waiter) int { return y.name.count - x.name.count }, nameInTurn)).name
}

// last returns who comes last of those who wait with a name.
func (a *addressTurns) last(name *nameTurns) *waiter {
	var last *waiter
	for _, w := range a.waiting {
		if w.name == name && (last == nil || comesLater(w, last) < 0) {
			last = w
		}
	}
	return last
}

// first returns who comes first by some orders, each of which counts where those
// before it find no difference.
func (a *addressTurns) first(orders ...order) *waiter {
	return slices.MinFunc(a.waiting, by(orders...))
}

// order is negative if x comes before y, positive if it comes after.
type order func(x, y *waiter) int

func by(orders ...order) order {
	return func(x, y *waiter) int {
		for _, o := range orders {
			if c := o(x, y); c != 0 {
				return c
			}
		}
		return 0
	}
}

func fewestAttempts(x, y *waiter) int   { return cmp.Compare(x.attempts, y.attempts) }
func mostSentAway(x, y *waiter) int     { return cmp.Compare(y.sentAway, x.sentAway) }
func newest(x, y *waiter) int           { return cmp.Compare(y.arrival, x.arrival) }
func oldest(x, y *waiter) int           { return cmp.Compare(x.arrival, y.arrival) }
func nameInTurn(x, y *waiter) int       { return cmp.Compare(x.name.since, y.name.since) }
func kindInTurn(x, y *waiter) int       { return cmp.Compare(x.kind.since, y.kind.since) }
func kindOfNameInTurn(x, y *waiter) int { return cmp.Compare(x.kindOfName.since, y.kindOfName.since) }

// comesLater has those first who come last with one name: since the newest have
// turns of their own, the oldest do.
func comesLater(x, y *waiter) int {
	return cmp.Or(-fewestAttempts(x, y), -mostSentAway(x, y), oldest(x, y))
}
