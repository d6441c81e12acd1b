package rtpconn

import (
	"cmp"
	"time"

	"galene/group/media"
	"galene/rtpconn/nack"
	"galene/rtpconn/packetcache"
)

const (
	// frequentLoss is the fraction of packets lost above which what is asked for is
	// sent three times instead of twice: of two, both get lost once in a while, and
	// the picture stops until it is asked for again.
	frequentLoss = 0.015
	// tooLate is the age, beyond what a packet waits on the way, at which a picture
	// rather begins anew than have the rest of it sent again in small portions.
	tooLate = 300 * time.Millisecond
)

// resend answers a request for one lost packet from the publisher's cache. A
// packet that is not there is being asked for upstream, if its publisher takes
// NACKs and it is not too old, and goes to everybody when it comes. Where that
// will not happen, a picture has to begin anew: the subscriber would find out only
// after having asked in vain for seconds.
func (t *DownTrack) resend(seq uint16, now time.Duration) {
	if t.superseded(seq) && t.conn.line.congested {
		return // not worth what it takes any more
	}
	p, h, ok := t.earlier(seq)
	if !ok {
		if t.lostForGood(seq) {
			t.beginAnew(seq, now)
		}
		return
	}
	rtt, queue := cmp.Or(t.rtt, t.conn.reportedRTT(), defaultRTT), t.conn.line.estimator.Queue(now)
	late := now-p.Arrival > rtt+queue+tooLate
	// Reports tell late of a queue: the answer to what is asked for once more is still in it.
	rtt = max(rtt, queue)
	times := t.repairTimes()
	if !t.responder.Allow(seq, times*len(p.Body), t.repairBudget(), now, rtt) {
		if late && !t.responder.Pending(seq, now, rtt) {
			t.beginAnew(seq, now)
		}
		return
	}
	if t.repair == noCompanion {
		t.sendAgain(p, h)
		return
	}
	for range times {
		t.sendRepair(p, h)
	}
}

// repairBudget is what may be sent again: pictures share that of their line, each sound
// has its own, which is little, so that no picture is in its way.
func (t *DownTrack) repairBudget() *nack.Budget {
	if t.kind == media.Video {
		return &t.conn.line.repairs
	}
	return &t.repairs
}

// repairTimes is how often a packet is sent when it is asked for: what is sent
// again is as likely as any to get lost, and to wait for it once more is to see the
// picture stop. Where there is room that costs next to nothing: a line that loses
// little has little sent again.
func (t *DownTrack) repairTimes() int {
	l := t.conn.line
	switch {
	case t.repair == noCompanion || !l.roomy:
		return 1
	case l.estimator.Loss() > frequentLoss:
		return 3
	}
	return 2
}

// superseded tells whether a key frame has begun after a packet.
func (t *DownTrack) superseded(seq uint16) bool {
	return t.hasKeyframe && int16(seq-t.keyframe) < 0
}

// lostForGood tells whether a packet that is not in the publisher's cache never
// will be (again).
func (t *DownTrack) lostForGood(seq uint16) bool {
	source, ok := t.forwarder.Source(seq)
	if !ok || source.Encoding >= len(t.up.encodings) || source.Encoding != t.target.Encoding {
		return false // or its encoding is being left, with a key frame of another one
	}
	e := t.up.encodings[source.Encoding]
	if e.cache == nil {
		return false
	}
	switch e.cache.Where(source.SequenceNumber) {
	case packetcache.Gone:
		return true
	case packetcache.Missing:
		// Of what came in its place without it, only higher layers in time do
		// without; whether it was of those nobody can tell.
		return e.layers.top.TID == 0 && !e.losses.Wants(source.SequenceNumber)
	}
	return false
}

// beginAnew asks for a key frame, unless one has begun after the packet that is
// lost.
func (t *DownTrack) beginAnew(lost uint16, now time.Duration) {
	if t.kind == media.Video && !t.superseded(lost) {
		t.requestKeyframe(now)
	}
}
