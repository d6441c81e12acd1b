package nack

import "time"

const (
	// unlimited is the rate of a Budget at first, in bytes a second, and what may
	// be spent at once then: several times what loss at the edge of usefulness
	// costs a good video.
	unlimited = 512 << 10
	// minCredit is what may be sent again at once in any case, in bytes.
	minCredit = 4000
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
