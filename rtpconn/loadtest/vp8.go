package loadtest

import (
	"encoding/binary"
	"math/rand/v2"
)

// vp8 makes frames of VP8 without layers.
type vp8 struct {
	sizes
	picture uint16
	noise   []byte
}

// newVP8 returns an encoder for the given bit rate.
func newVP8(bitrate int) *vp8 {
	return &vp8{sizes: newSizes(bitrate), picture: uint16(rand.Uint32()), noise: newNoise()}
}

func (v *vp8) frame(index int, keyWanted bool) (packets []packet, key bool) {
	size, key := v.next(index, keyWanted)
	packets = v.packetise(index, size, key)
	v.picture++
	return packets, key
}

// packetise splits a frame into packets of sizes that differ by a byte at
// most, as browsers do.
func (v *vp8) packetise(index, size int, key bool) []packet {
	packets := make([]packet, packetCount(size, vp8DescriptorSize))
	for i := range packets {
		length := (size + i) / len(packets)
		payload := make([]byte, 0, vp8DescriptorSize+length)
		payload = v.descriptor(payload, i == 0)
		if i == 0 {
			payload = vp8Header(payload, key)
		}
		payload = append(payload, v.noise[:cap(payload)-len(payload)]...)
		packets[i] = packet{timestamp: timestampOf(index), marker: i == len(packets)-1, payload: payload}
	}
	return packets
}

// vp8DescriptorSize is that of a payload descriptor with a long picture id.
const vp8DescriptorSize = 4

// descriptor appends a payload descriptor (RFC 7741, section 4.2).
func (v *vp8) descriptor(b []byte, first bool) []byte {
	start := byte(0x80) // X: extended
	if first {
		start |= 0x10 // S: start of a partition
	}
	return append(b, start, 0x80 /* I: picture id */, 0x80|byte(v.picture>>8), byte(v.picture))
}

// vp8Header appends the beginning of a frame (RFC 6386, section 9.1): a frame
// of 1280 by 720 pixels that is shown.
func vp8Header(b []byte, key bool) []byte {
	const shown = 0x10
	if !key {
		return append(b, shown|0x01, 0, 0)
	}
	b = append(b, shown, 0, 0, 0x9d, 0x01, 0x2a)
	b = binary.LittleEndian.AppendUint16(b, 1280)
	return binary.LittleEndian.AppendUint16(b, 720)
}
