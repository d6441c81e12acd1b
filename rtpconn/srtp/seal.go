package srtp

import (
	"encoding/binary"
	"errors"
	"fmt"
	"unsafe"

	"galene/rtpconn/prefetch"

	pionsrtp "github.com/pion/srtp/v2"
)

// Overhead is the largest number of bytes that sealing adds: the tag of
// AES-GCM and the index of SRTCP.
const Overhead = gcmTagSize + rtcpIndexSize

const (
	// endOfIndices is the number of RTP packets that one key protects for one
	// source, and endOfRTCPIndices that of RTCP packets (RFC 3711, section 9.2).
	endOfIndices     = 1 << 48
	endOfRTCPIndices = 1 << 31
)

var (
	errNoRoom      = errors.New("no room for the authentication tag")
	errBeforeFirst = errors.New("sequence number before the first one of its source")
	errHeader      = errors.New("header longer than its packet")
	errUsedUp      = errors.New("the key is used up")
)

// Sealer encrypts what we send to one peer.
type Sealer struct {
	suite suite
	// schedule is where the cipher for RTP has what it computed of its key; nil
	// if that is not known.
	schedule *keySchedule
	// sources begin in first, next to the rest.
	sources []sent
	first   [2]sent
}

// sent is what has been sent from one of our sources.
type sent struct {
	ssrc uint32
	// any is set once an RTP packet has been sent; highest is its index if no
	// later one had a higher.
	any     bool
	highest int64
	// reports counts RTCP packets.
	reports uint32
}

// NewSealer returns a Sealer for our master key and salt, which it does not
// keep. The lengths are those of the profile.
func NewSealer(profile pionsrtp.ProtectionProfile, key, salt []byte) (*Sealer, error) {
	s, err := newSuite(profile, key, salt)
	if err != nil {
		return nil, fmt.Errorf("seal SRTP: %w", err)
	}
	sealer := &Sealer{suite: s}
	sealer.sources = sealer.first[:0]
	if g, ok := s.(*gcm); ok {
		sealer.schedule = g.schedule()
	}
	return sealer, nil
}

// Approach asks the processor for the Sealer itself, and Prefetch, a little
// later, for what it needs for the next packet. See package prefetch.
func (s *Sealer) Approach() { prefetch.Range(s, 0, unsafe.Sizeof(*s)) }

// Prefetch is described with Approach.
func (s *Sealer) Prefetch() {
	if s.schedule != nil {
		prefetch.Range(s.schedule, 0, unsafe.Sizeof(*s.schedule))
	}
}

// nearSources is how many sources a connection has in use: sound, pictures, what is sent
// again of them, and reports.
const nearSources = 4

// source returns the state of one of our sources. Those of tracks that are gone are
// never forgotten, since numbers must not be used again, so those in use are brought to
// the front, where they are found at once.
func (s *Sealer) source(ssrc uint32) *sent {
	for i := range s.sources {
		if s.sources[i].ssrc != ssrc {
			continue
		}
		if i >= nearSources {
			found := s.sources[i]
			copy(s.sources[1:], s.sources[:i])
			s.sources[0], i = found, 0
		}
		return &s.sources[i]
	}
	s.sources = append(s.sources, sent{ssrc: ssrc})
	return &s.sources[len(s.sources)-1]
}

// RTP encrypts the RTP packet in buf[:n] in place and returns the length of the
// SRTP packet. The capacity of buf must exceed n by Overhead.
//
// A packet may be sealed again, identically: the result is the same datagram as
// the first time, provided that its number is less than 32,768 behind the
// highest one. A different packet must never have a number that was used
// before. A number before the first one of its source is an error, since its
// index would be negative.
func (s *Sealer) RTP(buf []byte, n int) (int, error) {
	if n < rtpHeaderSize {
		return 0, errTooShort
	}
	if cap(buf)-n < Overhead {
		return 0, errNoRoom
	}
	header, ok := headerSize(buf[:n])
	if !ok {
		return 0, errHeader
	}
	source := s.source(binary.BigEndian.Uint32(buf[8:]))
	sequence := binary.BigEndian.Uint16(buf[2:])
	index := int64(sequence)
	if source.any {
		index = source.highest + int64(int16(sequence-uint16(source.highest)))
	}
	switch {
	case index < 0:
		return 0, errBeforeFirst
	case index >= endOfIndices:
		return 0, errUsedUp
	}
	if !source.any || index > source.highest {
		source.any, source.highest = true, index
	}
	return s.suite.sealRTP(buf[:n+Overhead], header, n, uint64(index)), nil
}

// RTCP encrypts the compound RTCP packet in buf[:n] in place and returns the
// length of the SRTCP packet. The capacity of buf must exceed n by Overhead.
func (s *Sealer) RTCP(buf []byte, n int) (int, error) {
	if n < rtcpHeaderSize {
		return 0, errTooShort
	}
	if cap(buf)-n < Overhead {
		return 0, errNoRoom
	}
	source := s.source(binary.BigEndian.Uint32(buf[4:]))
	if source.reports+1 == endOfRTCPIndices {
		return 0, errUsedUp
	}
	source.reports++
	return s.suite.sealRTCP(buf[:n+Overhead], n, source.reports), nil
}
