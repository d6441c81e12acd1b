package srtp

import (
	"encoding/binary"
	"errors"
	"fmt"

	pionsrtp "github.com/pion/srtp/v2"
)

const (
	// rtpHeaderSize is that of the fixed part of an RTP header (RFC 3550,
	// section 5.1).
	rtpHeaderSize = 12
	// maxLateStart is how far after a roll-over of the sequence number a
	// source may be heard for the first time.
	maxLateStart = 1 << 12
	// scratchSize is more than any datagram that is worth decrypting.
	scratchSize = 2048
)

var (
	// ErrTooManySources is returned for a packet of a new source once a connection
	// has had as many as are remembered.
	ErrTooManySources = errors.New("too many sources on one connection")

	errTooShort = errors.New("packet too short")
	errTooLong  = errors.New("packet too long")
	errReplayed = errors.New("packet replayed, or too old to tell")
)

// Opener decrypts what one peer sends. It remembers a source only after a
// packet of it has proved authentic, and for good: nothing of it is taken twice, however
// many others there have been since.
type Opener struct {
	suite suite
	rtp   sources
	rtcp  sources
	// scratch is there once it was needed, of scratchSize: who only subscribes
	// sends nothing that needs it.
	scratch []byte
}

// NewOpener returns an Opener for the peer's master key and salt, which it does
// not keep. The lengths are those of the profile.
func NewOpener(profile pionsrtp.ProtectionProfile, key, salt []byte) (*Opener, error) {
	s, err := newSuite(profile, key, salt)
	if err != nil {
		return nil, fmt.Errorf("open SRTP: %w", err)
	}
	return &Opener{suite: s}, nil
}

// RTP decrypts an SRTP packet in place and returns the RTP packet, a prefix of
// the datagram. A packet that is malformed, forged or replayed is an error, and
// the datagram then of no use.
func (o *Opener) RTP(datagram []byte) (plain []byte, err error) {
	header, ok := headerSize(datagram)
	if !ok {
		return nil, errTooShort
	}
	sequence, ssrc := binary.BigEndian.Uint16(datagram[2:]), binary.BigEndian.Uint32(datagram[8:])
	source := o.rtp.find(ssrc)
	if source == nil {
		return o.firstRTP(datagram, header, sequence, ssrc)
	}
	index, ok := source.index(sequence)
	if !ok || !source.fresh(index) {
		return nil, errReplayed
	}
	n, err := o.suite.openRTP(datagram, header, index)
	if err != nil {
		return nil, err
	}
	o.rtp.note(source, index)
	return datagram[:n], nil
}

// firstRTP decrypts a packet of a source that is not in use: a new one, or one of long
// ago.
func (o *Opener) firstRTP(datagram []byte, header int, sequence uint16, ssrc uint32) ([]byte, error) {
	source, ok := o.rtp.recall(ssrc)
	if !ok {
		return nil, ErrTooManySources
	}
	index := uint64(sequence)
	switch {
	case source.any:
		if index, ok = source.index(sequence); !ok || !source.fresh(index) {
			return nil, errReplayed
		}
	case sequence < maxLateStart:
		// The sequence number may have rolled over before anything of this
		// source got here. Trying destroys what it is tried on.
		if len(datagram) > scratchSize {
			return nil, errTooLong
		}
		if o.scratch == nil {
			o.scratch = make([]byte, scratchSize)
		}
		trial := o.scratch[:copy(o.scratch, datagram)]
		if _, err := o.suite.openRTP(trial, header, index); err != nil {
			index += 1 << 16
		}
	}
	n, err := o.suite.openRTP(datagram, header, index)
	if err != nil {
		return nil, err
	}
	o.rtp.add(source, index)
	return datagram[:n], nil
}

// RTCP decrypts an SRTCP packet in place and returns the compound RTCP packet,
// a prefix of the datagram. Errors are those of RTP.
func (o *Opener) RTCP(datagram []byte) (plain []byte, err error) {
	index, err := o.suite.indexRTCP(datagram)
	if err != nil {
		return nil, err
	}
	ssrc := binary.BigEndian.Uint32(datagram[4:])
	source := o.rtcp.find(ssrc)
	if source == nil {
		return o.firstRTCP(datagram, uint64(index), ssrc)
	}
	if !source.fresh(uint64(index)) {
		return nil, errReplayed
	}
	n, err := o.suite.openRTCP(datagram)
	if err != nil {
		return nil, err
	}
	o.rtcp.note(source, uint64(index))
	return datagram[:n], nil
}

// firstRTCP decrypts a packet of a source that is not in use.
func (o *Opener) firstRTCP(datagram []byte, index uint64, ssrc uint32) ([]byte, error) {
	source, ok := o.rtcp.recall(ssrc)
	if !ok {
		return nil, ErrTooManySources
	}
	if !source.fresh(index) {
		return nil, errReplayed
	}
	n, err := o.suite.openRTCP(datagram)
	if err != nil {
		return nil, err
	}
	o.rtcp.add(source, index)
	return datagram[:n], nil
}

// headerSize returns the length of an RTP header with its contributing sources
// and extensions (RFC 3550, sections 5.1 and 5.3.1); ok is false if the packet
// is shorter.
func headerSize(packet []byte) (size int, ok bool) {
	if len(packet) < rtpHeaderSize {
		return 0, false
	}
	size = rtpHeaderSize + 4*int(packet[0]&0x0F)
	if packet[0]&0x10 != 0 {
		if len(packet) < size+4 {
			return 0, false
		}
		size += 4 + 4*int(binary.BigEndian.Uint16(packet[size+2:]))
	}
	return size, size <= len(packet)
}
