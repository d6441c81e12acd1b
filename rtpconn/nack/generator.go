// Package nack decides which lost packets to ask a publisher for, and which
// requests of a subscriber to answer.
//
// A Generator follows the sequence numbers of one encoding; a Responder the
// requests of one subscriber for one track. Both take the time as an argument,
// know no packet and send nothing; both belong to one goroutine at a time, are
// of fixed size, and allocate nothing after they have been made.
package nack

import (
	"slices"
	"time"
)

const (
	// maxMissing bounds the packets asked for at one time; beyond it the
	// oldest are given up.
	maxMissing = 512
	// maxJump is the step of sequence numbers beyond which the publisher has
	// started anew, and nothing is missing.
	maxJump = 4096
	// maxWanted is how far back a subscriber's wish may lie, in packets.
	maxWanted = 1024
	// minInterval and maxInterval bound the time between two requests for one
	// packet.
	minInterval = 20 * time.Millisecond
	maxInterval = 300 * time.Millisecond
)

// Options tune a Generator. Zero values stand for the defaults.
type Options struct {
	// Delay is how long a packet may be late before it is asked for; 10 ms.
	Delay time.Duration
	// Attempts is how often a packet is asked for; 10. With one packet in
	// twenty lost in each direction, one loss in 10^10 remains.
	Attempts int
	// Deadline is how long after its loss a packet is still asked for; 1.5 s,
	// which is how long browsers keep what they have sent.
	Deadline time.Duration
}

// loss is a packet that has not arrived.
type loss struct {
	sequence uint16
	attempts int
	since    time.Duration
	next     time.Duration // the earliest time of the next request
}

// Generator knows what is missing of one encoding.
type Generator struct {
	options Options
	missing []loss // in the order of sequence numbers
	highest uint16
	started bool
}

// NewGenerator returns a Generator that has seen nothing.
func NewGenerator(o Options) *Generator {
	if o.Delay == 0 {
		o.Delay = 10 * time.Millisecond
	}
	if o.Attempts == 0 {
		o.Attempts = 10
	}
	if o.Deadline == 0 {
		o.Deadline = 1500 * time.Millisecond
	}
	return &Generator{options: o, missing: make([]loss, 0, maxMissing)}
}

// Received takes note of a packet: it is not missing, and those between it and
// the highest one before are.
func (g *Generator) Received(sequence uint16, now time.Duration) {
	ahead := int16(sequence - g.highest)
	switch {
	case !g.started || ahead > maxJump || ahead < -maxJump:
		g.started = true
		g.missing = g.missing[:0]
		g.highest = sequence
	case ahead > 0:
		first := g.highest + 1
		if ahead > maxMissing {
			first = sequence - maxMissing
		}
		if excess := len(g.missing) + int(sequence-first) - maxMissing; excess > 0 {
			g.missing = slices.Delete(g.missing, 0, min(excess, len(g.missing)))
		}
		for s := first; s != sequence; s++ {
			g.missing = append(g.missing, loss{sequence: s, since: now, next: now + g.options.Delay})
		}
		g.highest = sequence
	default:
		if i, ok := g.find(sequence); ok {
			g.missing = slices.Delete(g.missing, i, i+1)
		}
	}
}

// Wanted adds a packet that a subscriber has asked for and that nobody has. It
// is asked for even if it had been given up, at once.
func (g *Generator) Wanted(sequence uint16, now time.Duration) {
	if !g.started || g.highest-sequence > maxWanted || sequence == g.highest {
		return
	}
	i, ok := g.find(sequence)
	if ok || len(g.missing) == maxMissing {
		return
	}
	g.missing = slices.Insert(g.missing, i, loss{sequence: sequence, since: now, next: now})
}

// Due appends to dst the packets that are to be asked for now, in the order of
// sequence numbers, and counts that as a request. Each packet is asked for
// again after a round trip, rtt, until it arrives or is given up.
func (g *Generator) Due(now, rtt time.Duration, dst []uint16) []uint16 {
	// The answer needs a round trip; a little more lets it be late.
	interval := min(max(rtt+rtt/4, minInterval), maxInterval)
	kept := g.missing[:0]
	for _, l := range g.missing {
		if now-l.since > g.options.Deadline || l.attempts >= g.options.Attempts && now >= l.next {
			continue
		}
		if now >= l.next {
			dst = append(dst, l.sequence)
			l.attempts++
			l.next = now + interval
		}
		kept = append(kept, l)
	}
	g.missing = kept
	return dst
}

// Keyframe gives up what is missing from before a key frame, whose first packet
// has that number: pictures after it do not need it.
func (g *Generator) Keyframe(sequence uint16) {
	i, _ := g.find(sequence)
	g.missing = slices.Delete(g.missing, 0, i)
}

// Missing is the number of packets that may still be asked for.
func (g *Generator) Missing() int { return len(g.missing) }

// find returns the place of a number among the missing.
func (g *Generator) find(sequence uint16) (int, bool) {
	return slices.BinarySearchFunc(g.missing, sequence, func(l loss, s uint16) int {
		return int(int16(l.sequence - s))
	})
}
