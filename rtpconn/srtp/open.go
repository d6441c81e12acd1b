package srtp

import (
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/pion/rtp"
	pionsrtp "github.com/pion/srtp/v2"
)

const (
	// replayWindow is the number of packets of one source that may overtake
	// another one.
	replayWindow = 512
	// maxSources bounds the sources of one connection, RTP and RTCP each. A
	// publisher has two or three a track; a new one for each restart of an
	// encoder leaves ample room.
	maxSources = 64
	// maxForged is the number of packets that fail as the first of their
	// source before the memory of them is thrown away.
	maxForged = 32
	// maxLateStart is how far after a roll-over of the sequence number a
	// source may be heard for the first time.
	maxLateStart = 1 << 12
	// scratchSize is more than any datagram that is worth decrypting.
	scratchSize = 2048
)

var (
	// ErrTooManySources is returned for an authentic packet of a source beyond
	// the number that one connection may have.
	ErrTooManySources = errors.New("too many sources on one connection")

	errTooShort = errors.New("packet too short")
	errTooLong  = errors.New("packet too long")
)

// Opener decrypts what one peer sends.
//
// The context of pion/srtp keeps state for every source that it is shown, even
// by a packet that then turns out to be forged. So the first packet of a
// source is tried on a context that is thrown away now and then, and shown to
// the real one only when it is authentic.
type Opener struct {
	profile   pionsrtp.ProtectionProfile
	key, salt []byte

	context *pionsrtp.Context
	rtp     map[uint32]struct{} // the sources that context knows
	rtcp    map[uint32]struct{}

	trial   *pionsrtp.Context
	forged  int // packets that failed on trial
	scratch [scratchSize]byte
	header  rtp.Header // reused, so as not to allocate
}

// NewOpener returns an Opener for the peer's master key and salt, which it
// copies. The lengths are those of the profile.
func NewOpener(profile pionsrtp.ProtectionProfile, key, salt []byte) (*Opener, error) {
	o := &Opener{
		profile: profile,
		key:     append([]byte(nil), key...),
		salt:    append([]byte(nil), salt...),
		rtp:     make(map[uint32]struct{}),
		rtcp:    make(map[uint32]struct{}),
	}
	var err error
	if o.context, err = o.newContext(); err != nil {
		return nil, err
	}
	o.trial, err = o.newContext()
	return o, err
}

func (o *Opener) newContext() (*pionsrtp.Context, error) {
	c, err := pionsrtp.CreateContext(o.key, o.salt, o.profile,
		pionsrtp.SRTPReplayProtection(replayWindow), pionsrtp.SRTCPReplayProtection(replayWindow))
	if err != nil {
		return nil, fmt.Errorf("open SRTP: %w", err)
	}
	return c, nil
}

// RTP decrypts an SRTP packet in place and returns the RTP packet, a prefix of
// the datagram. A packet that is malformed, forged or replayed is an error, and
// the datagram then of no use.
func (o *Opener) RTP(datagram []byte) (plain []byte, err error) {
	if len(datagram) < 12 {
		return nil, errTooShort
	}
	ssrc := binary.BigEndian.Uint32(datagram[8:])
	if _, known := o.rtp[ssrc]; !known {
		if err := o.admitRTP(datagram, ssrc); err != nil {
			return nil, err
		}
	}
	return o.context.DecryptRTP(datagram, datagram, &o.header)
}

// admitRTP makes the source known if the packet is authentic. It leaves the
// packet as it is.
func (o *Opener) admitRTP(datagram []byte, ssrc uint32) error {
	if len(datagram) > scratchSize {
		return errTooLong
	}
	rollovers := uint32(0)
	o.trial.SetROC(ssrc, rollovers) // an earlier failure may have changed it
	_, err := o.trial.DecryptRTP(o.scratch[:0], datagram, &o.header)
	if err != nil && binary.BigEndian.Uint16(datagram[2:]) < maxLateStart {
		// The sequence number may have rolled over before anything of this
		// source got here.
		rollovers = 1
		o.trial.SetROC(ssrc, rollovers)
		_, err = o.trial.DecryptRTP(o.scratch[:0], datagram, &o.header)
	}
	if err := o.tried(err); err != nil {
		return err
	}
	if len(o.rtp) >= maxSources {
		return ErrTooManySources
	}
	o.rtp[ssrc] = struct{}{}
	o.context.SetROC(ssrc, rollovers)
	return nil
}

// RTCP decrypts an SRTCP packet in place and returns the compound RTCP packet,
// a prefix of the datagram. Errors are those of RTP.
func (o *Opener) RTCP(datagram []byte) (plain []byte, err error) {
	if len(datagram) < 8 {
		return nil, errTooShort
	}
	ssrc := binary.BigEndian.Uint32(datagram[4:])
	if _, known := o.rtcp[ssrc]; !known {
		if err := o.admitRTCP(datagram, ssrc); err != nil {
			return nil, err
		}
	}
	return o.context.DecryptRTCP(datagram, datagram, nil)
}

// admitRTCP is admitRTP for RTCP.
func (o *Opener) admitRTCP(datagram []byte, ssrc uint32) error {
	if len(datagram) > scratchSize {
		return errTooLong
	}
	// pion wants a destination that already holds the packet.
	scratch := o.scratch[:copy(o.scratch[:], datagram)]
	_, err := o.trial.DecryptRTCP(scratch, datagram, nil)
	if err := o.tried(err); err != nil {
		return err
	}
	if len(o.rtcp) >= maxSources {
		return ErrTooManySources
	}
	o.rtcp[ssrc] = struct{}{}
	return nil
}

// tried accounts for a use of the trial context that ended with err, and
// returns err.
//
// An authentic packet makes the trial context remember a source too, and its
// roll-over counter. As the source becomes known, it is not asked again, except
// beyond maxSources: then the replay window speaks, which is an error as well.
func (o *Opener) tried(err error) error {
	if err == nil {
		return nil
	}
	if o.forged++; o.forged < maxForged {
		return err
	}
	o.forged = 0
	fresh, errFresh := o.newContext()
	if errFresh != nil {
		return errFresh
	}
	o.trial = fresh
	return err
}
