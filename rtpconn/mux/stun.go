package mux

import (
	"bytes"
	"encoding/binary"
)

// The parts of RFC 8489 and RFC 8445 that routing looks at.
const (
	stunHeaderSize  = 20
	stunMagicCookie = 0x2112A442

	methodBinding = 0x001

	attributeUsername         = 0x0006
	attributeMessageIntegrity = 0x0008
	attributePriority         = 0x0024
	attributeUseCandidate     = 0x0025
	attributeFingerprint      = 0x8028
	attributeControlled       = 0x8029
	attributeControlling      = 0x802A
)

// stunClass is the class of a STUN message (RFC 8489, section 5).
type stunClass uint8

const (
	classRequest stunClass = iota
	classIndication
	classSuccess
	classError
)

type transactionID [12]byte

// stunMessage is what routing needs of a STUN message.
type stunMessage struct {
	class  stunClass
	method uint16
	id     transactionID
	// username is the value of USERNAME; it aliases the datagram.
	username     []byte
	useCandidate bool
}

// localUfrag is the first half of the USERNAME of a request to us
// (RFC 8445, section 7.2.2), nil if there is none.
func (m *stunMessage) localUfrag() []byte {
	local, _, ok := bytes.Cut(m.username, []byte{':'})
	if !ok {
		return nil
	}
	return local
}

// parseSTUN validates a datagram as a STUN message. Attribute lengths are
// checked here because the library behind the view trusts them.
func parseSTUN(d []byte) (m stunMessage, ok bool) {
	if len(d) < stunHeaderSize || d[0] > 3 || binary.BigEndian.Uint32(d[4:]) != stunMagicCookie {
		return stunMessage{}, false
	}
	if size := int(binary.BigEndian.Uint16(d[2:])); size%4 != 0 || size != len(d)-stunHeaderSize {
		return stunMessage{}, false
	}
	t := binary.BigEndian.Uint16(d)
	m.class = stunClass(t>>4&1 | t>>7&2)
	m.method = t&0x000F | t>>1&0x0070 | t>>2&0x0F80
	copy(m.id[:], d[8:])
	for rest := d[stunHeaderSize:]; len(rest) > 0; {
		if len(rest) < 4 {
			return stunMessage{}, false
		}
		kind := binary.BigEndian.Uint16(rest)
		size := int(binary.BigEndian.Uint16(rest[2:]))
		padded := (size + 3) &^ 3
		if len(rest) < 4+padded {
			return stunMessage{}, false
		}
		value := rest[4 : 4+size]
		if !validSize(kind, size) {
			return stunMessage{}, false
		}
		switch kind {
		case attributeUsername:
			if m.username == nil {
				m.username = value
			}
		case attributeUseCandidate:
			m.useCandidate = true
		}
		rest = rest[4+padded:]
	}
	return m, true
}

// validSize tells whether an attribute that has one size only has it.
func validSize(kind uint16, size int) bool {
	switch kind {
	case attributePriority, attributeFingerprint:
		return size == 4
	case attributeControlled, attributeControlling:
		return size == 8
	case attributeMessageIntegrity:
		return size == 20
	case attributeUseCandidate:
		return size == 0
	case attributeUsername:
		return size <= 512 // RFC 8489, section 14.3: less than 509 bytes
	}
	return true
}
