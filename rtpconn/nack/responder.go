package nack

import "time"

const (
	// recent is the number of answers that are remembered.
	recent = 512
	// minSuppression and maxSuppression bound the time for which a second
	// request is taken for a duplicate.
	minSuppression = 5 * time.Millisecond
	maxSuppression = 200 * time.Millisecond
)

// answer is a packet that was sent again.
type answer struct {
	sequence uint16
	given    bool
	at       time.Duration
}

// Responder decides which of a subscriber's requests for one track are
// answered: each packet once in a round trip, and no more bytes than a budget
// allows, so that a subscriber on a bad line, or a malicious one, does not
// multiply what it is sent.
type Responder struct {
	// rate is in bytes a second, burst in bytes.
	rate, burst int64
	// credit is in bytes, times a second.
	credit  int64
	updated time.Duration
	answers [recent]answer
}

// NewResponder returns a Responder that allows a number of bytes a second, on
// average, and burst bytes at once.
func NewResponder(rate, burst int) *Responder {
	r := &Responder{rate: int64(rate), burst: int64(burst)}
	r.credit = r.burst * int64(time.Second)
	return r
}

// SetRate changes the bytes a second.
func (r *Responder) SetRate(rate int, now time.Duration) {
	r.refill(now)
	r.rate = int64(rate)
}

// Allow tells whether the packet with that number, of size bytes, is to be sent
// again now, and takes note of it.
func (r *Responder) Allow(sequence uint16, size int, now, rtt time.Duration) bool {
	r.refill(now)
	a := &r.answers[sequence%recent]
	// A receiver asks again after a round trip, as it measures it: suppress
	// for a little less.
	wait := min(max(rtt*3/4, minSuppression), maxSuppression)
	if a.given && a.sequence == sequence && now-a.at < wait {
		return false
	}
	cost := int64(size) * int64(time.Second)
	if r.credit < cost {
		return false
	}
	r.credit -= cost
	*a = answer{sequence: sequence, given: true, at: now}
	return true
}

func (r *Responder) refill(now time.Duration) {
	elapsed := min(max(now-r.updated, 0), time.Minute)
	r.updated = now
	r.credit = min(r.credit+int64(elapsed)*r.rate, r.burst*int64(time.Second))
}
