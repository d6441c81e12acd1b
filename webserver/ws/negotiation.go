package ws

// need is what an offer is wanted for; a greater one includes the lesser.
type need uint8

const (
	needNothing need = iota
	// needTracks: the tracks have changed.
	needTracks
	// needRestart: the path has failed.
	needRestart
)

// negotiation sees to it that at most one offer of a stream waits for its
// answer: what comes up meanwhile is remembered, and served by one more offer
// after the answer. The zero value is a stream that was never offered.
type negotiation struct {
	outstanding bool
	pending     need
	// offers counts the offers made, so that an old one's timer is known.
	offers int
}

// want says what a new offer is needed for, and returns for what to make one
// now: needNothing if it has to wait.
func (n *negotiation) want(what need) need {
	if n.outstanding {
		n.pending = max(n.pending, what)
		return needNothing
	}
	return n.offer(what)
}

// answered takes the answer to the outstanding offer, and returns for what to
// make the next one.
func (n *negotiation) answered() need {
	n.outstanding = false
	what := n.pending
	n.pending = needNothing
	return n.offer(what)
}

func (n *negotiation) offer(what need) need {
	if what != needNothing {
		n.outstanding = true
		n.offers++
	}
	return what
}
