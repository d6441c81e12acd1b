package nack

import "time"

const (
	// remembered is how many answers are remembered.
	remembered = 512
	// budget is what may be sent again, in bytes a second and at once: several
	// times what loss at the edge of usefulness costs a good video.
	budget = 512 << 10
	// minRTT bounds the time within which a repeated request is for an answer
	// that is still on its way.
	minRTT = 10 * time.Millisecond
)

// Responder decides which requests of one subscriber for one track are
// answered: not those whose answer is on its way already, and not more than a
// budget, so that nobody can have us send without end.
type Responder struct {
	answers [remembered]answer
	credit  float64 // bytes
	updated time.Duration
	started bool
}

type answer struct {
	given bool
	seq   uint16
	at    time.Duration
}

// NewResponder makes a responder with a full budget.
func NewResponder() *Responder { return &Responder{credit: budget} }

// Allow tells whether to answer a request for the packet seq of the given size
// in bytes, and counts it as answered if so. rtt is the round-trip time to the
// subscriber.
func (r *Responder) Allow(seq uint16, size int, now, rtt time.Duration) bool {
	if r.started {
		r.credit = min(budget, r.credit+budget*(now-r.updated).Seconds())
	}
	r.started, r.updated = true, now
	a := &r.answers[seq%remembered]
	if a.given && a.seq == seq && now-a.at < max(rtt, minRTT) {
		return false
	}
	if r.credit < float64(size) {
		return false
	}
	r.credit -= float64(size)
	*a = answer{given: true, seq: seq, at: now}
	return true
}
