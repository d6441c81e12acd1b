package packetcache

import (
	"time"

	"github.com/pion/rtcp"
)

const (
	// maxDropout is the step of sequence numbers that is taken for loss (RFC
	// 3550, appendix A.1); maxMisorder the same backwards.
	maxDropout  = 3000
	maxMisorder = 1000
	// The total of packets lost is a signed number of 24 bits.
	maxLost, minLost = 1<<23 - 1, -1 << 23
	// maxDelay is the longest time that 32 bits hold in units of 1/65536 s.
	maxDelay = (1<<32 - 1) * time.Second >> 16
	// maxDeviation is by how much later or earlier than the one before a packet may
	// have come for that to be jitter, and not a jump of the publisher's timestamps.
	maxDeviation = 5 // seconds
)

// Reception counts what arrives of one source, for receiver reports (RFC 3550,
// section 6.4.1 and appendix A).
type Reception struct {
	clockRate uint32
	started   bool
	// base and highest are sequence numbers with their cycles in front.
	base, highest uint32
	// suspect is the number that would confirm a restart.
	suspect   uint16
	suspected bool
	received  uint32
	requested uint32
	// Those as of the last report.
	expectedBefore, receivedBefore uint32
	// lostInInterval is what the last report found missing.
	lostInInterval uint32

	transit uint32
	timed   bool
	jitter  uint32 // in timestamp units, times 16
}

// NewReception returns a Reception of a source with the given timestamp units a
// second, of which there must be some.
func NewReception(clockRate uint32) *Reception { return &Reception{clockRate: clockRate} }

// Received counts a packet that arrived at the given time. A duplicate must not
// be counted. Retransmissions do not weigh on the jitter.
func (r *Reception) Received(sequence uint16, timestamp uint32, arrival time.Duration) {
	ahead := int16(sequence - uint16(r.highest))
	switch {
	case !r.started:
		r.restart(sequence)
	case ahead > 0 && ahead < maxDropout:
		r.highest += uint32(ahead)
		r.suspected = false
		r.time(timestamp, arrival)
	case ahead <= 0 && ahead > -maxMisorder:
		// Late, or sent again.
	case r.suspected && sequence == r.suspect:
		r.restart(sequence)
	default:
		// Two of these in a row are a source that has started anew.
		r.suspect, r.suspected = sequence+1, true
		return
	}
	r.received++
}

func (r *Reception) restart(sequence uint16) {
	*r = Reception{clockRate: r.clockRate, started: true, jitter: r.jitter}
	// The cycles begin at one, so that a packet older than the first does not
	// lead below zero.
	r.base = 1<<16 | uint32(sequence)
	r.highest = r.base
}

// time is appendix A.8.
func (r *Reception) time(timestamp uint32, arrival time.Duration) {
	transit := uint32(int64(arrival)/1000*int64(r.clockRate)/1000_000) - timestamp
	if r.timed {
		d := int32(transit - r.transit)
		if d < 0 {
			d = -d
		}
		if uint32(d) <= maxDeviation*r.clockRate {
			r.jitter += uint32(d) - (r.jitter+8)>>4
		}
	}
	r.transit, r.timed = transit, true
}

// Requested counts n packets that were asked for again: each is one more packet
// expected, so that the publisher learns of losses that were made good.
func (r *Reception) Requested(n int) { r.requested += uint32(n) }

// Jitter is the deviation of the arrival times.
func (r *Reception) Jitter() time.Duration {
	return time.Duration(r.jitter>>4) * time.Second / time.Duration(r.clockRate)
}

// LostInInterval is the number of packets that were missing in the interval of
// the last report, whether or not they came in the end.
func (r *Reception) LostInInterval() uint32 { return r.lostInInterval }

// Report returns the report block for the source, and begins the next interval.
// ok is false where nothing has arrived yet. lastSR is the middle of the NTP
// time of the last sender report, 0 where there was none, and sinceSR the time
// since it arrived.
func (r *Reception) Report(ssrc, lastSR uint32, sinceSR time.Duration) (block rtcp.ReceptionReport, ok bool) {
	if !r.started {
		return rtcp.ReceptionReport{}, false
	}
	expected := r.highest - r.base + 1 + r.requested
	lost := int64(int32(expected - r.received))
	intervalExpected := expected - r.expectedBefore
	intervalLost := int64(int32(intervalExpected - (r.received - r.receivedBefore)))
	r.expectedBefore, r.receivedBefore = expected, r.received
	r.lostInInterval = uint32(max(intervalLost, 0))
	block = rtcp.ReceptionReport{
		SSRC: ssrc,
		// The library writes 24 bits without sign.
		TotalLost:          uint32(min(max(lost, minLost), maxLost)) & 0xffffff,
		LastSequenceNumber: r.highest - 1<<16,
		Jitter:             r.jitter >> 4,
		LastSenderReport:   lastSR,
	}
	if intervalLost > 0 {
		block.FractionLost = uint8(min(intervalLost<<8/int64(intervalExpected), 255))
	}
	if lastSR != 0 && sinceSR > 0 {
		block.Delay = uint32(min(sinceSR, maxDelay) << 16 / time.Second)
	}
	return block, true
}
