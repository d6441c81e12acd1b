package rtpconn

import (
	"encoding/binary"
	"time"

	"galene/group/media"
	"galene/rtpconn/forward"
	"galene/rtpconn/srtp"
)

// forward sends one packet of an encoding to the subscriber if it is one that
// the subscriber gets. The worker's lock is held, or the lane has been claimed.
func (t *DownTrack) forward(encoding int, p *media.Packet, now time.Duration) {
	h, verdict := t.forwarder.Next(encoding, p, now)
	if p.Frame.Start && t.forwarder.Lacking() {
		t.conn.lane.wish(t.up.encodings[encoding])
	}
	switch verdict {
	case forward.Pass:
		t.dispatch(p, h, now)
		if t.protects(now) && t.redundant == noCompanion {
			t.repeat(h.SequenceNumber - 1)
		}
	case forward.NeedKeyframe:
		t.conn.lane.wish(t.up.encodings[encoding])
	case forward.Drop:
	}
}

// protects tells whether packets are sent more than once.
func (t *DownTrack) protects(now time.Duration) bool {
	return now < t.protectUntil && t.conn.line.roomy
}

// repeat sends an earlier packet once more, whether it got lost or not.
func (t *DownTrack) repeat(seq uint16) {
	if p, h, ok := t.earlier(seq); ok {
		t.sendAgain(p, h)
	}
}

// earlier returns the packet that the subscriber got, or should have got, under a
// number; ok is false if it is gone.
func (t *DownTrack) earlier(seq uint16) (p *media.Packet, h forward.Header, ok bool) {
	source, ok := t.forwarder.Source(seq)
	if !ok || source.Encoding >= len(t.up.encodings) || t.up.encodings[source.Encoding].cache == nil {
		return nil, h, false
	}
	p = t.up.encodings[source.Encoding].cache.Get(source.SequenceNumber)
	if p == nil {
		return nil, h, false
	}
	return p, source.Header(p), true
}

// send sends a packet for the first time.
func (t *DownTrack) send(p *media.Packet, h forward.Header) {
	number, folded, extra := uint16(0), 0, 0
	if t.kind == media.Audio {
		folded, extra = t.fold(p, h)
	}
	if c := t.conn; c.extensions.transportCC != 0 {
		number = c.history.Next(t.sizeOf(p)+extra+srtp.Overhead+packetOverhead, uint32(c.line.octets), c.line.probing, c.worker.now)
	}
	if len(t.numbers) > 0 {
		*t.sentNumber(h.SequenceNumber) = sentNumber{h.SequenceNumber, number}
	}
	if t.packets == 0 || int16(h.SequenceNumber-t.newest) > 0 {
		t.newest = h.SequenceNumber
	}
	t.noteKeyframe(p, h.SequenceNumber)
	t.write(p, h, number, folded)
}

// noteKeyframe takes note of where the last key frame begins.
func (t *DownTrack) noteKeyframe(p *media.Packet, seq uint16) {
	switch late := t.keyframe - seq; {
	case t.hasKeyframe && late != 0 && late <= maxKeyframeAge: // what is late is before it all the same
	case beginsKeyframe(p):
		t.keyframe, t.hasKeyframe = seq, true
	case seq-t.keyframe > maxKeyframeAge:
		t.hasKeyframe = false
	}
}

// beginsKeyframe tells whether nothing before a packet is needed for what follows.
func beginsKeyframe(p *media.Packet) bool {
	return p.Frame.Keyframe && p.Frame.Start && p.Frame.SID == 0
}

// maxKeyframeAge is how many packets ago the last key frame is remembered for:
// well below the half of the numbers at which comparisons turn over.
const maxKeyframeAge = 8192

// sendAgain sends a packet again, bit for bit: two different packets under one
// sequence number would be two under one nonce of the cipher, transport-wide
// numbers included. One that has come, but has not had its turn yet, is not sent.
func (t *DownTrack) sendAgain(p *media.Packet, h forward.Header) {
	numbered := t.conn.extensions.transportCC != 0
	number, folded := uint16(0), t.foldedBefore(h.SequenceNumber)
	if numbered || t.folds != nil {
		if len(t.numbers) == 0 {
			return
		}
		sent := t.sentNumber(h.SequenceNumber)
		if sent.sequence != h.SequenceNumber || int(t.newest-h.SequenceNumber) >= len(t.numbers) {
			return // what else it holds is not known yet, or not any more
		}
		number = sent.transport
	}
	if numbered {
		t.conn.history.Again(number)
	}
	t.write(p, h, number, folded)
}

// sendRepair sends a packet again in the stream of retransmissions, where it is a
// packet of its own (RFC 4588, section 4).
func (t *DownTrack) sendRepair(p *media.Packet, h forward.Header) {
	const numberSize = 2
	c := t.conn
	size := c.headSize(p) + numberSize + len(p.Body)
	buffer := c.lane.room(c.path.Socket, size+srtp.Overhead)
	if buffer == nil {
		return
	}
	number := uint16(0)
	if c.extensions.transportCC != 0 {
		number = c.history.Next(size+srtp.Overhead+packetOverhead, uint32(c.line.octets), 0, c.worker.now)
	}
	seq := h.SequenceNumber
	t.repairSequence++
	h.SequenceNumber = t.repairSequence
	head := c.putHeader(buffer, p, t.repair, h, t.repairSSRC, number)
	binary.BigEndian.PutUint16(buffer[head:], seq)
	t.putBody(buffer[head+numberSize:size], p, h)
	t.commit(buffer, size)
}

// rememberedNumbers is how many packets of a picture back a transport-wide number
// is known, rememberedSounds those of a sound, of which there are few: powers of
// two.
const (
	rememberedNumbers = 1024
	rememberedSounds  = 256
)

func rememberedOf(kind media.Kind) int {
	if kind == media.Audio {
		return rememberedSounds
	}
	return rememberedNumbers
}

// sentNumber is the transport-wide number under which a packet has been sent.
type sentNumber struct{ sequence, transport uint16 }

// newSentNumbers returns room for so many, a power of two, of packets of which none has
// been sent.
func newSentNumbers(n int) []sentNumber {
	numbers := make([]sentNumber, n)
	for i := range numbers {
		numbers[i].sequence = ^uint16(i) // no number that belongs here
	}
	return numbers
}

// sentNumber is where the transport-wide number of a packet is remembered.
func (t *DownTrack) sentNumber(seq uint16) *sentNumber {
	return &t.numbers[int(seq)&(len(t.numbers)-1)]
}

// sizeOf is the size of the packet that is made of p, before it is sealed.
func (t *DownTrack) sizeOf(p *media.Packet) int { return t.conn.headSize(p) + len(p.Body) }

// write writes header and body into the send arena and seals them there: the
// only copy that is made of a payload on its way out. The packet holds so many of
// those before it besides.
func (t *DownTrack) write(p *media.Packet, h forward.Header, number uint16, folded int) {
	if folded > 0 {
		t.writeFolded(p, h, number, folded)
		return
	}
	c := t.conn
	size := t.sizeOf(p)
	buffer := c.lane.room(c.path.Socket, size+srtp.Overhead)
	if buffer == nil {
		return
	}
	head := c.putHeader(buffer, p, t.payloadType, h, t.ssrc, number)
	t.putBody(buffer[head:size], p, h)
	if t.commit(buffer, size) {
		t.packets++
		t.octets += uint64(len(p.Body) - int(p.Padding))
	}
}

// putBody copies what is behind the header of a packet.
func (t *DownTrack) putBody(dst []byte, p *media.Packet, h forward.Header) {
	copy(dst, p.Body)
	if h.Rewritten && t.rewrite != nil {
		t.rewrite(dst, h.PictureID, h.TL0PicIdx)
	}
}

// commit seals and sends the packet of so many bytes that stands at the beginning
// of a room; false if the key is used up, after 2^48 packets.
func (t *DownTrack) commit(room []byte, size int) bool {
	c := t.conn
	n, err := c.sealer.RTP(room, size)
	if err != nil {
		return false
	}
	c.lane.commit(c.path, n)
	c.line.octets += uint64(n + packetOverhead)
	c.line.pacer.credit -= float64(n + packetOverhead)
	return true
}

// paddingSize is what a packet that holds nothing but padding takes, in bytes:
// at most 255 can be padding (RFC 3550, section 5.1).
const paddingSize = rtpHeaderSize + extensionSize + maxPadding + srtp.Overhead + packetOverhead

const maxPadding = 255

// padding stands for a packet that holds nothing else.
var padding = media.Packet{Padding: maxPadding}

// sendPadding sends a packet of a probe; false if it is not the time. Where there
// is a stream of retransmissions, it is always the time, also before the first
// packet of the picture.
func (t *DownTrack) sendPadding(probe uint8) bool {
	c := t.conn
	if c.extensions.transportCC == 0 || !c.canSend() || !t.joined {
		return false
	}
	const size = rtpHeaderSize + extensionSize + maxPadding
	buffer := c.lane.room(c.path.Socket, size+srtp.Overhead)
	if buffer == nil {
		return false
	}
	clear(buffer[:size])
	buffer[size-1] = maxPadding
	if t.repair != noCompanion {
		_, timestamp, _ := t.forwarder.Last()
		t.repairSequence++
		h := forward.Header{SequenceNumber: t.repairSequence, Timestamp: timestamp}
		c.putHeader(buffer, &padding, t.repair, h, t.repairSSRC, c.history.Next(paddingSize, uint32(c.line.octets), probe, c.worker.now))
		return t.commit(buffer, size)
	}
	h, ok := t.forwarder.Pad()
	if !ok {
		return false
	}
	if len(t.numbers) > 0 {
		// What had this place a round of numbers ago is not to be taken for what comes next.
		t.sentNumber(h.SequenceNumber).sequence = ^h.SequenceNumber
	}
	c.putHeader(buffer, &padding, t.payloadType, h, t.ssrc, c.history.Next(paddingSize, uint32(c.line.octets), probe, c.worker.now))
	if !t.commit(buffer, size) {
		return false
	}
	t.packets++
	return true
}
