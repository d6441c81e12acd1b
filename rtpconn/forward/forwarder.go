package forward

import (
	"time"

	"galene/group/media"
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

// Header is what changes of a packet on its way through.
type Header struct {
	SequenceNumber uint16
	Timestamp      uint32
	Marker         bool
	// Rewritten tells whether the picture id and the index of the base temporal
	// layer differ from those in the payload; both are in the publisher's width.
	Rewritten bool
	PictureID uint16
	TL0PicIdx uint8
	// FrameNumber is that of the dependency descriptor, if there is one.
	FrameNumber uint16
}

// Source is where a packet that a subscriber got came from.
type Source struct {
	// Encoding it was of, and its sequence number there.
	Encoding       int
	SequenceNumber uint16

	era era
}

// Header returns what changed of the packet on its way through.
func (s *Source) Header(p *media.Packet) Header { return s.era.header(p) }

// Format is what has to be known of the codec of a track.
type Format struct {
	// ClockRate is that of RTP timestamps, in units a second.
	ClockRate uint32
	// Keyframes tells whether key frames can be told; where they cannot, or
	// need not as in audio, everything flows at once.
	Keyframes bool
	Scaling   Scaling
	// Silence has every packet of silence passed, where else one in
	// silenceInterval is.
	Silence bool
}

// silenceInterval is how often silence is passed: often enough for the receiver's
// counters and clocks to go on.
const silenceInterval = 5 * time.Second

// Nothing is the encoding of a target that leaves everything out.
const Nothing = -1

// Target is what a subscriber should get: an encoding, and its layers up to
// these.
type Target struct {
	Encoding int
	Layers
}

// Forwarder is the state of one row: one track on its way to one subscriber.
type Forwarder struct {
	format    Format
	target    int
	hasTarget bool
	selector  selector
	numbers   numbering
	// renumbered is set when the current encoding has, or may have, got another source.
	renumbered bool
	// replaced is set from Replace until the first packet of the other track.
	replaced bool
	// paused is set when something of the current encoding has been left out
	// because nothing was wanted: only a key frame makes sense then.
	paused bool
	// whole is set while the newest packet is the last one of its frame.
	whole bool
	// newest is set while the packet that was passed last is the newest one.
	newest bool
}

// NewForwarder makes the view of a track.
func NewForwarder(format Format) *Forwarder {
	f := &Forwarder{}
	f.setFormat(format)
	return f
}

func (f *Forwarder) setFormat(format Format) {
	f.format = format
	f.numbers.clockRate, f.numbers.closes = format.ClockRate, format.Scaling == SyncPoints
	f.selector = selector{scaling: format.Scaling, wanted: f.selector.wanted}
}

// Switch makes a target the one that is wanted. Until the next key frame of its
// encoding the previous one, if any, goes on; layers change where the
// publisher's frames allow it.
func (f *Forwarder) Switch(t Target) {
	f.target, f.hasTarget = t.Encoding, true
	f.selector.wanted = t.Layers
}

// Renumbered says that an encoding goes on under another SSRC, or with numbers far from
// those before: they have nothing to do with each other, and what was before cannot be
// asked for any more.
func (f *Forwarder) Renumbered(encoding int) {
	f.numbers.disown(encoding)
	if f.started() && f.numbers.era.encoding == encoding {
		f.renumbered = true
	}
}

// Interrupted says that packets may have been missed, also of another source: what comes
// next begins, if key frames can be told, with one, and what was before cannot be asked
// for any more.
func (f *Forwarder) Interrupted() { f.renumbered = f.started() }

// Replace says that packets come from another track from now on, which begins,
// if key frames of its codec can be told, with one.
func (f *Forwarder) Replace(format Format) {
	f.setFormat(format)
	f.Interrupted()
	f.replaced = true
}

func (f *Forwarder) started() bool { return f.numbers.began }

// Waiting tells whether a key frame of the wanted encoding is being waited
// for.
func (f *Forwarder) Waiting() bool {
	return f.hasTarget && f.target != Nothing && (!f.started() || f.paused || f.renumbered || f.numbers.era.encoding != f.target)
}

// Lacking tells whether a key frame of the current encoding is being waited
// for, because only that brings the wanted layers.
func (f *Forwarder) Lacking() bool {
	return f.target != Nothing && !f.Waiting() && f.selector.lacking()
}

// Current returns the encoding that goes through and what is added to its
// timestamps; ok is false before the first packet of the track.
func (f *Forwarder) Current() (encoding int, timestampOffset uint32, ok bool) {
	if !f.started() || f.replaced {
		return 0, 0, false
	}
	return f.numbers.era.encoding, f.numbers.era.timestamp, true
}

// Last returns the number and the timestamp of the newest packet that was passed;
// ok is false before the first one.
func (f *Forwarder) Last() (sequence uint16, timestamp uint32, ok bool) {
	return f.numbers.highest, f.numbers.lastTimestamp, f.started()
}

// Layers returns the layers that go through and the highest that there are in
// the current encoding.
func (f *Forwarder) Layers() (current, highest Layers) {
	s := &f.selector
	return Layers{min(s.current.SID, s.seen.SID), min(s.current.TID, s.seen.TID)}, s.seen
}

// Next decides about one packet of an encoding. Packets of an encoding come in
// order of arrival, late and repeated ones included: they map to the numbers
// that they left free.
func (f *Forwarder) Next(encoding int, p *media.Packet, now time.Duration) (Header, Verdict) {
	if f.target == Nothing {
		f.paused = f.started()
		return Header{}, Drop
	}
	if f.started() && f.numbers.era.encoding == encoding && !f.paused {
		return f.next(p, now)
	}
	if !f.hasTarget || encoding != f.target {
		return Header{}, Drop
	}
	if f.format.Keyframes && !p.Frame.Keyframe {
		return Header{}, NeedKeyframe
	}
	f.begin(encoding, p, now)
	return f.next(p, now)
}

// next decides about a packet of the current encoding.
func (f *Forwarder) next(p *media.Packet, now time.Duration) (Header, Verdict) {
	n := &f.numbers
	step := int16(p.SequenceNumber + n.era.sequence - n.highest)
	if f.renumbered || step > maxStep || step < -maxStep {
		if f.format.Keyframes && !p.Frame.Keyframe {
			return Header{}, NeedKeyframe
		}
		f.begin(n.era.encoding, p, now)
		n.past, f.renumbered = n.past[:0], false
		step = 1
	}
	if step <= 0 {
		f.newest = false
		if h, ok := n.late(p); ok {
			return h, Pass
		}
		return Header{}, Drop
	}
	if p.Silent && !f.format.Silence && now-n.lastTime < silenceInterval || !f.selector.pass(&p.Frame) {
		n.drop(p)
		return Header{}, Drop
	}
	if top := f.selector.top(); top != n.era.top {
		n.fork().top = top
	}
	f.whole, f.newest = p.Frame.End, true
	return n.pass(p, now), Pass
}

// Break has the current encoding begin anew: nothing more of it goes through
// before its next key frame.
func (f *Forwarder) Break() { f.paused = f.started() }

// BreakBefore is Break where the packet that was passed last, under h, has not been
// sent, nor will be: what comes next gets its number.
func (f *Forwarder) BreakBefore(h Header) {
	f.Break()
	if f.newest && h.SequenceNumber == f.numbers.highest {
		f.numbers.highest--
		f.newest = false
	}
}

// Pad gives a number to a packet that holds nothing but padding, which may go
// between two frames, or where the rest of a frame will not come; ok is false where
// that is not so.
func (f *Forwarder) Pad() (h Header, ok bool) {
	if !f.started() || f.renumbered || !f.whole && !f.paused {
		return Header{}, false
	}
	return f.numbers.pad(), true
}

// begin starts with another source.
func (f *Forwarder) begin(encoding int, p *media.Packet, now time.Duration) {
	f.paused, f.replaced = false, false
	f.selector.restart()
	f.numbers.begin(encoding, p, f.selector.top(), now)
}

// Source translates an outgoing sequence number, such as a subscriber's NACK
// names, back to the publisher's packet. ok is false for numbers that were not
// given out or are too long ago.
func (f *Forwarder) Source(seq uint16) (s Source, ok bool) {
	if f.renumbered {
		return Source{}, false
	}
	e := f.numbers.find(seq)
	if e == nil {
		return Source{}, false
	}
	return Source{e.encoding, seq - e.sequence, *e}, true
}
