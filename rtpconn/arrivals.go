package rtpconn

import (
	"time"

	"galene/rtpconn/demux"
	"galene/rtpconn/srtp"
	"galene/rtpconn/transportcc"
)

// arrivalsInterval is how often a publisher hears when its packets arrived, by
// which it estimates what its uplink takes.
const arrivalsInterval = 60 * time.Millisecond

// arrivals are the times of arrival of a publisher's packets, if it numbers
// them across its tracks. The worker's lock guards them.
type arrivals struct {
	// recorder is nil for a publisher that does not number its packets.
	recorder *transportcc.Recorder
	next     time.Duration
}

// negotiated takes note of what publisher and server have agreed on.
func (a *arrivals) negotiated(x demux.Extensions) {
	if x.TransportCC != 0 && a.recorder == nil {
		a.recorder = new(transportcc.Recorder)
	}
}

// note takes note of the arrival of an RTP packet.
func (a *arrivals) note(v *demux.Values, now time.Duration) {
	if a.recorder == nil {
		return
	}
	if sequence, ok := v.TransportSequence(); ok {
		a.recorder.Received(sequence, now)
	}
}

// sendArrivals tells the publisher what has arrived, when that is due.
func (u *UpConn) sendArrivals(now time.Duration) {
	a := &u.arrivals
	if a.recorder == nil || a.recorder.Pending() == 0 || now < a.next || !u.canSend() {
		return
	}
	a.next = now + arrivalsInterval
	for more := true; more; {
		buffer := u.lane.room(u.path.Socket, transportcc.MaxFeedback+srtp.Overhead)
		if buffer == nil {
			return
		}
		var message []byte
		message, more = a.recorder.Append(buffer[:0], u.ssrc, u.anySSRC())
		if len(message) == 0 {
			return
		}
		u.commitRTCP(buffer, len(message))
	}
}

// anySSRC returns the source of one of the publisher's encodings.
func (u *UpConn) anySSRC() uint32 {
	for _, t := range u.sources {
		for _, e := range t.encodings {
			if e.known {
				return e.ssrc
			}
		}
	}
	return 0
}
