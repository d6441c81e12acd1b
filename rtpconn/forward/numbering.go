package forward

import (
	"time"

	"galene/group/media"
	"galene/rtpconn/rtptime"
)

const (
	// maxEras bounds the changes of the offsets that are remembered for
	// retransmission.
	maxEras = 128
	// maxStep is the largest step, in packets, that is loss or reordering;
	// beyond it the publisher has begun to number anew.
	maxStep = 8192
	// memory is how many packets back an era is remembered to have begun:
	// well below the half of the numbers at which comparisons turn over.
	memory = 16384
	// maxSilence is how long nothing may have been passed for what was before to be
	// remembered: at any rate that there is, the publisher has not come round to the
	// same numbers by then.
	maxSilence = 5 * time.Second
)

// era is the time between two changes: what is added to the publisher's numbers
// is constant.
type era struct {
	encoding int
	// begin is the first outgoing sequence number.
	begin uint16
	// sequence and timestamp are added to the publisher's.
	sequence  uint16
	timestamp uint32
	// picture and tl0 are added to picture ids and to indices of the base
	// temporal layer.
	picture uint16
	tl0     uint8
	// frame is added to frame numbers of dependency descriptors.
	frame uint16
	// top is the highest spatial layer that goes through, of which the last
	// packet ends a picture; TopLayer where none is left out.
	top uint8
	// nobody marks numbers that belong to no packet, as those of padding do, or to
	// none any more.
	nobody bool
}

// numbering gives numbers to what passes.
type numbering struct {
	clockRate uint32
	// closes tells whether picture ids close up over pictures that are left
	// out: VP8's do (RFC 7741, section 4.2), VP9's name each other.
	closes bool
	// era is the current one, if any has begun; past are the latest before it,
	// oldest first.
	era   era
	began bool
	past  []era
	// highest is the highest outgoing sequence number that is given out, or
	// kept for a packet that may come late. The newest packet had the timestamp
	// lastTimestamp and was passed at lastTime.
	highest       uint16
	lastTimestamp uint32
	lastTime      time.Duration
	// lastPicture, lastTL0 and lastFrame are the outgoing ids of the newest picture
	// and of its newest frame.
	lastPicture uint16
	lastTL0     uint8
	lastFrame   uint16
	// dropped is the publisher's id of the last picture that was left out;
	// droppedAny tells whether there was any since the last packet that was passed.
	dropped    uint16
	droppedAny bool
}

// push makes e the current era.
func (n *numbering) push(e era) {
	if n.began {
		if len(n.past) == maxEras-1 {
			copy(n.past, n.past[1:])
			n.past = n.past[:maxEras-2]
		}
		n.past = append(n.past, n.era)
	}
	n.era, n.began = e, true
}

// begin starts an era with a packet of another source. The first one keeps the
// publisher's numbers; at later ones the sequence numbers go on without a gap,
// the pictures too, and the timestamps by the time that has passed.
func (n *numbering) begin(encoding int, p *media.Packet, top uint8, now time.Duration) {
	e := era{encoding: encoding, begin: p.SequenceNumber, top: top}
	if n.began {
		e.begin = n.highest + 1
		e.sequence = e.begin - p.SequenceNumber
		elapsed := max(1, rtptime.Units(max(0, now-n.lastTime), n.clockRate))
		e.timestamp = n.lastTimestamp + elapsed - p.Timestamp
		e.picture = n.lastPicture + 1 - p.Frame.PictureID
		e.tl0 = n.lastTL0 + 1 - p.Frame.TL0PicIdx
		e.frame = n.lastFrame + 1 - p.Frame.FrameNumber
	}
	n.droppedAny = false
	n.push(e)
	if now-n.lastTime > maxSilence {
		n.past = n.past[:0]
	}
	n.highest = e.begin - 1
}

// disown forgets what was passed of an encoding before the current era.
func (n *numbering) disown(encoding int) {
	for i := range n.past {
		if n.past[i].encoding == encoding {
			n.past[i].nobody = true
		}
	}
}

// fork starts an era where the current one goes on with other offsets. An era
// that has had no packet yet is changed instead.
func (n *numbering) fork() *era {
	if int16(n.highest-n.era.begin) >= 0 {
		e := n.era
		e.begin = n.highest + 1
		n.push(e)
	}
	return &n.era
}

// drop leaves a packet out, which is the newest one: those behind it move up.
// Numbers of packets that are still missing before it are kept for them.
func (n *numbering) drop(p *media.Packet) {
	if gap := p.SequenceNumber + n.era.sequence - n.highest - 1; gap > 0 {
		n.highest += gap
	}
	e := n.fork()
	e.sequence--
	if !n.closes || p.Frame.PictureIDBits == 0 || n.droppedAny && n.dropped == p.Frame.PictureID {
		return
	}
	n.dropped, n.droppedAny = p.Frame.PictureID, true
	e.picture--
}

// pass numbers a packet that goes through and is the newest one.
func (n *numbering) pass(p *media.Packet, now time.Duration) Header {
	h := n.era.header(p)
	n.highest, n.lastTimestamp, n.lastTime = h.SequenceNumber, h.Timestamp, now
	n.droppedAny = false // ids come round
	if p.Frame.PictureIDBits > 0 {
		n.lastPicture, n.lastTL0 = h.PictureID, h.TL0PicIdx
	}
	if len(p.Descriptor) > 0 {
		n.lastFrame = h.FrameNumber
	}
	if n.aged() {
		n.forget()
	}
	return h
}

// oldest returns the oldest era that is remembered.
func (n *numbering) oldest() *era {
	if len(n.past) > 0 {
		return &n.past[0]
	}
	return &n.era
}

// aged tells whether it is time to forget.
func (n *numbering) aged() bool { return n.highest-n.oldest().begin > memory }

// pad gives out a number that belongs to no packet of the publisher's, and under
// which nothing is found.
func (n *numbering) pad() Header {
	next := n.era
	unused := int16(n.highest-next.begin) < 0
	n.highest++
	if n.aged() {
		n.forget()
	}
	h := Header{SequenceNumber: n.highest, Timestamp: n.lastTimestamp}
	if unused && len(n.past) > 0 && n.past[len(n.past)-1].nobody {
		n.era.begin++
		n.era.sequence++
		return h
	}
	filler := next
	filler.begin, filler.nobody = n.highest, true
	if unused {
		n.era = filler
	} else {
		n.push(filler)
	}
	next.begin, next.sequence = n.highest+1, next.sequence+1
	n.push(next)
	return h
}

// late numbers a packet that comes after later ones; ok is false if no number
// was kept for it.
func (n *numbering) late(p *media.Packet) (h Header, ok bool) {
	e, end := &n.era, n.highest+1
	for i := len(n.past); e.encoding == n.era.encoding; i-- {
		seq := p.SequenceNumber + e.sequence
		if !e.nobody && int16(seq-e.begin) >= 0 {
			if int16(seq-end) >= 0 {
				return Header{}, false
			}
			return e.header(p), true
		}
		if i == 0 {
			break
		}
		end = e.begin
		e = &n.past[i-1]
	}
	return Header{}, false
}

// forget drops the eras of long ago and moves the beginning of the oldest one
// up, so that no number is compared with one that is half a turn away.
func (n *numbering) forget() {
	edge := n.highest - memory
	for len(n.past) > 0 {
		next := n.era.begin
		if len(n.past) > 1 {
			next = n.past[1].begin
		}
		if int16(next-edge) > 0 {
			break
		}
		n.past = append(n.past[:0], n.past[1:]...)
	}
	if e := n.oldest(); int16(e.begin-edge) < 0 {
		e.begin = edge
	}
}

// find returns the era in which an outgoing sequence number was given out, nil
// if there is none.
func (n *numbering) find(seq uint16) *era {
	if !n.began || int16(seq-n.highest) > 0 {
		return nil
	}
	e := &n.era
	for i := len(n.past); int16(seq-e.begin) < 0; i-- {
		if i == 0 {
			return nil
		}
		e = &n.past[i-1]
	}
	if e.nobody {
		return nil
	}
	return e
}

// header is what changes of a packet in this era.
func (e *era) header(p *media.Packet) Header {
	h := Header{
		SequenceNumber: p.SequenceNumber + e.sequence,
		Timestamp:      p.Timestamp + e.timestamp,
		Marker:         p.Marker,
		PictureID:      p.Frame.PictureID,
		TL0PicIdx:      p.Frame.TL0PicIdx + e.tl0,
		FrameNumber:    p.Frame.FrameNumber + e.frame,
	}
	if bits := p.Frame.PictureIDBits; bits > 0 {
		h.PictureID = (p.Frame.PictureID + e.picture) & (1<<bits - 1)
		h.Rewritten = e.picture != 0 || e.tl0 != 0
	}
	if p.Frame.End && p.Frame.SID == e.top {
		h.Marker = true
	}
	return h
}
