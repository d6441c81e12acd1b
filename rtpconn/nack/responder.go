package nack

import "time"

const (
	// remembered is how many answers are remembered: more than are on their way
	// at once on a line that is of any use, and all packets of a key frame.
	remembered = 128
	// minRTT bounds the time within which a repeated request is for an answer
	// that is still on its way.
	minRTT = 10 * time.Millisecond
)

// Responder decides which requests of one subscriber for one track are
// answered: not those whose answer is on its way already, and not more than a
// Budget. The zero value is ready.
type Responder struct {
	// answers are there once something was asked for: on a good line nothing is.
	answers []answer
}

type answer struct {
	at    time.Duration
	seq   uint16
	given bool
}

// Allow tells whether to answer a request for the packet seq of the given size
// in bytes, and counts it as answered if so. rtt is the round-trip time to the
// subscriber.
func (r *Responder) Allow(seq uint16, size int, b *Budget, now, rtt time.Duration) bool {
	if r.Pending(seq, now, rtt) || !b.spend(size, now) {
		return false
	}
	if r.answers == nil {
		r.answers = make([]answer, remembered)
	}
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
