// Package forward is one subscriber's view of one track: which packets of
// which encoding go through, and under which numbers, so that what arrives
// looks like one stream that was never thinned or switched.
//
// It decides and numbers; it neither holds packets nor sends them, reads no
// clock, and is not safe for concurrent use. Layers within an encoding are
// not selected here yet: every packet of the chosen encoding goes through.
package forward

import (
	"time"

	"galene/group/media"
	"galene/rtpconn/rtptime"
)

// Verdict says what becomes of a packet.
type Verdict uint8

// The verdicts.
const (
	// Drop: the subscriber does not get the packet.
	Drop Verdict = iota
	// Pass: the subscriber gets it under the header that comes with the
	// verdict.
	Pass
	// NeedKeyframe: not this packet, and nothing of its encoding before a
	// key frame.
	NeedKeyframe
)

// Header is what changes of a packet's header on its way through.
type Header struct {
	SequenceNumber uint16
	Timestamp      uint32
}

// Source is where a packet that a subscriber got came from.
type Source struct {
	// Encoding it was of, and its sequence number there.
	Encoding       int
	SequenceNumber uint16
	// TimestampOffset was added to its timestamp.
	TimestampOffset uint32
}

const (
	// maxEras bounds the switches that are remembered for retransmission.
	maxEras = 8
	// maxStep is the largest step, in packets, that is loss or reordering;
	// beyond it the publisher has begun to number anew.
	maxStep = 8192
	// memory is how many packets back an era is remembered to have begun:
	// well below the half of the numbers at which comparisons turn over.
	memory = 16384
)

// era is the time between two switches: numbers have constant offsets.
type era struct {
	encoding int
	// begin is the first outgoing sequence number.
	begin uint16
	// sequence and timestamp are added to the publisher's.
	sequence  uint16
	timestamp uint32
}

// Forwarder is the state of one row: one track on its way to one subscriber.
type Forwarder struct {
	clockRate uint32
	keyframes bool
	target    int
	hasTarget bool
	// renumbered is set when the current encoding has got another source.
	renumbered bool

	// eras holds the latest of them, the current one last.
	eras  [maxEras]era
	count int

	// highest is the highest outgoing sequence number, of a packet with
	// timestamp lastTimestamp that was passed at lastTime.
	highest       uint16
	lastTimestamp uint32
	lastTime      time.Duration
}

// NewForwarder makes the view of a track with the given RTP clock rate.
// keyframes tells whether key frames of its codec can be told; where they
// cannot, or need not as in audio, everything flows at once.
func NewForwarder(clockRate uint32, keyframes bool) *Forwarder {
	return &Forwarder{clockRate: clockRate, keyframes: keyframes}
}

// Switch makes an encoding the one that is wanted. Until its next key frame
// the previous one, if any, goes on.
func (f *Forwarder) Switch(encoding int) {
	f.target, f.hasTarget = encoding, true
}

// Renumbered says that an encoding goes on under another SSRC: its numbers have
// nothing to do with those before, which cannot be asked for any more.
func (f *Forwarder) Renumbered(encoding int) {
	if f.count > 0 && f.current().encoding == encoding {
		f.renumbered = true
	}
}

// Replace says that packets come from another track from now on, which begins,
// if key frames of its codec can be told, with one.
func (f *Forwarder) Replace(clockRate uint32, keyframes bool) {
	f.clockRate, f.keyframes = clockRate, keyframes
	f.renumbered = f.count > 0
}

// Waiting tells whether a key frame of the wanted encoding is being waited
// for.
func (f *Forwarder) Waiting() bool {
	return f.hasTarget && (f.count == 0 || f.current().encoding != f.target)
}

// Current returns the encoding that goes through and what is added to its
// timestamps; ok is false before the first packet.
func (f *Forwarder) Current() (encoding int, timestampOffset uint32, ok bool) {
	if f.count == 0 {
		return 0, 0, false
	}
	e := f.current()
	return e.encoding, e.timestamp, true
}

func (f *Forwarder) current() *era { return &f.eras[f.count-1] }

// Next decides about one packet of an encoding. Packets of an encoding come in
// order of arrival, late and repeated ones included: they map to the numbers
// that they left free.
func (f *Forwarder) Next(encoding int, p *media.Packet, now time.Duration) (Header, Verdict) {
	if f.count > 0 && f.current().encoding == encoding {
		return f.pass(p, now)
	}
	if !f.hasTarget || encoding != f.target {
		return Header{}, Drop
	}
	if f.keyframes && !p.Frame.Keyframe {
		return Header{}, NeedKeyframe
	}
	f.begin(encoding, p, now)
	return f.pass(p, now)
}

// pass numbers a packet of the current era.
func (f *Forwarder) pass(p *media.Packet, now time.Duration) (Header, Verdict) {
	e := f.current()
	seq := p.SequenceNumber + e.sequence
	step := int16(seq - f.highest)
	if f.renumbered || step > maxStep || step < -maxStep {
		if f.keyframes && !p.Frame.Keyframe {
			return Header{}, NeedKeyframe
		}
		f.begin(e.encoding, p, now)
		e = f.current()
		seq, step = p.SequenceNumber+e.sequence, 1
	}
	if int16(seq-e.begin) < 0 {
		// From before the key frame that this era began with.
		return Header{}, Drop
	}
	h := Header{seq, p.Timestamp + e.timestamp}
	if step > 0 {
		f.highest, f.lastTimestamp, f.lastTime = seq, h.Timestamp, now
		if seq-e.begin > memory {
			f.forget()
		}
	}
	return h, Pass
}

// forget moves the beginning of the current era up and drops those before it,
// so that no number is compared with one that is half a turn away.
func (f *Forwarder) forget() {
	e := *f.current()
	e.begin = f.highest - memory
	f.eras[0], f.count = e, 1
}

// begin starts an era with the given packet. The first one keeps the
// publisher's numbers; at later ones the sequence numbers go on without a gap
// and the timestamps by the time that has passed.
func (f *Forwarder) begin(encoding int, p *media.Packet, now time.Duration) {
	e := era{encoding: encoding, begin: p.SequenceNumber}
	if f.count > 0 {
		e.begin = f.highest + 1
		e.sequence = e.begin - p.SequenceNumber
		elapsed := max(1, rtptime.Units(max(0, now-f.lastTime), f.clockRate))
		e.timestamp = f.lastTimestamp + elapsed - p.Timestamp
	}
	if f.count == maxEras {
		copy(f.eras[:], f.eras[1:])
		f.count--
	}
	f.eras[f.count] = e
	f.count++
	f.highest = e.begin - 1
	if f.renumbered {
		f.eras[0], f.count, f.renumbered = *f.current(), 1, false
	}
}

// Source translates an outgoing sequence number, such as a subscriber's NACK
// names, back to the publisher's packet. ok is false for numbers that were not
// given out or are too long ago.
func (f *Forwarder) Source(seq uint16) (s Source, ok bool) {
	if f.count == 0 || f.renumbered || int16(seq-f.highest) > 0 {
		return Source{}, false
	}
	for i := f.count - 1; i >= 0; i-- {
		e := &f.eras[i]
		if int16(seq-e.begin) >= 0 {
			return Source{e.encoding, seq - e.sequence, e.timestamp}, true
		}
	}
	return Source{}, false
}
