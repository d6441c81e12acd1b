package rtpconn

import (
	"math"
	"slices"
	"time"

	"galene/group/media"
	"galene/rtpconn/allocate"
	"galene/rtpconn/forward"
)

const (
	// usable is the part of the estimate that is given out.
	usable = 0.97
	// leastVideo is what a publisher without layers is never asked to fall
	// below, in bit/s; its picture is left out where not even leastPicture fits,
	// which is what some of its frames take.
	leastVideo, leastPicture = 200_000, 100_000
	// roomToRise is how much more than it sends a publisher without layers may
	// have use for.
	roomToRise = 1.5
	// restingRate is what an encoding is taken for at most that is not being sent,
	// in bit/s.
	restingRate = 3_000_000
	// A picture that went down stays there for minHold, and for twice as long
	// each time that it had to go down again soon after it went up, up to
	// maxHold; or until the line takes betterLine times what it did then.
	minHold, maxHold = 2 * time.Second, 32 * time.Second
	betterLine       = 1.5
	// For carefulTime after a picture had to go down, all of a client go up by no more
	// than riseStep of what it is sent, once in riseInterval: the line is known by a short
	// probe, and a key frame of each of them at once would be too much for it.
	carefulTime, riseInterval = 30 * time.Second, 500 * time.Millisecond
	riseStep                  = 0.25
	// screenLabel is that of shared screens.
	screenLabel = "screenshare"
)

// quality is how good a picture one row gets. The worker's lock guards it.
type quality struct {
	// ceiling is what the subscriber asked for.
	ceiling forward.Target
	// rung is an index into those of the track that the ceiling allows, -1 for
	// nothing.
	rung   int
	reason allocate.Reason
	// share is what the row could get if it alone took what is left of the
	// line, in bit/s; known tells whether that has been found out.
	share float64
	known bool
	// heldUntil is when it may go up again, hold how long the last wait was,
	// raised when it last went up.
	heldUntil, hold, raised time.Duration
	// heldRate is what the line took when it last went down, in bit/s.
	heldRate float64
}

// divide gives each picture of the client its part of the line.
func (l *line) divide(now time.Duration) {
	budget, sound := usable*l.estimator.Rate(now), 0.0
	l.rows, l.streams, l.rates = l.rows[:0], l.streams[:0], l.rates[:0]
	for _, d := range l.downs {
		for _, t := range d.rows {
			if !t.joined || t.up == nil {
				continue
			}
			if t.kind == media.Audio {
				sound += t.soundRate(now)
				continue
			}
			l.add(t, now)
		}
	}
	if len(l.rows) == 0 {
		l.wanted = 0
		return
	}
	budget -= sound
	l.choices, l.wanted = allocate.Divide(max(0, budget), l.rise(now), l.streams, l.choices[:0])
	for i, t := range l.rows {
		c := l.choices[i]
		if !l.estimator.Followed() || l.unprobed > maxUnprobed {
			// If nothing is sent, nothing more is ever learned.
			c.Rung = max(c.Rung, 0)
		}
		t.choose(c, now)
	}
	for i, t := range l.rows {
		s, more := &l.streams[i], 0.0
		single := len(s.Rates) == 1
		if single {
			// It will again send what it did before it was asked for less.
			more = max(0, t.up.encodings[t.up.ladder[0].target.Encoding].layers.peak-s.Rates[0])
		}
		switch {
		case t.resting(), single && l.choices[i].Share < roomToRise*s.Rates[0]:
			// There is no room for a better encoding, so it is not being sent; or a
			// publisher without layers sends about as much as there is room for.
			l.wanted = max(l.wanted+more, min(roomToRise*budget, restingRate))
		case single:
			// It sends more if there is room.
			l.wanted += max(more, (roomToRise-1)*s.Rates[0])
		}
	}
	// That much has to be there for the pictures to get it.
	l.wanted = (allocate.Margin*l.wanted + sound) / usable
}

// rise is what the client's pictures may go up by now, in bit/s.
func (l *line) rise(now time.Duration) float64 {
	switch {
	case len(l.streams) == 1 || !l.careful(now):
		return math.Inf(1)
	case now-l.raised < riseInterval:
		return 0
	}
	return max(1, riseStep*l.average)
}

// careful tells whether a picture had to go down of late because of the line, so that it
// is known to take not much more.
func (l *line) careful(now time.Duration) bool { return l.lowered > 0 && now-l.lowered < carefulTime }

// resting tells whether an encoding that the subscriber asked for is not being
// sent.
func (t *DownTrack) resting() bool {
	n := len(t.up.ladder)
	return n > 0 && t.up.ladder[n-1].target.Encoding > t.quality.ceiling.Encoding
}

// Reason says in a word why a picture that a subscriber gets is no better.
type Reason string

// The reasons.
const (
	// ReasonLine: the line does not take more.
	ReasonLine Reason = "line"
	// ReasonHeld: it had to go down only a while ago.
	ReasonHeld Reason = "held"
	// ReasonTop: it is the best that there is.
	ReasonTop Reason = "top"
	// ReasonAsked: the subscriber asked for no better one.
	ReasonAsked Reason = "asked"
	// ReasonUnsent: the publisher does not send a better one now.
	ReasonUnsent Reason = "unsent"
	// ReasonKeyframe: a better one begins with the next key frame.
	ReasonKeyframe Reason = "keyframe"
)

// reason is why the picture of the row is no better than it is.
func (t *DownTrack) reason() Reason {
	q, ladder := &t.quality, t.up.ladder
	switch {
	case !q.known:
		return ""
	case len(ladder) == 0:
		return ReasonUnsent
	case q.reason == allocate.Line:
		return ReasonLine
	case q.reason == allocate.Held:
		return ReasonHeld
	case t.forwarder.Waiting() || t.forwarder.Lacking():
		return ReasonKeyframe
	case t.resting():
		return ReasonUnsent
	case !allows(t.limit(), ladder[len(ladder)-1]):
		return ReasonAsked
	}
	return ReasonTop
}

// soundRate is what a sound takes on its way to the subscriber with what the network
// adds, in bit/s.
func (t *DownTrack) soundRate(now time.Duration) float64 {
	rate := t.up.soundRate()
	if t.protects(now) {
		rate += float64(t.depth) * (rate - soundOverhead)
	}
	return rate
}

// soundRate is what a sound takes with what the network adds, in bit/s.
func (t *UpTrack) soundRate() float64 {
	rate := soundOverhead
	for _, e := range t.encodings {
		rate += float64(e.meter.bitrate)
	}
	return rate
}

// soundOverhead is what the network adds to a sound of fifty packets a second, in bit/s.
const soundOverhead = 50 * 8.0 * packetOverhead

// add takes a row into account whose rungs have been measured.
func (l *line) add(t *DownTrack, now time.Duration) {
	first, ceiling := len(l.rates), t.limit()
	for _, r := range t.up.ladder {
		if allows(ceiling, r) {
			l.rates = append(l.rates, r.rate)
		}
	}
	rates := l.rates[first:]
	if len(rates) == 0 {
		return
	}
	s := allocate.Stream{
		Priority: allocate.Camera, Rates: rates, Least: rates[0],
		Current: min(t.quality.rung, len(rates)-1),
		Held:    now < t.quality.heldUntil && l.estimator.Rate(now) < betterLine*t.quality.heldRate,
	}
	switch {
	case t.up.conn.options.Label == screenLabel:
		s.Priority = allocate.Screen
	case t.up.conn.speech.speaking(now):
		s.Priority = allocate.Speaker
	}
	if len(t.up.ladder) == 1 {
		s.Least = min(s.Least, leastPicture)
	}
	l.rows, l.streams = append(l.rows, t), append(l.streams, s)
}

// choose gives a row what it has been given.
func (t *DownTrack) choose(c allocate.Choice, now time.Duration) {
	q, l := &t.quality, t.conn.line
	switch {
	case c.Rung < q.rung:
		if now-q.raised < q.hold+minHold {
			q.hold = min(max(2*q.hold, minHold), maxHold)
		} else {
			q.hold = minHold
		}
		q.heldUntil, q.heldRate = now+q.hold, l.estimator.Rate(now)
		if c.Reason == allocate.Line { // and not what the publisher sends
			l.lowered = now
		}
	case c.Rung > q.rung:
		if q.raised = now; q.rung >= 0 {
			l.raised = now
		}
	}
	q.rung, q.reason, q.share, q.known = c.Rung, c.Reason, c.Share, true
	if target := t.targetAt(c.Rung); target != t.target {
		t.switchTo(target, now)
	}
}

// targetAt returns what a rung among those that the row may have means.
func (t *DownTrack) targetAt(index int) forward.Target {
	if index < 0 {
		return forward.Target{Encoding: forward.Nothing}
	}
	ceiling := t.limit()
	target := ceiling
	for _, r := range t.up.ladder {
		if !allows(ceiling, r) {
			continue
		}
		target = r.target
		if index == 0 {
			break
		}
		index--
	}
	target.SID, target.TID = min(target.SID, ceiling.SID), min(target.TID, ceiling.TID)
	return target
}

// limit is what the subscriber asked for, as far as the publisher sends it.
func (t *DownTrack) limit() forward.Target {
	c := t.quality.ceiling
	if c.Encoding >= 0 {
		c.Encoding = t.up.flowing(c.Encoding)
	}
	if c.TID >= lowestThinned {
		c.TID = t.up.encodings[max(0, c.Encoding)].layers.thinned(media.FrameRate(forward.TopLayer - c.TID))
	}
	return c
}

// rungs is how many of the track's rungs the row may have.
func (t *DownTrack) rungs() int {
	n, ceiling := 0, t.limit()
	for _, r := range t.up.ladder {
		if allows(ceiling, r) {
			n++
		}
	}
	return n
}

// flowing returns an encoding, or the lowest that the publisher sends if that one
// is lower still: browsers leave out the lowest ones of a small picture.
func (t *UpTrack) flowing(encoding int) int {
	if len(t.ladder) == 0 {
		return encoding
	}
	return min(encoding, t.ladder[0].target.Encoding)
}

// want changes what the subscriber asks for: it gets at once what its line takes
// of that.
func (t *DownTrack) want(ceiling forward.Target, now time.Duration) {
	q, l := &t.quality, t.conn.line
	if q.ceiling == ceiling {
		return
	}
	q.ceiling = ceiling
	q.heldUntil = 0
	if n := t.rungs(); n > 0 {
		q.rung = min(q.rung, n-1) // the line has nothing to do with that
	}
	l.divide(now)
	if !slices.Contains(l.rows, t) {
		t.switchTo(t.limit(), now) // a sound, or nothing is known yet of what it takes
	}
}
