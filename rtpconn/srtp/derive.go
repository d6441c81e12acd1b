package srtp

import (
	"crypto/aes"
	"crypto/cipher"
	"fmt"

	pionsrtp "github.com/pion/srtp/v2"
)

// label says what a session key is for (RFC 3711, section 4.3.2).
type label byte

const (
	labelRTPCipher  label = 0
	labelRTPAuth    label = 1
	labelRTPSalt    label = 2
	labelRTCPCipher label = 3
	labelRTCPAuth   label = 4
	labelRTCPSalt   label = 5
)

// masterKeySize is that of the profiles with AES-128, in bytes.
const masterKeySize = 16

// suite encrypts and decrypts in place with the session keys of one direction.
// It keeps no count of what it has seen: indices are the caller's. An index
// holds the sequence number in its lowest 16 bits and the roll-over counter
// above them (RFC 3711, section 3.3.1).
type suite interface {
	// sealRTP encrypts buf[header:n] and returns the length of the SRTP packet,
	// for which buf has room.
	sealRTP(buf []byte, header, n int, index uint64) int
	// openRTP returns the length of the RTP packet in the datagram. After an
	// error the datagram is of no use.
	openRTP(datagram []byte, header int, index uint64) (n int, err error)
	// sealRTCP encrypts all but the first 8 bytes of buf[:n] and returns the
	// length of the SRTCP packet.
	sealRTCP(buf []byte, n int, index uint32) int
	// openRTCP returns the length of the RTCP packet in the datagram.
	openRTCP(datagram []byte) (n int, err error)
	// indexRTCP returns the index that the datagram claims, unverified.
	indexRTCP(datagram []byte) (index uint32, err error)
}

// newSuite derives the session keys of a profile.
func newSuite(profile pionsrtp.ProtectionProfile, key, salt []byte) (suite, error) {
	saltSize := 14
	if profile == pionsrtp.ProtectionProfileAeadAes128Gcm {
		saltSize = gcmSaltSize
	} else if profile != pionsrtp.ProtectionProfileAes128CmHmacSha1_80 {
		return nil, fmt.Errorf("unknown SRTP profile %v", profile)
	}
	if len(key) != masterKeySize || len(salt) != saltSize {
		return nil, fmt.Errorf("SRTP master key of %d and salt of %d bytes do not suit the profile", len(key), len(salt))
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	if profile == pionsrtp.ProtectionProfileAeadAes128Gcm {
		return newGCM(block, salt)
	}
	return newCounterMode(block, salt)
}

// derive returns size bytes of a session key (RFC 3711, section 4.3.3; a key
// derivation rate of 0). A salt shorter than 14 bytes counts as if zeros
// followed it (RFC 7714, section 11).
func derive(master cipher.Block, salt []byte, l label, size int) []byte {
	var start [aes.BlockSize]byte
	copy(start[:14], salt)
	start[7] ^= byte(l)
	key := make([]byte, size)
	cipher.NewCTR(master, start[:]).XORKeyStream(key, key)
	return key
}
