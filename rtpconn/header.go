package rtpconn

import (
	"encoding/binary"

	"galene/group/media"
	"galene/rtpconn/dependency"
	"galene/rtpconn/forward"
)

const (
	// rtpHeaderSize is that of a header without contributing sources and
	// extensions (RFC 3550, section 5.1).
	rtpHeaderSize = 12
	// extensionSize is that of the header extensions of a packet that has a
	// transport-wide number only (RFC 8285, section 4.2).
	extensionSize = 8
	// maxOneByte is the longest value of an extension in the one-byte form.
	maxOneByte = 16
)

// headSize is that of the headers of the RTP packet that is made of p.
func (d *DownConn) headSize(p *media.Packet) int {
	size := rtpHeaderSize + len(p.Sources)
	switch {
	case d.describes(p):
		return size + d.describedSize(p)
	case d.extensions.transportCC != 0:
		return size + extensionSize
	}
	return size
}

// describes tells whether the subscriber gets the descriptor of a packet.
func (d *DownConn) describes(p *media.Packet) bool {
	return len(p.Descriptor) > 0 && d.extensions.dependency != 0
}

// describedSize is that of the extensions of a packet with a descriptor, in whole
// words.
func (d *DownConn) describedSize(p *media.Packet) int {
	element := 1 // of the header of a value
	if len(p.Descriptor) > maxOneByte {
		element = 2
	}
	size := element + len(p.Descriptor)
	if d.extensions.transportCC != 0 {
		size += element + 2
	}
	return 4 + (size+3)&^3
}

// putHeader writes the header of the RTP packet that is made of p, and returns its
// length.
func (d *DownConn) putHeader(dst []byte, p *media.Packet, payloadType uint8, h forward.Header, ssrc uint32, number uint16) int {
	// The version, and then flag by flag.
	first := uint32(2<<30) | uint32(payloadType)<<16 | uint32(h.SequenceNumber)
	if p.Padding > 0 {
		first |= 1 << 29
	}
	if h.Marker {
		first |= 1 << 23
	}
	binary.BigEndian.PutUint32(dst[4:], h.Timestamp)
	binary.BigEndian.PutUint32(dst[8:], ssrc)
	size := rtpHeaderSize
	if n := len(p.Sources); n > 0 {
		first |= uint32(n/4) << 24
		size += copy(dst[rtpHeaderSize:], p.Sources)
	}
	const hasExtensions = 1 << 28
	switch {
	case d.describes(p):
		binary.BigEndian.PutUint32(dst, first|hasExtensions)
		extensions := d.describedSize(p)
		d.putDescribed(dst[size:size+extensions], p, h, number)
		return size + extensions
	case d.extensions.transportCC != 0:
		binary.BigEndian.PutUint32(dst, first|hasExtensions)
		// One element of two bytes, and padding.
		binary.BigEndian.PutUint64(dst[size:], 0xBEDE_0001_0000_0000|uint64(d.extensions.transportCC<<4|1)<<24|uint64(number)<<8)
		return size + extensionSize
	}
	binary.BigEndian.PutUint32(dst, first)
	return size
}

// putDescribed writes the extensions of a packet with a descriptor, in the form
// that has room for it (RFC 8285, sections 4.2 and 4.3).
func (d *DownConn) putDescribed(dst []byte, p *media.Packet, h forward.Header, number uint16) {
	const oneByteForm, twoByteForm = 0xBEDE, 0x1000
	long := len(p.Descriptor) > maxOneByte
	form := uint16(oneByteForm)
	if long {
		form = twoByteForm
	}
	binary.BigEndian.PutUint16(dst, form)
	binary.BigEndian.PutUint16(dst[2:], uint16(len(dst)/4-1))
	at := 4
	open := func(id uint8, size int) {
		if long {
			dst[at], dst[at+1] = id, uint8(size)
			at += 2
			return
		}
		dst[at] = id<<4 | uint8(size-1)
		at++
	}
	if id := d.extensions.transportCC; id != 0 {
		open(id, 2)
		binary.BigEndian.PutUint16(dst[at:], number)
		at += 2
	}
	open(d.extensions.dependency, len(p.Descriptor))
	copy(dst[at:], p.Descriptor)
	dependency.PutNumber(dst[at:], h.FrameNumber)
	clear(dst[at+len(p.Descriptor):])
}
