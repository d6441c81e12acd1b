package srtp

import (
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/pion/rtp"
	pionsrtp "github.com/pion/srtp/v2"
)

// Overhead is the largest number of bytes that sealing adds: the tag of
// AES-GCM and the index of SRTCP.
const Overhead = 20

var (
	errNoRoom      = errors.New("no room for the authentication tag")
	errBeforeFirst = errors.New("sequence number before the first one of its source")
	errExtension   = errors.New("unusual header extension")
)

// Sealer encrypts what we send to one peer.
type Sealer struct {
	context *pionsrtp.Context
	// highest holds, by source, the highest index: the sequence number with
	// its roll-overs in front (RFC 3711, section 3.3.1).
	highest map[uint32]int64
	header  rtp.Header // reused, so as not to allocate
}

// NewSealer returns a Sealer for our master key and salt, which it does not
// keep. The lengths are those of the profile.
func NewSealer(profile pionsrtp.ProtectionProfile, key, salt []byte) (*Sealer, error) {
	c, err := pionsrtp.CreateContext(key, salt, profile)
	if err != nil {
		return nil, fmt.Errorf("seal SRTP: %w", err)
	}
	return &Sealer{context: c, highest: make(map[uint32]int64)}, nil
}

// RTP encrypts the RTP packet in buf[:n] in place and returns the length of the
// SRTP packet. The capacity of buf must exceed n by Overhead.
//
// A packet may be sealed again, identically: the result is the same datagram as
// the first time, provided that its number is less than 32,768 behind the
// highest one. A different packet must never have a number that was used
// before. A number before the first one of its source is an error, since its
// index would be negative. A header extension block must be as a packer writes
// it, without padding between the elements.
func (s *Sealer) RTP(buf []byte, n int) (int, error) {
	if n < 12 {
		return 0, errTooShort
	}
	if cap(buf)-n < Overhead {
		return 0, errNoRoom
	}
	plain := buf[:n]
	sequence, ssrc := binary.BigEndian.Uint16(plain[2:]), binary.BigEndian.Uint32(plain[8:])
	if plain[0]&0x10 != 0 {
		// pion writes the header anew; in place that must change nothing.
		size, err := s.header.Unmarshal(plain)
		if err != nil {
			return 0, fmt.Errorf("seal SRTP: %w", err)
		}
		if s.header.MarshalSize() != size {
			return 0, errExtension
		}
	}
	highest, known := s.highest[ssrc]
	index := int64(sequence)
	if known {
		index = highest + int64(int16(sequence-uint16(highest)))
	}
	if index < 0 {
		return 0, errBeforeFirst
	}
	sealed, err := s.context.EncryptRTP(plain, plain, &s.header)
	if err != nil {
		return 0, fmt.Errorf("seal SRTP: %w", err)
	}
	if !known || index > highest {
		s.highest[ssrc] = index
	}
	return len(sealed), nil
}

// RTCP encrypts the compound RTCP packet in buf[:n] in place and returns the
// length of the SRTCP packet. The capacity of buf must exceed n by Overhead.
func (s *Sealer) RTCP(buf []byte, n int) (int, error) {
	if n < 8 {
		return 0, errTooShort
	}
	if cap(buf)-n < Overhead {
		return 0, errNoRoom
	}
	sealed, err := s.context.EncryptRTCP(buf[:n], buf[:n], nil)
	if err != nil {
		return 0, fmt.Errorf("seal SRTCP: %w", err)
	}
	return len(sealed), nil
}
