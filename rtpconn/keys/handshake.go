package keys

import (
	"encoding/hex"
	"errors"
	"slices"
	"strings"
	"sync"

	"github.com/pion/dtls/v2"
)

// Handshake follows the DTLS handshake of one connection, in whichever role we
// are.
//
// Inbound and Outbound are called for its datagrams, Write by pion, which is
// given the Handshake as its key log. All methods may be called from any
// goroutine.
type Handshake struct {
	profiles [2]dtls.SRTPProtectionProfile

	// mu guards everything below, and the writing of profiles.
	mu       sync.Mutex
	inbound  assembler
	outbound assembler
	// offered is set when the first ClientHello, of either side, is complete:
	// the profiles are settled then.
	offered bool
	// server is set when we have sent a ServerHello.
	server bool
	// reply is the ServerHello, once there is one.
	reply *hello
	// clientRandom and secret come by the key log; nothing is looked at
	// after that.
	clientRandom []byte
	secret       []byte
	erased       bool
}

var (
	errNoSecret = errors.New("no master secret in the key log")
	errNoHello  = errors.New("no ServerHello was seen")
	errErased   = errors.New("secrets have been erased")
	errKeyLog   = errors.New("malformed line in the key log")
)

// NewHandshake returns a Handshake that has not begun.
func NewHandshake() *Handshake {
	return &Handshake{profiles: [2]dtls.SRTPProtectionProfile{
		dtls.SRTP_AEAD_AES_128_GCM,
		dtls.SRTP_AES128_CM_HMAC_SHA1_80,
	}}
}

// Profiles is the list for SettingEngine.SetSRTPProtectionProfiles, best first.
// It is one and the same slice each time: it has to reach pion/dtls without
// being copied, since its contents may change before pion reads it.
func (h *Handshake) Profiles() []dtls.SRTPProtectionProfile { return h.profiles[:] }

// Inbound looks at a datagram of the peer. It has to return before pion is
// given the datagram. It does not keep p. What is not DTLS or makes no sense
// is passed over; memory stays within 32 KiB whatever comes.
func (h *Handshake) Inbound(p []byte) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.secret != nil || h.erased {
		return
	}
	h.inbound.datagram(p, func(m hello) {
		switch {
		case m.kind == typeClientHello && !h.offered:
			h.offered = true
			// Only this first time: later pion may be reading the list. And
			// not if we have sent a ClientHello, which promised both.
			if slices.Contains(m.profiles, uint16(dtls.SRTP_AEAD_AES_128_GCM)) {
				h.profiles[1] = dtls.SRTP_AEAD_AES_128_GCM
			}
		case m.kind == typeServerHello && !h.server:
			h.reply = &m
		}
	})
}

// Outbound looks at a datagram of ours. It does not keep p.
func (h *Handshake) Outbound(p []byte) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.secret != nil || h.erased {
		return
	}
	h.outbound.datagram(p, func(m hello) {
		switch m.kind {
		case typeClientHello:
			h.offered = true
		case typeServerHello:
			// Whatever the peer says, we are the server.
			h.server, h.reply = true, &m
		}
	})
}

// Write takes a line of the key log, "CLIENT_RANDOM <random> <master secret>"
// in hexadecimal, as pion writes it when the secret is known. Lines of another
// kind are passed over.
func (h *Handshake) Write(line []byte) (int, error) {
	fields := strings.Fields(string(line))
	if len(fields) != 3 || fields[0] != "CLIENT_RANDOM" {
		return len(line), nil
	}
	random, err := hex.DecodeString(fields[1])
	if err != nil || len(random) != len(hello{}.random) {
		return 0, errKeyLog
	}
	secret, err := hex.DecodeString(fields[2])
	if err != nil || len(secret) == 0 {
		return 0, errKeyLog
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.erased {
		clear(secret)
		return len(line), nil
	}
	clear(h.secret)
	h.clientRandom, h.secret = random, secret
	h.inbound, h.outbound = assembler{}, assembler{}
	return len(line), nil
}

// Keys derives the SRTP keys. It may be called when the DTLS connection is
// established and the peer's certificate has been verified, and not after
// Erase. The keys are the caller's.
func (h *Handshake) Keys() (Keys, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	switch {
	case h.erased:
		return Keys{}, errErased
	case h.secret == nil:
		return Keys{}, errNoSecret
	case h.reply == nil:
		return Keys{}, errNoHello
	}
	k, err := export(h.reply, h.clientRandom, h.secret)
	k.Server = h.server
	return k, err
}

// Erase overwrites the master secret. It is idempotent.
func (h *Handshake) Erase() {
	h.mu.Lock()
	defer h.mu.Unlock()
	clear(h.secret)
	h.secret, h.clientRandom, h.reply = nil, nil, nil
	h.inbound, h.outbound = assembler{}, assembler{}
	h.erased = true
}
