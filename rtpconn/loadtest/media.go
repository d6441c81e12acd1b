package loadtest

import (
	"encoding/binary"
	"math/rand/v2"
	"time"
)

const (
	videoClockRate = 90_000
	audioClockRate = 48_000

	// frameRate of the video, in frames a second.
	frameRate = 30
	// maxPayload is the largest payload of a packet in bytes, as browsers
	// have it.
	maxPayload = 1180
	// keyframeInterval is how many frames there are from one key frame to the
	// next if nobody asks for one: ten seconds.
	keyframeInterval = 10 * frameRate
	// minKeyframeInterval bounds what can be asked for: three a second.
	minKeyframeInterval = frameRate / 3
	// keyframeFactor is the size of a key frame in average frames; it is saved
	// from those that follow, a quarter of each.
	keyframeFactor = 4

	// audioInterval is how much time an audio packet holds.
	audioInterval = 20 * time.Millisecond
	// audioPayload is the size of an audio packet's payload in bytes: Opus at
	// 32 kbit/s.
	audioPayload = 80

	// stampSize is that of the time of sending, at the end of each payload.
	stampSize = 8
)

// packet is one packet to be sent.
type packet struct {
	timestamp uint32
	marker    bool
	payload   []byte
}

// stamp writes the time of sending into a payload.
func stamp(payload []byte, now time.Duration) {
	binary.BigEndian.PutUint64(payload[len(payload)-stampSize:], uint64(now))
}

// stampOf reads the time of sending; ok is false for a payload without room
// for one.
func stampOf(payload []byte) (sent time.Duration, ok bool) {
	if len(payload) < stampSize {
		return 0, false
	}
	return time.Duration(binary.BigEndian.Uint64(payload[len(payload)-stampSize:])), true
}

// video makes frames that look like VP8 as far as anybody between an encoder
// and a decoder looks.
type video struct {
	// average size of a frame in bytes, without descriptors.
	average int
	// debt is by how many bytes the last key frame was too large.
	debt int
	// lastKey is the index of the last key frame, -1 before the first one.
	lastKey int
	picture uint16
	noise   []byte
}

// newVideo returns a source of video at the given bit rate.
func newVideo(bitrate int) *video {
	v := &video{average: bitrate / 8 / frameRate, lastKey: -1, picture: uint16(rand.Uint32())}
	v.noise = make([]byte, maxPayload)
	for i := range v.noise {
		v.noise[i] = byte(rand.Uint32())
	}
	return v
}

// frame returns the packets of the frame with the given index, a key frame if
// one is due, or if one is asked for and the last one is not too near. Frames
// may be left out, but not come in another order.
func (v *video) frame(index int, keyWanted bool) (packets []packet, key bool) {
	since := index - v.lastKey
	key = v.lastKey < 0 || since >= keyframeInterval || keyWanted && since >= minKeyframeInterval
	size := v.average
	if key {
		size *= keyframeFactor
		v.debt += size - v.average
		v.lastKey = index
	} else {
		saved := min(v.debt, v.average/4)
		size -= saved
		v.debt -= saved
	}
	packets = v.packetise(index, size, key)
	v.picture++
	return packets, key
}

// packetise splits a frame into packets of sizes that differ by a byte at
// most, as browsers do.
func (v *video) packetise(index, size int, key bool) []packet {
	const content = maxPayload - descriptorSize
	count := (size + content - 1) / content
	packets := make([]packet, count)
	for i := range packets {
		length := (size + i) / count
		payload := make([]byte, 0, descriptorSize+length)
		payload = v.descriptor(payload, i == 0)
		if i == 0 {
			payload = frameHeader(payload, key)
		}
		payload = append(payload, v.noise[:cap(payload)-len(payload)]...)
		packets[i] = packet{
			timestamp: uint32(index * (videoClockRate / frameRate)),
			marker:    i == count-1,
			payload:   payload,
		}
	}
	return packets
}

// descriptorSize is that of a payload descriptor with a long picture id.
const descriptorSize = 4

// descriptor appends a payload descriptor (RFC 7741, section 4.2).
func (v *video) descriptor(b []byte, first bool) []byte {
	start := byte(0x80) // X: extended
	if first {
		start |= 0x10 // S: start of a partition
	}
	return append(b, start, 0x80 /* I: picture id */, 0x80|byte(v.picture>>8), byte(v.picture))
}

// frameHeader appends the beginning of a frame (RFC 6386, section 9.1): a
// frame of 1280 by 720 pixels that is shown.
func frameHeader(b []byte, key bool) []byte {
	const shown = 0x10
	if !key {
		return append(b, shown|0x01, 0, 0)
	}
	b = append(b, shown, 0, 0, 0x9d, 0x01, 0x2a)
	b = binary.LittleEndian.AppendUint16(b, 1280)
	return binary.LittleEndian.AppendUint16(b, 720)
}

// audioPacket returns the audio packet of the given index.
func audioPacket(index int) packet {
	const timestampStep = audioClockRate / int(time.Second/audioInterval)
	payload := make([]byte, audioPayload)
	// One frame of 20 ms, full band, stereo (RFC 6716, section 3.1).
	payload[0] = 31<<3 | 1<<2
	return packet{timestamp: uint32(index * timestampStep), marker: index == 0, payload: payload}
}
