package keys

import (
	"errors"
	"fmt"

	"github.com/pion/dtls/v3"
	"github.com/pion/srtp/v2"
)

// label is that of RFC 5764, section 4.2.
const label = "EXTRACTOR-dtls_srtp"

var (
	errNoHandshake = errors.New("the handshake is not over")
	errNoProfile   = errors.New("no SRTP profile was negotiated")
)

// Profiles returns those that can be negotiated, best first: AES-GCM costs a fraction
// of AES-CM.
func Profiles() []dtls.SRTPProtectionProfile {
	return []dtls.SRTPProtectionProfile{dtls.SRTP_AEAD_AES_128_GCM, dtls.SRTP_AES128_CM_HMAC_SHA1_80}
}

// Keys are the SRTP master keys and salts of a connection.
type Keys struct {
	// Profile tells the cipher and the lengths.
	Profile srtp.ProtectionProfile
	// Server is set where we are the DTLS server, so that the server's keys
	// are ours to send with.
	Server bool
	// The client encrypts with the first two, the server with the others.
	ClientKey, ClientSalt []byte
	ServerKey, ServerSalt []byte
}

// Local returns the key and the salt that we encrypt with.
func (k Keys) Local() (key, salt []byte) {
	if k.Server {
		return k.ServerKey, k.ServerSalt
	}
	return k.ClientKey, k.ClientSalt
}

// Remote returns the key and the salt that the peer encrypts with.
func (k Keys) Remote() (key, salt []byte) {
	if k.Server {
		return k.ClientKey, k.ClientSalt
	}
	return k.ServerKey, k.ServerSalt
}

// Erase overwrites the keys.
func (k Keys) Erase() {
	for _, p := range [][]byte{k.ClientKey, k.ClientSalt, k.ServerKey, k.ServerSalt} {
		clear(p)
	}
}

// Export derives the keys of a connection whose handshake is over, by the exporter of
// RFC 5705 without a context, and cuts them apart in the order of RFC 5764, section
// 4.2. server tells whether we are the DTLS server. The keys are the caller's.
func Export(c *dtls.Conn, server bool) (Keys, error) {
	state, ok := c.ConnectionState()
	if !ok {
		return Keys{}, errNoHandshake
	}
	negotiated, ok := c.SelectedSRTPProtectionProfile()
	if !ok {
		return Keys{}, errNoProfile
	}
	// The numbers of the DTLS registry are those of pion/srtp.
	profile := srtp.ProtectionProfile(negotiated)
	keyLength, err := profile.KeyLen()
	if err != nil {
		return Keys{}, fmt.Errorf("derive SRTP keys: %w", err)
	}
	saltLength, err := profile.SaltLen()
	if err != nil {
		return Keys{}, fmt.Errorf("derive SRTP keys: %w", err)
	}
	material, err := state.ExportKeyingMaterial(label, nil, 2*(keyLength+saltLength))
	if err != nil {
		return Keys{}, fmt.Errorf("derive SRTP keys: %w", err)
	}
	next := func(n int) []byte {
		p := material[:n:n]
		material = material[n:]
		return p
	}
	k := Keys{Profile: profile, Server: server}
	k.ClientKey, k.ServerKey = next(keyLength), next(keyLength)
	k.ClientSalt, k.ServerSalt = next(saltLength), next(saltLength)
	return k, nil
}
