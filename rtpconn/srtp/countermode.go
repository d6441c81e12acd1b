package srtp

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/sha1"
	"encoding/binary"
	"errors"
	"hash"
)

// cmTagSize is that of the authentication tag of SRTP_AES128_CM_HMAC_SHA1_80.
const cmTagSize = 10

var errForged = errors.New("message authentication failed")

// counterMode is AES_CM_128_HMAC_SHA1_80 (RFC 3711), for peers that know
// nothing better.
type counterMode struct {
	rtp, rtcp         cipher.Block
	rtpSalt, rtcpSalt [14]byte
	rtpAuth, rtcpAuth hash.Hash
	counter           [aes.BlockSize]byte
	word              [4]byte
	sum               [sha1.Size]byte
}

func newCounterMode(master cipher.Block, salt []byte) (*counterMode, error) {
	c := &counterMode{
		rtpAuth:  hmac.New(sha1.New, derive(master, salt, labelRTPAuth, sha1.Size)),
		rtcpAuth: hmac.New(sha1.New, derive(master, salt, labelRTCPAuth, sha1.Size)),
	}
	copy(c.rtpSalt[:], derive(master, salt, labelRTPSalt, len(c.rtpSalt)))
	copy(c.rtcpSalt[:], derive(master, salt, labelRTCPSalt, len(c.rtcpSalt)))
	var err error
	if c.rtp, err = aes.NewCipher(derive(master, salt, labelRTPCipher, masterKeySize)); err != nil {
		return nil, err
	}
	c.rtcp, err = aes.NewCipher(derive(master, salt, labelRTCPCipher, masterKeySize))
	return c, err
}

// crypt encrypts or decrypts data (RFC 3711, section 4.1.1).
func (c *counterMode) crypt(block cipher.Block, salt *[14]byte, ssrc []byte, index uint64, data []byte) {
	c.counter = [aes.BlockSize]byte{}
	copy(c.counter[4:8], ssrc)
	binary.BigEndian.PutUint64(c.counter[8:], index<<16)
	for i, b := range salt {
		c.counter[i] ^= b
	}
	cipher.NewCTR(block, c.counter[:]).XORKeyStream(data, data)
}

// tag authenticates data, and word behind it if there is one.
func (c *counterMode) tag(h hash.Hash, data, word []byte) []byte {
	h.Reset()
	// A hash takes everything.
	_, _ = h.Write(data)
	_, _ = h.Write(word)
	return h.Sum(c.sum[:0])[:cmTagSize]
}

// rollovers is the part of an index that is authenticated, but not sent.
func (c *counterMode) rollovers(index uint64) []byte {
	binary.BigEndian.PutUint32(c.word[:], uint32(index>>16))
	return c.word[:]
}

func (c *counterMode) sealRTP(buf []byte, header, n int, index uint64) int {
	c.crypt(c.rtp, &c.rtpSalt, buf[8:12], index, buf[header:n])
	return n + copy(buf[n:n+cmTagSize], c.tag(c.rtpAuth, buf[:n], c.rollovers(index)))
}

func (c *counterMode) openRTP(datagram []byte, header int, index uint64) (int, error) {
	n := len(datagram) - cmTagSize
	if n < header {
		return 0, errTooShort
	}
	if !hmac.Equal(datagram[n:], c.tag(c.rtpAuth, datagram[:n], c.rollovers(index))) {
		return 0, errForged
	}
	c.crypt(c.rtp, &c.rtpSalt, datagram[8:12], index, datagram[header:n])
	return n, nil
}

func (c *counterMode) sealRTCP(buf []byte, n int, index uint32) int {
	c.crypt(c.rtcp, &c.rtcpSalt, buf[4:8], uint64(index), buf[rtcpHeaderSize:n])
	end := n + rtcpIndexSize
	binary.BigEndian.PutUint32(buf[n:end], index|rtcpEncrypted)
	return end + copy(buf[end:end+cmTagSize], c.tag(c.rtcpAuth, buf[:end], nil))
}

func (c *counterMode) indexRTCP(datagram []byte) (uint32, error) {
	end := len(datagram) - cmTagSize
	if end < rtcpHeaderSize+rtcpIndexSize {
		return 0, errTooShort
	}
	return encryptedIndex(datagram[end-rtcpIndexSize : end])
}

func (c *counterMode) openRTCP(datagram []byte) (int, error) {
	end := len(datagram) - cmTagSize
	if !hmac.Equal(datagram[end:], c.tag(c.rtcpAuth, datagram[:end], nil)) {
		return 0, errForged
	}
	n := end - rtcpIndexSize
	index := binary.BigEndian.Uint32(datagram[n:end]) &^ rtcpEncrypted
	c.crypt(c.rtcp, &c.rtcpSalt, datagram[4:8], uint64(index), datagram[rtcpHeaderSize:n])
	return n, nil
}
