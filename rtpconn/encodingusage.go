package rtpconn

import (
	"slices"
	"time"
)

// usagePatience is how long an encoding has to have been of no use before the
// publisher hears of it: who turns a page may turn it back.
const usagePatience = 3 * time.Second

// encodingUsage is which encodings of a stream anybody has use for, as far as
// its publisher has been told. The worker's lock guards it.
type encodingUsage struct {
	// told are the rids that were named last; nil before the first time.
	told []string
	// lessSince is since when fewer would do; 0 if that is not so.
	lessSince time.Duration
	// scratch is used again each time.
	scratch []string
}

// noteUsage has the publisher told which of its encodings are of use: of more at
// once, of fewer after a while.
func (u *UpConn) noteUsage(now time.Duration) {
	if u.options.OnEncodings == nil {
		return
	}
	s := &u.usage
	s.scratch = s.scratch[:0]
	starved := false
	for _, t := range u.sources {
		if len(t.encodings) > 1 && len(t.ladder) > 0 {
			best := t.bestWanted()
			for best < len(t.encodings)-1 && now < t.encodings[best].starvedUntil {
				best, starved = best+1, true
			}
			for best < len(t.encodings)-1 && t.tooMuch(best, slices.Contains(s.told, t.source.RIDs[best])) {
				best++
			}
			s.scratch = append(s.scratch, t.source.RIDs[best:]...)
		}
	}
	if len(s.scratch) == 0 || slices.Equal(s.scratch, s.told) {
		s.lessSince = 0
		return
	}
	more := slices.ContainsFunc(s.scratch, func(rid string) bool { return !slices.Contains(s.told, rid) })
	if !more && !starved && s.lessSince == 0 {
		s.lessSince = now
	}
	if !more && !starved && now-s.lessSince < usagePatience {
		return
	}
	s.lessSince = 0
	s.told = slices.Clone(s.scratch)
	u.mu.Lock()
	defer u.mu.Unlock()
	if !u.ended {
		u.useful = s.told
		time.AfterFunc(0, u.tellPublisher) // whoever is told must not be called from the packet path
	}
}

// tellPublisher calls OnEncodings and OnUplink, one call at a time and not again with
// what they were called with last.
func (u *UpConn) tellPublisher() {
	u.telling.Lock()
	defer u.telling.Unlock()
	u.mu.Lock()
	rids, takes := u.useful, u.takes
	u.useful, u.takes = nil, nil
	ended := u.ended
	u.mu.Unlock()
	if ended {
		return
	}
	if rids != nil {
		u.options.OnEncodings(rids)
	}
	if takes != nil {
		u.options.OnUplink(*takes)
	}
}

// bestWanted is the best encoding that a subscriber may be sent, the last one if
// there is no subscriber.
func (t *UpTrack) bestWanted() int {
	best := len(t.encodings) - 1
	for _, d := range t.rows {
		best = min(best, max(0, d.quality.ceiling.Encoding))
	}
	return t.flowing(best)
}

// tooMuch tells whether an encoding is more than the line takes of any subscriber who
// wants it, going by what it took when it was sent; of one that is sent now, by far
// more. What a shared screen takes says nothing of what it will take.
func (t *UpTrack) tooMuch(encoding int, sent bool) bool {
	if len(t.rows) == 0 || t.conn.options.Label == screenLabel {
		return false
	}
	room := headroom
	if sent {
		room *= headroom
	}
	for _, d := range t.rows {
		q := &d.quality
		if q.ceiling.Encoding <= encoding && (!q.known || room*q.share >= t.encodings[encoding].layers.least) {
			return false
		}
	}
	return true
}
