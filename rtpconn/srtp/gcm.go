package srtp

import (
	"crypto/aes"
	"crypto/cipher"
	"encoding/binary"
	"errors"
	"reflect"
)

const (
	gcmSaltSize = 12
	gcmTagSize  = 16
	// rtcpHeaderSize is that of the part of an SRTCP packet that stays clear.
	rtcpHeaderSize = 8
	// rtcpIndexSize is that of the word at the end: a bit that says
	// "encrypted", and the index.
	rtcpIndexSize = 4
	rtcpEncrypted = 1 << 31
)

var errNotEncrypted = errors.New("SRTCP packet is not encrypted")

// gcm is AEAD_AES_128_GCM (RFC 7714).
type gcm struct {
	rtp     cipher.AEAD
	rtpSalt [gcmSaltSize]byte
	// nonce and additional are here so that they are not allocated for every
	// packet.
	nonce      [gcmSaltSize]byte
	rtcp       cipher.AEAD
	rtcpSalt   [gcmSaltSize]byte
	additional [rtcpHeaderSize + rtcpIndexSize]byte
}

func newGCM(master cipher.Block, salt []byte) (*gcm, error) {
	g := &gcm{}
	copy(g.rtpSalt[:], derive(master, salt, labelRTPSalt, gcmSaltSize))
	copy(g.rtcpSalt[:], derive(master, salt, labelRTCPSalt, gcmSaltSize))
	for _, c := range []struct {
		aead  *cipher.AEAD
		label label
	}{{&g.rtp, labelRTPCipher}, {&g.rtcp, labelRTCPCipher}} {
		block, err := aes.NewCipher(derive(master, salt, c.label, masterKeySize))
		if err != nil {
			return nil, err
		}
		if *c.aead, err = cipher.NewGCM(block); err != nil {
			return nil, err
		}
	}
	return g, nil
}

// keySchedule stands for what the standard library computes of a key once: the
// round keys of AES and the powers of GHASH, as large as both are together. It
// is never read.
type keySchedule [768]byte

// schedule finds that of the cipher for RTP, nil where it is not behind one
// pointer.
func (g *gcm) schedule() *keySchedule {
	v := reflect.ValueOf(g.rtp)
	if v.Kind() != reflect.Pointer {
		return nil
	}
	return (*keySchedule)(v.UnsafePointer())
}

// setRTP makes the nonce of an RTP packet (RFC 7714, section 8.1).
func (g *gcm) setRTP(packet []byte, index uint64) {
	g.nonce[0], g.nonce[1] = 0, 0
	copy(g.nonce[2:6], packet[8:12])
	binary.BigEndian.PutUint32(g.nonce[6:], uint32(index>>16))
	binary.BigEndian.PutUint16(g.nonce[10:], uint16(index))
	for i, b := range g.rtpSalt {
		g.nonce[i] ^= b
	}
}

// setRTCP makes the nonce and the additional data of an RTCP packet (RFC 7714,
// sections 9.1 and 9.2).
func (g *gcm) setRTCP(packet []byte, word uint32) {
	g.nonce = [gcmSaltSize]byte{}
	copy(g.nonce[2:6], packet[4:8])
	binary.BigEndian.PutUint32(g.nonce[8:], word&^rtcpEncrypted)
	for i, b := range g.rtcpSalt {
		g.nonce[i] ^= b
	}
	copy(g.additional[:], packet[:rtcpHeaderSize])
	binary.BigEndian.PutUint32(g.additional[rtcpHeaderSize:], word)
}

func (g *gcm) sealRTP(buf []byte, header, n int, index uint64) int {
	g.setRTP(buf, index)
	return len(g.rtp.Seal(buf[:header], g.nonce[:], buf[header:n], buf[:header]))
}

func (g *gcm) openRTP(datagram []byte, header int, index uint64) (int, error) {
	if len(datagram) < header+gcmTagSize {
		return 0, errTooShort
	}
	g.setRTP(datagram, index)
	plain, err := g.rtp.Open(datagram[:header], g.nonce[:], datagram[header:], datagram[:header])
	return len(plain), err
}

func (g *gcm) sealRTCP(buf []byte, n int, index uint32) int {
	word := index | rtcpEncrypted
	g.setRTCP(buf, word)
	sealed := g.rtcp.Seal(buf[:rtcpHeaderSize], g.nonce[:], buf[rtcpHeaderSize:n], g.additional[:])
	binary.BigEndian.PutUint32(buf[len(sealed):len(sealed)+rtcpIndexSize], word)
	return len(sealed) + rtcpIndexSize
}

func (g *gcm) indexRTCP(datagram []byte) (uint32, error) {
	if len(datagram) < rtcpHeaderSize+gcmTagSize+rtcpIndexSize {
		return 0, errTooShort
	}
	return encryptedIndex(datagram[len(datagram)-rtcpIndexSize:])
}

func (g *gcm) openRTCP(datagram []byte) (int, error) {
	end := len(datagram) - rtcpIndexSize
	g.setRTCP(datagram, binary.BigEndian.Uint32(datagram[end:]))
	plain, err := g.rtcp.Open(datagram[:rtcpHeaderSize], g.nonce[:], datagram[rtcpHeaderSize:end], g.additional[:])
	return len(plain), err
}

// encryptedIndex reads the word of an SRTCP packet that holds its index.
// Packets that are only authenticated have not been agreed on.
func encryptedIndex(word []byte) (uint32, error) {
	w := binary.BigEndian.Uint32(word)
	if w&rtcpEncrypted == 0 {
		return 0, errNotEncrypted
	}
	return w &^ rtcpEncrypted, nil
}
