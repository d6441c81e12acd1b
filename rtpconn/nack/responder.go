package nack

import "time"

const (
	// remembered is how many answers are remembered: more than are on their way
	// at once on a line that is of any use, and all packets of a key frame.
	remembered = 128
	// unlimited is the rate of a Budget at first, in bytes a second, and what may
	// be spent at once then: several times what loss at the edge of usefulness
	// costs a good video.
	unlimited = 512 << 10
	// minCredit is what may be sent again at once in any case, in bytes.
	minCredit = 4000
	// minRTT bounds the time within which a repeated request is for an answer
	// that is still on its way.
	minRTT = 10 * time.Millisecond
)

// Budget bounds what is sent again, of one track or of several that share a line, so
// that nobody can have us send without end. The zero value is full.
type Budget struct {
	// rate is in bytes a second, most what may be sent at once; both are 0 as long
	// as there is no limit of the line.
	rate, most float64
	// spent is in bytes, of what may be sent at once.
	spent   float64
	updated time.Duration
}

// Limit sets the rate, in bytes a second. A tenth of a second's may be spent
// at once, and always some packets.
func (b *Budget) Limit(rate float64) { b.rate, b.most = rate, max(rate/10, minCredit) }

// spend takes so many bytes, or tells that there are not as many.
func (b *Budget) spend(size int, now time.Duration) bool {
	rate, most := b.rate, b.most
	if most == 0 {
		rate, most = unlimited, unlimited
	}
	b.spent = min(most, max(0, b.spent-rate*(now-b.updated).Seconds()))
	b.updated = now
	if b.spent+float64(size) > most {
		return false
	}
	b.spent += float64(size)
	return true
}

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
