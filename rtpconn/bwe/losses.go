package bwe

import "time"

const (
	// FirstRate is what is sent to a client that tells nothing, in bit/s.
	FirstRate = 512_000
	// minRate and maxRate bound every estimate, in bit/s.
	minRate, maxRate = 9_600, 1 << 30
	// fewLosses lets the rate grow, manyLosses makes it fall; fractions.
	fewLosses, manyLosses = 5.0 / 256, 25.0 / 256
	// lossRise is the growth of the rate for a report with few losses.
	lossRise = 269.0 / 256
	// Silence is how long reports and REMB count.
	Silence = 30 * time.Second
)

// losses is an estimate from the losses that receiver reports tell of.
type losses struct {
	rate float64 // bit/s
	last time.Duration
	any  bool
}

// report takes the fraction of packets lost since the last report, 0 to 1, and
// what is being sent, in bit/s.
func (l *losses) report(fraction, sent float64, now time.Duration) {
	if !l.any || now-l.last > Silence {
		l.rate = FirstRate
	}
	l.any, l.last = true, now
	switch {
	case fraction < fewLosses:
		if sent >= 0.75*l.rate {
			l.rate *= lossRise
		}
	case fraction > manyLosses:
		l.rate *= 1 - fraction/2
	}
	l.rate = min(max(l.rate, minRate), maxRate)
}

// estimate returns what losses allow, FirstRate while nothing is known.
func (l *losses) estimate(now time.Duration) float64 {
	if !l.any || now-l.last > Silence {
		return FirstRate
	}
	return l.rate
}
