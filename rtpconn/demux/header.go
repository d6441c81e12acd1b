package demux

import (
	"encoding/binary"
	"errors"
)

// fixedHeader is the size of an RTP header without sources and extension.
const fixedHeader = 12

// ErrMalformed is returned for what is no RTP packet.
var ErrMalformed = errors.New("malformed RTP packet")

// Header is what forwarding needs of an RTP header (RFC 3550, section 5.1).
type Header struct {
	SequenceNumber uint16
	Timestamp      uint32
	SSRC           uint32
	PayloadType    uint8
	Marker         bool
	// HeaderSize is where the body starts, in bytes: behind the contributing
	// sources and the extension.
	HeaderSize int
	// Padding is the number of bytes at the end that are padding, with their
	// count, which is the last byte.
	Padding uint8
}

// ParseHeader reads the header of an RTP packet. All lengths that the header
// tells are within the packet when the error is nil. It does not allocate.
func ParseHeader(packet []byte) (Header, error) {
	if len(packet) < fixedHeader || packet[0]>>6 != 2 {
		return Header{}, ErrMalformed
	}
	h := Header{
		Marker:         packet[1]&0x80 != 0,
		PayloadType:    packet[1] & 0x7f,
		SequenceNumber: binary.BigEndian.Uint16(packet[2:]),
		Timestamp:      binary.BigEndian.Uint32(packet[4:]),
		SSRC:           binary.BigEndian.Uint32(packet[8:]),
		HeaderSize:     fixedHeader + 4*int(packet[0]&0x0f),
	}
	if packet[0]&0x10 != 0 {
		if len(packet) < h.HeaderSize+4 {
			return Header{}, ErrMalformed
		}
		h.HeaderSize += 4 + 4*int(binary.BigEndian.Uint16(packet[h.HeaderSize+2:]))
	}
	if len(packet) < h.HeaderSize {
		return Header{}, ErrMalformed
	}
	if packet[0]&0x20 != 0 {
		h.Padding = packet[len(packet)-1]
		if h.Padding == 0 || int(h.Padding) > len(packet)-h.HeaderSize {
			return Header{}, ErrMalformed
		}
	}
	return h, nil
}

// Sources returns the contributing sources of a packet that ParseHeader has accepted,
// as they are in its header; it does not allocate.
func Sources(packet []byte) []byte {
	return packet[fixedHeader : fixedHeader+4*int(packet[0]&0x0f)]
}

// Extensions are the numbers of the header extensions that were negotiated; 0
// means not negotiated.
type Extensions struct {
	MID, RID, RepairedRID uint8
	// TransportCC is that of transport-wide sequence numbers.
	TransportCC uint8
	// AudioLevel is that of the loudness of a sound (RFC 6464).
	AudioLevel uint8
	// DependencyDescriptor is that of what a frame of a picture depends on.
	DependencyDescriptor uint8
}

// Values are those of the extensions in a packet; nil where absent. They are
// parts of the packet.
type Values struct {
	MID, RID, RepairedRID, TransportCC, AudioLevel, DependencyDescriptor []byte
}

// TransportSequence returns the transport-wide sequence number; ok is false if
// there is none.
func (v *Values) TransportSequence() (sequence uint16, ok bool) {
	if len(v.TransportCC) != 2 {
		return 0, false
	}
	return binary.BigEndian.Uint16(v.TransportCC), true
}

// Loudness returns how loud the sound in the packet is: 0 for silence, 127 for
// the most there can be, in steps of a decibel; ok is false if it does not say.
func (v *Values) Loudness() (loudness uint8, ok bool) {
	if len(v.AudioLevel) == 0 {
		return 0, false
	}
	return 127 - v.AudioLevel[0]&0x7f, true
}

// Find looks for the extensions in a packet that ParseHeader has accepted, in
// the one-byte and the two-byte form (RFC 8285). It does not allocate.
func (x Extensions) Find(packet []byte) (v Values) {
	if packet[0]&0x10 == 0 {
		return v
	}
	start := fixedHeader + 4*int(packet[0]&0x0f)
	profile := binary.BigEndian.Uint16(packet[start:])
	p := packet[start+4:]
	p = p[:4*int(binary.BigEndian.Uint16(packet[start+2:]))]
	oneByte := profile == 0xbede
	if !oneByte && profile>>4 != 0x100 {
		return v
	}
	for len(p) > 0 {
		if p[0] == 0 { // padding
			p = p[1:]
			continue
		}
		var id uint8
		var length int
		if oneByte {
			id, length = p[0]>>4, int(p[0]&0x0f)+1
			if id == 0 || id == 15 { // the end
				return v
			}
			p = p[1:]
		} else {
			if len(p) < 2 {
				return v
			}
			id, length = p[0], int(p[1])
			p = p[2:]
		}
		if length > len(p) {
			return v
		}
		x.assign(&v, id, p[:length])
		p = p[length:]
	}
	return v
}

func (x Extensions) assign(v *Values, id uint8, value []byte) {
	switch id {
	case 0:
	case x.MID:
		v.MID = value
	case x.RID:
		v.RID = value
	case x.RepairedRID:
		v.RepairedRID = value
	case x.TransportCC:
		v.TransportCC = value
	case x.AudioLevel:
		v.AudioLevel = value
	case x.DependencyDescriptor:
		v.DependencyDescriptor = value
	}
}
