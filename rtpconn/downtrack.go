package rtpconn

import (
	"math/rand/v2"
	"slices"
	"time"

	"galene/group/media"
	"galene/rtpconn/codec"
	"galene/rtpconn/forward"
	"galene/rtpconn/nack"
	"galene/rtpconn/sdpedit"

	"github.com/pion/webrtc/v3"
)

// catchUp is how many packets back the last key frame may be for a new
// subscriber to get everything from there on, instead of a new key frame.
const catchUp = 40

// DownTrack is one track on its way to one subscriber: a row among those of
// the publisher's track. pion only tells it the SSRC and the payload type.
type DownTrack struct {
	conn *DownConn
	kind media.Kind

	// What follows is guarded by the worker's lock. First comes what each packet
	// needs: between two bursts a row leaves the processor's caches, and what lies
	// together comes back together.

	// keyframe is the number of the first packet of the last key frame, hasKeyframe
	// tells whether that is near enough to be compared with.
	hasKeyframe bool
	keyframe    uint16
	payloadType uint8
	// repair and redundant are those of companions that belong to payloadType, or
	// noCompanion.
	repair, redundant uint8
	ssrc              uint32
	forwarder         *forward.Forwarder
	// rewrite changes picture ids in payloads; nil for a codec without.
	rewrite codec.Rewriter
	// numbers are the transport-wide numbers of the last packets that have been
	// sent, by sequence number modulo how many there are, a power of two: they are
	// needed where packets may be sent again as they were, and nil elsewhere. newest
	// is the highest sequence number.
	numbers []sentNumber
	newest  uint16
	// packets and octets were sent under this SSRC; octets are of payload.
	packets, octets uint64
	// folds are those of the last packets of sound; nil while there was none.
	folds *folds
	// protectUntil is how long packets of a sound are sent more than once: the
	// subscriber loses too many for asking for them again. depth is how many of
	// those before it a packet holds then, where the subscriber takes that.
	protectUntil time.Duration
	depth        int
	// served is the number of the last burst of which the row has had its packets.
	served uint64

	// up and codec are where the packets come from; in a PlayConn they change,
	// and up may be nil.
	up     *UpTrack
	codec  media.Codec
	target forward.Target
	// bound is set while SSRC and payload type are negotiated, joined while
	// the row is in the publisher's table.
	// refused is set when the subscriber does not take the track.
	bound, joined bool
	refused       bool
	// payloadTypes are those of a player, by those that choices have.
	payloadTypes map[uint8]uint8
	// companions are the payload types that the subscriber takes besides.
	companions sdpedit.Companions
	// repairSSRC is that of retransmissions, repairSequence their last number.
	repairSSRC     uint32
	repairSequence uint16
	// askedSequence is the last packet that was asked for, at askedAt.
	everAsked     bool
	askedSequence uint16
	askedAt       time.Duration
	quality       quality
	responder     nack.Responder
	// repairs is what of a sound may be sent again.
	repairs nack.Budget
	meter   meter
	// reportedPackets is what packets was at the last report.
	reportedPackets uint64
	// loss and jitter are as the subscriber reports them.
	loss   float64
	jitter time.Duration
	// firSequence is that of the last full intra request.
	firSequence uint8
	firSeen     bool
	// rtt is the subscriber's, smoothed; 0 before the first report.
	rtt  time.Duration
	sent sentReport

	// What follows never changes.

	id, stream  string
	transceiver *webrtc.RTPTransceiver
	// choices are the codecs that a player may take; nil for a row whose codec
	// stands from the beginning.
	choices []media.Codec
}

var _ webrtc.TrackLocal = (*DownTrack)(nil)

func newDownTrack(d *DownConn, up *UpTrack, target forward.Target) *DownTrack {
	t := newRow(d, up.kind, up.Codec())
	t.up, t.id, t.stream, t.target = up, up.id, up.stream, target
	t.quality.ceiling = target
	return t
}

// newRow makes what all rows have.
func newRow(d *DownConn, kind media.Kind, c media.Codec) *DownTrack {
	return &DownTrack{
		conn: d, kind: kind, codec: c,
		forwarder: forward.NewForwarder(formatOf(c)), rewrite: codec.RewriterFor(c.MimeType),
		repair: noCompanion, redundant: noCompanion,
		repairSSRC:     randomSSRC(),
		repairSequence: uint16(rand.Uint32N(1 << 15)), // RFC 3711, section 3.3.1: not near the end
	}
}

// ID implements webrtc.TrackLocal.
func (t *DownTrack) ID() string { return t.id }

// RID implements webrtc.TrackLocal: what subscribers get has one encoding.
func (t *DownTrack) RID() string { return "" }

// StreamID implements webrtc.TrackLocal.
func (t *DownTrack) StreamID() string { return t.stream }

// Kind implements webrtc.TrackLocal.
func (t *DownTrack) Kind() webrtc.RTPCodecType { return pionKind(t.kind) }

// Bind implements webrtc.TrackLocal.
func (t *DownTrack) Bind(c webrtc.TrackLocalContext) (webrtc.RTPCodecParameters, error) {
	if t.choices != nil {
		return t.bindChoices(c)
	}
	parameters := c.CodecParameters()
	i := slices.IndexFunc(parameters, func(p webrtc.RTPCodecParameters) bool {
		return uint8(p.PayloadType) == t.codec.PayloadType
	})
	if i < 0 {
		// The other tracks of the stream are not to suffer: this one stays
		// silent.
		t.conn.log.Info("the subscriber does not take a codec", "codec", t.codec.MimeType)
		return codecParameters(t.codec), nil
	}
	t.conn.worker.do(func() {
		t.bound = true
		t.ssrc = uint32(c.SSRC())
		t.payloadType = uint8(parameters[i].PayloadType)
		t.conn.number(c.HeaderExtensions())
		if t.conn.canSend() {
			t.join(t.conn.engine.now())
		}
	})
	return parameters[i], nil
}

// Unbind implements webrtc.TrackLocal.
func (t *DownTrack) Unbind(webrtc.TrackLocalContext) error {
	t.conn.worker.do(func() {
		t.bound = false
		t.leave()
	})
	return nil
}

// join puts the row into the publisher's table and catches up; the worker's
// lock is held.
func (t *DownTrack) join(now time.Duration) {
	if t.joined || !t.bound || t.refused || t.up == nil || t.up.conn.closed {
		return
	}
	if t.choices != nil {
		var ok bool
		if t.payloadType, ok = t.payloadTypes[t.codec.PayloadType]; !ok {
			return // the player does not take this codec
		}
	}
	t.repair = companion(t.companions.Repair, t.payloadType)
	t.redundant = companion(t.companions.Redundant, t.payloadType)
	// Begun later they would be wrong for what has been sent, which must never be
	// sent again with others.
	if t.packets == 0 && t.numbers == nil && (t.kind == media.Audio || t.repair == noCompanion) {
		t.numbers = newSentNumbers(rememberedOf(t.kind))
	}
	t.joined = true
	t.up.addRow(t)
	t.conn.nextReport = now
	t.conn.line.divide(now)
	t.switchTo(t.target, now)
}

// accepted takes note of the companions that the subscriber takes.
func (t *DownTrack) accepted(c sdpedit.Companions) {
	t.conn.worker.do(func() {
		t.companions = c
		t.repair = companion(c.Repair, t.payloadType)
		redundant := companion(c.Redundant, t.payloadType)
		if redundant != t.redundant && t.folds != nil {
			t.forwarder.Interrupted() // what has been sent cannot be sent again as it was
		}
		t.redundant = redundant
	})
}

// leave takes the row out of the publisher's table; the worker's lock is held.
func (t *DownTrack) leave() {
	if !t.joined {
		return
	}
	t.joined = false
	t.up.removeRow(t)
}

// switchTo makes a target the one that the subscriber gets, from a key frame on: the last one where that is near, else one that is asked for. The
// worker's lock is held.
func (t *DownTrack) switchTo(target forward.Target, now time.Duration) {
	t.target = target
	if !t.joined || target.Encoding >= len(t.up.encodings) {
		return
	}
	t.forwarder.Switch(target)
	if target.Encoding == forward.Nothing {
		return
	}
	e := t.up.encodings[target.Encoding]
	if e.cache == nil || !t.forwarder.Waiting() {
		return
	}
	highest, _ := e.cache.Highest()
	if seq, ok := e.cache.LastKeyframe(); ok && highest-seq < catchUp {
		e.cache.Since(seq, func(p *media.Packet) { t.forward(target.Encoding, p, now) })
		return
	}
	e.requestKeyframe(now)
}
