package rtpconn

// placement says which worker has which group. All connections of a group share
// one, since packets go from any of them to any other; a group stays where it is
// as long as it has connections.
type placement struct {
	groups map[string]*placedGroup
	// loads counts the connections of each worker.
	loads []int
}

type placedGroup struct{ worker, connections int }

func newPlacement(workers int) placement {
	return placement{groups: make(map[string]*placedGroup), loads: make([]int, workers)}
}

// enter counts a connection of a group and returns its worker: for a new group
// the one with the fewest connections.
func (p *placement) enter(group string) (worker int) {
	g := p.groups[group]
	if g == nil {
		g = &placedGroup{}
		for i, load := range p.loads {
			if load < p.loads[g.worker] {
				g.worker = i
			}
		}
		p.groups[group] = g
	}
	g.connections++
	p.loads[g.worker]++
	return g.worker
}

// leave takes a connection off the count that has entered.
func (p *placement) leave(group string) {
	g := p.groups[group]
	g.connections--
	p.loads[g.worker]--
	if g.connections == 0 {
		delete(p.groups, group)
	}
}
