package bwe

import (
	"time"

	"galene/rtpconn/transportcc"
)

const (
	// heavyLosses is the fraction of packets lost that may be congestion even
	// where queues do not grow: something throws away what is too much.
	heavyLosses = 0.3
	// lossWindow is how many packets a fraction of losses is taken over.
	lossWindow = 100
	// settling is how long packets still leave at the former rate after it has
	// been lowered.
	settling = 200 * time.Millisecond
	// lessSent is the part of what was sent that shows, by what gets lost of it,
	// whether it helps to send less.
	lessSent = 0.85
	// experiment is the part of what is sent that is sent in order to see whether
	// it helps.
	experiment = 0.6
	// hint is how far from what is lost of what is too much to random losses those
	// must be that count as random, as a part of the way.
	hint = 0.35
	// lessThrough is the part of what used to get through of random losses that
	// makes another cause likely.
	lessThrough = 0.7
	// unlikelyRun is how many packets do not arrive in a row while losses are
	// heavy, but once in a thousand times.
	unlikelyRun = 20
	// someLosses is how many packets get lost of what is sent more slowly where
	// that does not help.
	someLosses = 4
	// remembered is for how long after heavy losses it counts what the line
	// carried before them.
	remembered = 10 * time.Second
	// triedAgain is how long it is not tried once more whether the line takes what
	// may have been too much.
	triedAgain = 5 * time.Second
)

// lossCause is what heavy losses come from.
type lossCause uint8

const (
	// noLosses: there are none that are heavy.
	noLosses lossCause = iota
	// unknownCause: the rate has been lowered, to see whether that helps.
	unknownCause
	// randomLosses: as many get lost of little as of much.
	randomLosses
)

// verdict is what a window of losses asks for.
type verdict uint8

const (
	nothingNew verdict = iota
	// slower: less should be sent.
	slower
	// restore: to have sent less did not help.
	restore
	// tooMuch: it did, and what gets through is known.
	tooMuch
	// over: what got lost without a reason does no more; perhapsOver: it does not,
	// or less is no longer too much.
	over
	perhapsOver
)

// window is what became of some packets: fraction got lost of what was sent, in
// bit/s.
type window struct{ fraction, sent float64 }

// through is what got through, in bit/s.
func (w window) through() float64 { return (1 - w.fraction) * w.sent }

// heavy finds out what heavy losses come from: whoever throws away what is too
// much throws away nothing more once less is sent, and a bad radio link does.
type heavy struct {
	cause lossCause
	// lost and counted are of the current window, in packets.
	lost, counted int
	// run is how many packets have arrived since one was lost.
	run int
	// bytes are those of the window, sent from first to last.
	bytes       int
	first, last time.Duration
	// latest is the window before, reference the one that the following ones
	// are compared with.
	latest, reference window
	// lowered is when the rate was lowered; what had been sent before, or was
	// already under way, says nothing about whether that helped.
	lowered time.Duration
	// experiments is how often less has been sent since losses became heavy.
	experiments int
	// carried is what the line took before losses became heavy, and held what is
	// sent while they are, in bit/s; both are 0 if nothing is known, or the line
	// is known to take less.
	carried, held float64
	// ended is when losses were last heavy.
	ended time.Duration
	// tried is when it was last tried whether the line takes it again although
	// losses had ended with less being sent.
	tried time.Duration
}

// add takes what became of packets. What was only overtaken is not lost, so a
// window is judged when the next feedback has told what came late.
func (h *heavy) add(results []transportcc.Result, now time.Duration) verdict {
	for i := range results {
		if results[i].Late && h.lost > 0 {
			h.lost--
		}
	}
	v, whole := nothingNew, h.counted >= lossWindow
	if whole {
		h.latest = window{float64(h.lost) / float64(h.counted), float64(8*h.bytes) / max(h.last-h.first, time.Millisecond).Seconds()}
		v = h.judge(h.latest)
	}
	if v == nothingNew && h.cause != noLosses && h.run >= unlikelyRun {
		v, whole = over, true
	}
	if v == over {
		v = h.end(now)
	}
	if whole {
		h.lost, h.counted, h.bytes = 0, 0, 0
	}
	for i := range results {
		if r := &results[i]; !r.Late && (h.cause == noLosses || r.Sent >= h.lowered+settling) {
			h.count(r)
		}
	}
	if h.cause == noLosses && now-h.ended > remembered {
		h.thinner()
	}
	return v
}

func (h *heavy) count(r *transportcc.Result) {
	if h.counted == 0 {
		h.first = r.Sent
	}
	h.last = max(h.last, r.Sent)
	h.counted++
	h.bytes += r.Size
	h.run++
	if !r.Received {
		h.lost++
		h.run = 0
	}
}

// judge compares a window with the one before less was sent. If what was too
// much is thrown away, just as much gets through as did then; of random losses
// it is the same part. The first window of losses may be half of what was before
// them, so it is compared with nothing.
func (h *heavy) judge(w window) verdict {
	before := h.reference
	switch h.cause {
	case noLosses:
		if w.fraction > heavyLosses {
			return slower
		}
	case unknownCause:
		policed := max(0, 1-before.through()/w.sent)
		tells := h.experiments > 1 && w.sent < lessSent*before.sent
		switch {
		case tells && w.fraction > policed+hint*(before.fraction-policed):
			h.cause, h.reference = randomLosses, w
			return restore
		case tells:
			h.cause = noLosses
			h.thinner()
			return tooMuch
		case w.fraction > heavyLosses:
			return slower
		}
		return over
	case randomLosses:
		switch {
		case 1-w.fraction < lessThrough*(1-before.fraction):
			return slower
		case w.fraction < before.fraction/2:
			return over
		}
	}
	return nothingNew
}

// end takes note that losses are not heavy any more. If that is because less is
// sent, what was too much a moment ago is not to be tried again and again.
func (h *heavy) end(now time.Duration) verdict {
	doubt := h.cause == unknownCause && h.lost < someLosses
	h.cause, h.ended = noLosses, now
	switch {
	case doubt && h.tried != 0 && now-h.tried < triedAgain:
		h.thinner()
		return nothingNew
	case doubt:
		h.tried = now
		return perhapsOver
	}
	return over
}

// slow returns the rate that is to be sent at because of losses, and takes note
// of the present one and what is known to get through; all are in bit/s.
func (h *heavy) slow(from, through float64, now time.Duration) float64 {
	if h.cause == noLosses {
		h.carried, h.experiments = max(h.carried, from), 0
	}
	h.experiments++
	h.cause, h.reference, h.lowered, h.run = unknownCause, h.latest, now, 0
	to := max(through, h.latest.through())
	switch {
	case h.experiments == 1:
		h.held = max(h.held, min(from, to))
	case h.experiments == 2:
		// That much less tells enough.
		to = max(to, experiment*h.latest.sent)
	default:
		// It had helped, or it had not been less.
	}
	return min(from, to)
}

// thinner forgets what the line has carried: it takes less now.
func (h *heavy) thinner() { h.carried, h.held = 0, 0 }
