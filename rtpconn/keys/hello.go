package keys

import (
	"encoding/binary"
	"errors"
)

const (
	recordHeader    = 13 // RFC 6347, section 4.1
	handshakeHeader = 12 // section 4.2.2

	contentHandshake = 22
	typeClientHello  = 1
	typeServerHello  = 2

	extensionUseSRTP = 14 // RFC 5764, section 9

	// maxHello bounds a hello, in bytes. Those of browsers have two thousand,
	// most of them for post-quantum keys.
	maxHello = 16 << 10
	// maxBegun is how many hellos of one direction are put together: one each time that
	// a flight is sent again. A few bytes can begin one, which takes room for a whole.
	maxBegun = 128
)

var errMalformed = errors.New("malformed hello")

// hello is what is needed of a ClientHello or a ServerHello.
type hello struct {
	kind   byte // typeClientHello or typeServerHello
	random [32]byte
	// suite is that of a ServerHello.
	suite uint16
	// profiles are those of use_srtp: one in a ServerHello.
	profiles []uint16
}

// assembler puts the hellos of one direction together from the fragments that
// datagrams bring, in any order. It holds one message at a time.
type assembler struct {
	// begun counts the hellos; no more than maxBegun are looked at.
	begun    int
	kind     byte
	sequence uint16
	body     []byte
	have     []bool
	missing  int
}

// datagram looks through the DTLS records of one datagram and calls found for
// each hello that is complete and well-formed.
func (a *assembler) datagram(p []byte, found func(hello)) {
	for len(p) >= recordHeader {
		content, epoch := p[0], binary.BigEndian.Uint16(p[3:])
		length := int(binary.BigEndian.Uint16(p[11:]))
		if len(p) < recordHeader+length {
			return
		}
		// From epoch 1 on records are encrypted.
		if content == contentHandshake && epoch == 0 {
			a.record(p[recordHeader:recordHeader+length], found)
		}
		p = p[recordHeader+length:]
	}
}

// record looks through the handshake messages, or pieces of them, in a record.
func (a *assembler) record(p []byte, found func(hello)) {
	for len(p) >= handshakeHeader {
		kind, total := p[0], uint24(p[1:])
		sequence := binary.BigEndian.Uint16(p[4:])
		offset, length := uint24(p[6:]), uint24(p[9:])
		if len(p) < handshakeHeader+length {
			return
		}
		fragment := p[handshakeHeader : handshakeHeader+length]
		p = p[handshakeHeader+length:]
		if kind != typeClientHello && kind != typeServerHello || total > maxHello || offset+length > total {
			continue
		}
		if !a.add(kind, sequence, total, offset, fragment) {
			continue
		}
		if h, err := parseHello(kind, a.body); err == nil {
			found(h)
		}
		*a = assembler{begun: a.begun}
	}
}

// add takes a fragment and tells whether the message is complete. A fragment
// of another message replaces what there is.
func (a *assembler) add(kind byte, sequence uint16, total, offset int, fragment []byte) bool {
	if a.kind != kind || a.sequence != sequence || len(a.body) != total {
		if a.begun == maxBegun {
			return false
		}
		*a = assembler{
			begun: a.begun + 1, kind: kind, sequence: sequence,
			body: make([]byte, total), have: make([]bool, total), missing: total,
		}
	}
	for i, b := range fragment {
		if !a.have[offset+i] {
			a.have[offset+i] = true
			a.body[offset+i] = b
			a.missing--
		}
	}
	return a.missing == 0
}

// parseHello reads the body of a hello (RFC 5246, section 7.4.1; RFC 6347,
// section 4.2.1 for the cookie).
func parseHello(kind byte, body []byte) (hello, error) {
	h := hello{kind: kind}
	r := reader{p: body}
	r.skip(2) // version
	copy(h.random[:], r.take(len(h.random)))
	r.skip(r.uint8()) // session id
	if kind == typeClientHello {
		r.skip(r.uint8())  // cookie
		r.skip(r.uint16()) // cipher suites
		r.skip(r.uint8())  // compression methods
	} else {
		h.suite = uint16(r.uint16())
		r.skip(1) // compression method
	}
	if r.failed {
		return hello{}, errMalformed
	}
	if len(r.p) == 0 {
		return h, nil // no extensions
	}
	extensions := reader{p: r.take(r.uint16())}
	for len(extensions.p) > 0 && !extensions.failed {
		number := extensions.uint16()
		data := reader{p: extensions.take(extensions.uint16())}
		if number == extensionUseSRTP {
			list := reader{p: data.take(data.uint16())}
			h.profiles = nil
			for len(list.p) > 0 && !list.failed {
				h.profiles = append(h.profiles, uint16(list.uint16()))
			}
			extensions.failed = extensions.failed || data.failed || list.failed
		}
	}
	if r.failed || extensions.failed {
		return hello{}, errMalformed
	}
	return h, nil
}

// reader takes a message apart. After a failure everything is zero.
type reader struct {
	p      []byte
	failed bool
}

func (r *reader) take(n int) []byte {
	if len(r.p) < n {
		r.p, r.failed = nil, true
		return nil
	}
	taken := r.p[:n]
	r.p = r.p[n:]
	return taken
}

func (r *reader) skip(n int) { r.take(n) }

func (r *reader) uint8() int {
	if p := r.take(1); p != nil {
		return int(p[0])
	}
	return 0
}

func (r *reader) uint16() int {
	if p := r.take(2); p != nil {
		return int(binary.BigEndian.Uint16(p))
	}
	return 0
}

func uint24(p []byte) int { return int(p[0])<<16 | int(p[1])<<8 | int(p[2]) }
