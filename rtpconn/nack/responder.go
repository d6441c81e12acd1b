package nack

import "time"

const (
	// remembered is how many answers are remembered: more than are on their way
	// at once on a line that is of any use, and all packets of a key frame.
	remembered = 128
	// budget is what may be sent again, in bytes a second and at once: several
	// times what loss at the edge of usefulness costs a good video.
	budget = 512 << 10
	// minCredit is what may be sent again at once in any case, in bytes.
	minCredit = 4000
	// minRTT bounds the time within which a repeated request is for an answer
	// that is still on its way.
	minRTT = 10 * time.Millisecond
)

// Responder decides which requests of one subscriber for one track are
// answered: not those whose answer is on its way already, and not more than a
// budget, so that nobody can have us send without end.
type Responder struct {
	// answers are there once something was asked for: on a good line nothing is.
	answers []answer
	// budget is in bytes a second, most what may be sent at once.
	budget, most float64
	credit       float64 // bytes
	updated      time.Duration
	started      bool
}

type answer struct {
	at    time.Duration
	seq   uint16
	given bool
}

// NewResponder makes a responder with a full budget.
func NewResponder() *Responder {
	return &Responder{budget: budget, most: budget, credit: budget}
}

// Limit sets the budget, in bytes a second. A tenth of a second's may be spent
// at once, and always some packets.
func (r *Responder) Limit(rate float64) {
	r.budget = min(rate, budget)
	r.most = max(r.budget/10, minCredit)
}

// Allow tells whether to answer a request for the packet seq of the given size
// in bytes, and counts it as answered if so. rtt is the round-trip time to the
// subscriber.
func (r *Responder) Allow(seq uint16, size int, now, rtt time.Duration) bool {
	if r.started {
		r.credit = min(r.most, r.credit+r.budget*(now-r.updated).Seconds())
	}
	r.started, r.updated = true, now
	if r.answers == nil {
		r.answers = make([]answer, remembered)
	}
	if r.Pending(seq, now, rtt) {
		return false
	}
	if r.credit < float64(size) {
		return false
	}
	r.credit -= float64(size)
	r.answers[seq%remembered] = answer{given: true, seq: seq, at: now}
	return true
}

// Pending tells whether the answer to a request for the packet seq is on its way.
func (r *Responder) Pending(seq uint16, now, rtt time.Duration) bool {
	if r.answers == nil {
		return false
	}
	a := &r.answers[seq%remembered]
	return a.given && a.seq == seq && now-a.at < max(rtt, minRTT)
}
