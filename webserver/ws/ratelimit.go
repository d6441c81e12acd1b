package ws

import "time"

const (
	// rateBurst is how many messages a client may send at once.
	rateBurst = 500
	// rateInterval is the time between messages that a client may keep up for
	// long.
	rateInterval = time.Second / 50
	// spreadRate is how many bytes a second a client may have each of the others
	// sent for long, and as much as ten seconds make at once: far less than a
	// queue holds of those whose line is thin.
	spreadRate = 256 << 10
)

// rateLimit says how fast to read from a client: what comes faster than it may
// is not refused, it is read later.
type rateLimit struct {
	// next is when the allowance will be full again.
	next time.Time
}

func newRateLimit(now time.Time) rateLimit { return rateLimit{next: now} }

// take counts one message, and so many bytes that each of the others has been sent
// since the last one, and returns how long to wait before the next.
func (l *rateLimit) take(now time.Time, spread int64) time.Duration {
	if l.next.Before(now) {
		l.next = now
	}
	l.next = l.next.Add(max(rateInterval, time.Duration(spread)*time.Second/spreadRate))
	return max(0, l.next.Sub(now)-rateBurst*rateInterval)
}
