package rtpconn

import (
	"encoding/binary"
	"time"

	"galene/group/media"
	"galene/rtpconn/forward"
	"galene/rtpconn/srtp"
)

// rtpHeaderSize is that of a header without contributing sources and
// extensions (RFC 3550, section 5.1).
const rtpHeaderSize = 12

// forward sends one packet of an encoding to the subscriber if it is one that
// the subscriber gets. The worker's lock is held.
func (t *DownTrack) forward(encoding int, p *media.Packet, now time.Duration) {
	waiting := t.forwarder.Waiting()
	h, verdict := t.forwarder.Next(encoding, p, now)
	if p.Frame.Start && t.forwarder.Lacking() {
		t.up.encodings[encoding].requestKeyframe(now)
	}
	switch verdict {
	case forward.Pass:
		t.dispatch(p, h, now)
		if now < t.repeatUntil && t.conn.line.roomy {
			t.repeat(h.SequenceNumber - 1)
		}
		if waiting {
			t.followUp(encoding, p, now)
		}
	case forward.NeedKeyframe:
		t.up.encodings[encoding].requestKeyframe(now)
	case forward.Drop:
	}
}

// repeat sends an earlier packet once more, whether it got lost or not.
func (t *DownTrack) repeat(seq uint16) {
	source, ok := t.forwarder.Source(seq)
	if !ok || source.Encoding >= len(t.up.encodings) || t.up.encodings[source.Encoding].cache == nil {
		return
	}
	if p := t.up.encodings[source.Encoding].cache.Get(source.SequenceNumber); p != nil {
		t.sendAgain(p, source.Header(p))
	}
}

// followUp sends what came in earlier bursts of a key frame that begins only
// now, its first packet having been late.
func (t *DownTrack) followUp(encoding int, first *media.Packet, now time.Duration) {
	t.up.encodings[encoding].cache.Since(first.SequenceNumber+1, func(p *media.Packet) bool {
		if p.Arrival < first.Arrival {
			t.forward(encoding, p, now)
		}
		return true
	})
}

// extensionSize is that of the header extension with the transport-wide number
// (RFC 8285, section 4.2).
const extensionSize = 8

// send writes header and body into the send arena and seals them there: the
// only copy that is made of a payload on its way out.
func (t *DownTrack) send(p *media.Packet, h forward.Header) {
	number := uint16(0)
	if c := t.conn; c.extension != 0 {
		number = c.history.Next(t.sizeOf(p)+srtp.Overhead+packetOverhead, 0, c.worker.now)
		t.numbers[h.SequenceNumber%rememberedNumbers] = number
	}
	if t.packets == 0 || int16(h.SequenceNumber-t.newest) > 0 {
		t.newest = h.SequenceNumber
	}
	t.write(p, h, number)
}

// sendAgain sends a packet again, bit for bit: two different packets under one
// sequence number would be two under one nonce of the cipher, transport-wide
// numbers included.
func (t *DownTrack) sendAgain(p *media.Packet, h forward.Header) {
	number := uint16(0)
	if c := t.conn; c.extension != 0 {
		if age := t.newest - h.SequenceNumber; age >= rememberedNumbers {
			return
		}
		number = t.numbers[h.SequenceNumber%rememberedNumbers]
		c.history.Again(number)
	}
	t.write(p, h, number)
}

// rememberedNumbers is how many packets back a transport-wide number is known,
// a power of two.
const rememberedNumbers = 1024

// sizeOf is the size of the packet that is made of p, before it is sealed.
func (t *DownTrack) sizeOf(p *media.Packet) int {
	size := rtpHeaderSize + len(p.Body)
	if t.conn.extension != 0 {
		size += extensionSize
	}
	return size
}

func (t *DownTrack) write(p *media.Packet, h forward.Header, number uint16) {
	c := t.conn
	head := rtpHeaderSize
	if c.extension != 0 {
		head += extensionSize
	}
	size := t.sizeOf(p)
	buffer := c.worker.room(c.path.Socket, size+srtp.Overhead)
	if buffer == nil {
		return
	}
	buffer[0] = 2 << 6 // the version
	if p.Padding > 0 {
		buffer[0] |= 1 << 5
	}
	buffer[1] = t.payloadType
	if h.Marker {
		buffer[1] |= 1 << 7
	}
	binary.BigEndian.PutUint16(buffer[2:], h.SequenceNumber)
	binary.BigEndian.PutUint32(buffer[4:], h.Timestamp)
	binary.BigEndian.PutUint32(buffer[8:], t.ssrc)
	if c.extension != 0 {
		buffer[0] |= 1 << 4
		c.putNumber(buffer[rtpHeaderSize:head], number)
	}
	copy(buffer[head:], p.Body)
	if h.Rewritten && t.rewrite != nil {
		t.rewrite(buffer[head:size], h.PictureID, h.TL0PicIdx)
	}
	n, err := c.sealer.RTP(buffer, size)
	if err != nil {
		return // the key is used up, after 2^48 packets
	}
	c.worker.commit(c.path, n)
	t.packets++
	t.octets += uint64(len(p.Body) - int(p.Padding))
	c.line.octets += uint64(n + packetOverhead)
	c.line.pacer.credit -= float64(n + packetOverhead)
}

// putNumber writes the header extension with the number of a packet.
func (d *DownConn) putNumber(extension []byte, number uint16) {
	binary.BigEndian.PutUint32(extension, 0xBEDE<<16|1)
	extension[4] = d.extension<<4 | 1
	binary.BigEndian.PutUint16(extension[5:], number)
	extension[7] = 0
}

// paddingSize is what a packet that holds nothing but padding takes, in bytes:
// at most 255 can be padding (RFC 3550, section 5.1).
const paddingSize = rtpHeaderSize + extensionSize + maxPadding + srtp.Overhead + packetOverhead

const maxPadding = 255

// sendPadding sends a packet of a probe; false if it is not the time.
func (t *DownTrack) sendPadding(probe uint8) bool {
	c := t.conn
	if c.extension == 0 || !c.canSend() || !t.joined {
		return false
	}
	const head, size = rtpHeaderSize + extensionSize, rtpHeaderSize + extensionSize + maxPadding
	buffer := c.worker.room(c.path.Socket, size+srtp.Overhead)
	if buffer == nil {
		return false
	}
	h, ok := t.forwarder.Pad()
	if !ok {
		return false
	}
	clear(buffer[:size])
	buffer[0] = 2<<6 | 1<<5 | 1<<4
	buffer[1] = t.payloadType
	binary.BigEndian.PutUint16(buffer[2:], h.SequenceNumber)
	binary.BigEndian.PutUint32(buffer[4:], h.Timestamp)
	binary.BigEndian.PutUint32(buffer[8:], t.ssrc)
	c.putNumber(buffer[rtpHeaderSize:head], c.history.Next(paddingSize, probe, c.worker.now))
	buffer[size-1] = maxPadding
	n, err := c.sealer.RTP(buffer, size)
	if err != nil {
		return false
	}
	c.worker.commit(c.path, n)
	t.packets++
	c.line.octets += uint64(n + packetOverhead)
	return true
}
