package rtpconn

import (
	"time"

	"galene/group/media"
)

// drainingRate is the part of what arrives that a publisher is told to send, so
// that what waits on its uplink drains.
const drainingRate = 0.8

// gentleRate is the part of that which is asked of one who does not know of such a
// message: nothing but lower rates can be asked of it, and an encoder takes a while to
// come down to them, where others send fewer pictures at once.
const gentleRate = 0.6

// uplinkRate is what a publisher has been told that its uplink takes. It finds that
// out by itself, but only after what it sends meanwhile has waited for a second or
// been lost. The worker's lock guards it.
type uplinkRate struct {
	// told is in bit/s, 0 if it was told nothing, or that this is over.
	told float64
	// until is when that ends.
	until time.Duration
}

// noteUplink has the publisher of pictures in one encoding, who cannot fall back to
// a lower one, told what its uplink takes as soon as they queue there.
func (u *UpConn) noteUplink(now time.Duration) {
	rate := 0.0
	for _, t := range u.sources {
		if r, ok := t.uplinkRate(now); ok && (rate == 0 || r < rate) {
			rate = r
		}
	}
	s := &u.uplink
	if rate > 0 {
		s.until = now + fallback
	}
	switch {
	case rate > 0 && (s.told == 0 || rate < farBelow*s.told):
		s.told = rate
	case s.told > 0 && now >= s.until:
		s.told = 0
	default:
		return
	}
	u.nextLimit = now // who is not told is asked for less
	if u.options.OnUplink == nil {
		return
	}
	told := int(s.told)
	u.mu.Lock()
	defer u.mu.Unlock()
	if !u.ended {
		u.takes = &told
		time.AfterFunc(0, u.tellPublisher) // whoever is told must not be called from the packet path
	}
}

// uplinkRate is what is to be sent of a picture in one encoding while it queues on
// its publisher's uplink, in bit/s; ok is false if it does not.
func (t *UpTrack) uplinkRate(now time.Duration) (rate float64, ok bool) {
	if t.kind != media.Video || len(t.encodings) != 1 {
		return 0, false
	}
	e := t.encodings[0]
	if !e.known || now-e.lag.heard >= flowInterval {
		return 0, false
	}
	line, ok := t.flow.queues(e.lag.latest())
	return max(drainingRate*line, leastPicture), ok
}
