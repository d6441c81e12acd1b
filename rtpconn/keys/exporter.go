package keys

import (
	"crypto/sha256"
	"crypto/sha512"
	"errors"
	"fmt"

	"github.com/pion/dtls/v2"
	"github.com/pion/dtls/v2/pkg/crypto/prf"
	"github.com/pion/srtp/v2"
)

// label is that of RFC 5764, section 4.2.
const label = "EXTRACTOR-dtls_srtp"

var errNoProfile = errors.New("no SRTP profile was negotiated")

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

// export derives the keys by the exporter of RFC 5705, without a context, and
// cuts them apart in the order of RFC 5764, section 4.2.
func export(reply *hello, clientRandom, secret []byte) (Keys, error) {
	if len(reply.profiles) != 1 {
		return Keys{}, errNoProfile
	}
	// The numbers of the DTLS registry are those of pion/srtp.
	profile := srtp.ProtectionProfile(reply.profiles[0])
	keyLength, err := profile.KeyLen()
	if err != nil {
		return Keys{}, fmt.Errorf("derive SRTP keys: %w", err)
	}
	saltLength, err := profile.SaltLen()
	if err != nil {
		return Keys{}, fmt.Errorf("derive SRTP keys: %w", err)
	}
	seed := append([]byte(label), clientRandom...)
	seed = append(seed, reply.random[:]...)
	material, err := prf.PHash(secret, seed, 2*(keyLength+saltLength), hashOf(reply.suite))
	if err != nil {
		return Keys{}, fmt.Errorf("derive SRTP keys: %w", err)
	}
	next := func(n int) []byte {
		p := material[:n:n]
		material = material[n:]
		return p
	}
	k := Keys{Profile: profile}
	k.ClientKey, k.ServerKey = next(keyLength), next(keyLength)
	k.ClientSalt, k.ServerSalt = next(saltLength), next(saltLength)
	return k, nil
}

// hashOf is the hash of a cipher suite's pseudo-random function: SHA-256 where
// its name does not say SHA-384 (RFC 5246, section 5; RFC 5289).
func hashOf(suite uint16) prf.HashFunc {
	switch dtls.CipherSuiteID(suite) {
	case dtls.TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384, dtls.TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384:
		return sha512.New384
	}
	return sha256.New
}
