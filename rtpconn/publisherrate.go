package rtpconn

import (
	"slices"
	"time"

	"galene/group/media"

	"github.com/pion/rtcp"
)

const (
	// unwatched is what a publisher is asked for of a picture that nobody
	// gets, in bit/s: enough to keep the lowest encoding going.
	unwatched = 204_800
	// headroom is what layers are asked for beyond what is wanted, so that they
	// can rise.
	headroom = 1.25
	// besides is what is left for everything else while only the lowest encoding is
	// asked for, in bit/s: browsers take sound, and what the network adds, from what
	// they are asked for.
	besides = 100_000
	// stereo is what browsers keep for Opus in stereo, with what the network adds,
	// in bit/s.
	stereo = 105_000
	// lossyUplink is the fraction of packets lost from which on a publisher is not
	// asked for less: browsers do not send more again while that much gets lost.
	lossyUplink = 0.08
	// limitInterval is how often it is looked whether the publisher has to be asked
	// for something else, farBelow how much else that has to be.
	limitInterval, farBelow = 100 * time.Millisecond, 0.85
	// maxPublisherRate bounds what is asked for, in bit/s.
	maxPublisherRate = 1 << 30
)

// limit tells the publisher how much is of use to its subscribers
// (draft-alvestrand-rmcat-remb-03), nil if it does not listen to that. What its
// uplink takes it finds out by itself.
func (u *UpConn) limit() rtcp.Packet {
	sum, ok := u.usefulRate()
	if !ok {
		return nil
	}
	var sources []uint32
	for _, t := range u.sources {
		for _, e := range t.encodings {
			if e.known && t.format.remb {
				sources = append(sources, e.ssrc)
			}
		}
	}
	u.limited = sum
	return &rtcp.ReceiverEstimatedMaximumBitrate{SenderSSRC: u.ssrc, Bitrate: float32(sum), SSRCs: sources}
}

// usefulRate is how many bits a second of the publisher's pictures are of use, and of
// the sounds beside them; ok is false if it does not listen to that, or sends nothing
// yet.
func (u *UpConn) usefulRate() (sum float64, ok bool) {
	sound := u.soundReserve()
	for _, t := range u.sources {
		if t.format == nil || !t.format.remb {
			continue
		}
		of := t.useful(sound, u.engine.now())
		t.flow.asked = of.picture
		sum += of.rate
		if of.plain {
			sound = 0 // it is in that
		}
		ok = ok || slices.ContainsFunc(t.encodings, func(e *encoding) bool { return e.known })
	}
	return min(sum, maxPublisherRate), ok
}

// outdated tells whether what the publisher was asked for is far from what is of
// use now: it is told at once then, since what it sends beyond that waits on
// somebody's line.
func (u *UpConn) outdated(now time.Duration) bool {
	if now < u.nextLimit || u.limited == 0 {
		return false
	}
	u.nextLimit = now + limitInterval
	sum, ok := u.usefulRate()
	return ok && (sum < farBelow*u.limited || sum > u.limited/farBelow)
}

// use is how much of a picture is of use, in bit/s.
type use struct {
	// rate is what its publisher is to be asked for. plain is set where the sounds are in
	// that.
	rate  float64
	plain bool
	// picture is what subscribers have use for, whatever its uplink takes; 0 while nobody
	// has said so.
	picture float64
}

// useful is how much of a picture is of use: with layers what the best served
// subscriber can take, and the encodings below that, without them what the slowest can
// beside the publisher's sounds, and those. While only the lowest encoding is forwarded,
// that is all; and while the only one queues on its publisher's uplink, what comes of
// it, where a REMB is all that can tell so.
func (t *UpTrack) useful(sound float64, now time.Duration) use {
	layered := len(t.ladder) > 1 || len(t.encodings) > 1
	best, slowest, known := 0.0, float64(maxPublisherRate), false
	for _, d := range t.rows {
		if !d.quality.known {
			continue
		}
		share := d.quality.share
		known = true
		best = max(best, headroom*min(share, t.most(d))+t.below(d))
		slowest = min(slowest, share)
	}
	var of use
	switch {
	case len(t.rows) == 0:
		return use{rate: unwatched}
	case !known:
		return use{rate: maxPublisherRate}
	case layered:
		best = max(best, headroom*t.resumable())
		of.picture = max(best, unwatched)
		if n := len(t.ladder); n > 0 && now < t.encodings[0].starvedUntil && t.lossRate() < lossyUplink {
			best = min(best, headroom*t.ladder[n-1].rate+besides)
		}
		of.rate = max(best, unwatched)
	default:
		of.rate, of.plain = max(slowest+sound, leastVideo), true
		of.picture = of.rate - sound
	}
	if u := &t.conn.uplink; len(t.encodings) == 1 && t.conn.options.OnUplink == nil && u.told > 0 && t.lossRate() < lossyUplink {
		of.rate = min(of.rate, gentleRate*u.told+sound)
	}
	return of
}

// soundReserve is what browsers keep for the sounds beside their pictures, in bit/s,
// of what they are asked for: of those only that they number like the pictures, and
// what two channels of Opus may take, whether these do or not.
func (u *UpConn) soundReserve() float64 {
	sum := 0.0
	for _, t := range u.sources {
		if t.kind == media.Audio && t.formats[0].transportCC {
			sum += max(stereo, t.soundRate())
		}
	}
	return sum
}

// resumable is what all encodings of a picture took when they were last sent, in
// bit/s, of a publisher that is told which of them are of use: browsers take long to
// find out that they may send what they were not asked for meanwhile.
func (t *UpTrack) resumable() float64 {
	if t.conn.options.OnEncodings == nil || len(t.encodings) == 1 || t.conn.options.Label == screenLabel {
		return 0
	}
	sum := 0.0
	for _, e := range t.encodings {
		sum += e.layers.peak
	}
	return sum
}

// below is what the encodings take, in bit/s, that are sent besides the one that a
// subscriber has use for: they are served first.
func (t *UpTrack) below(d *DownTrack) float64 {
	sum := 0.0
	for i := len(t.encodings) - 1; i > max(0, d.quality.ceiling.Encoding); i-- {
		m := &t.encodings[i].layers
		if !m.active {
			continue
		}
		rate := m.rate(m.top)
		if rate > d.quality.share {
			break
		}
		sum += rate
	}
	return sum
}

// most is the most that a subscriber has use for who does not want the best
// encoding: what leads to it not being sent if nobody else does.
func (t *UpTrack) most(d *DownTrack) float64 {
	top := 0.0
	for _, r := range t.ladder {
		if !allows(d.limit(), r) {
			return top
		}
		top = r.rate
	}
	return maxPublisherRate
}
