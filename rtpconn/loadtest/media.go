package loadtest

import (
	"encoding/binary"
	"math/rand/v2"
	"time"
)

// Video is what a publisher sends besides sound.
type Video string

const (
	// VP8 is one encoding without layers.
	VP8 Video = "vp8"
	// VP9SVC is one encoding with three spatial and three temporal layers, of
	// which the spatial ones build on each other in key pictures only
	// (L3T3_KEY of W3C's "Scalable Video Coding").
	VP9SVC Video = "vp9-svc"
	// Simulcast is VP8 in three encodings: h, m and l.
	Simulcast Video = "simulcast"
	// NoVideo is sound alone.
	NoVideo Video = "none"
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
	// encoding is the index of the encoding that it belongs to.
	encoding  int
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

// encoder makes the frames of one encoding. They look like those of a codec as
// far as anybody between an encoder and a decoder looks.
type encoder interface {
	// frame returns the packets of the frame with the given index, a key frame
	// if one is due, or if one is asked for and the last one is not too near.
	// Frames may be left out, but not come in another order.
	frame(index int, keyWanted bool) (packets []packet, key bool)
}

// encodersOf returns those of a publisher's video: of films, if there are any.
// Else the bit rate is that of the best encoding: the lower ones of simulcast
// have a quarter and a sixteenth of it, unless that is too little.
func encodersOf(v Video, bitrate int, films []*Film) []encoder {
	if len(films) > 0 {
		encoders := make([]encoder, len(films))
		for i, f := range films {
			encoders[i] = newProjector(f)
		}
		return encoders
	}
	switch v {
	case VP9SVC:
		return []encoder{newVP9(bitrate)}
	case Simulcast:
		return []encoder{newVP8(bitrate), newVP8(max(bitrate/4, minBitrate)), newVP8(max(bitrate/16, minBitrate))}
	case NoVideo:
		return nil
	default:
		return []encoder{newVP8(bitrate)}
	}
}

// totalBitrate is that of all encodings together, in bits/s.
func totalBitrate(v Video, bitrate int, films []*Film) int {
	if len(films) > 0 {
		sum := 0
		for _, f := range films {
			sum += f.bitrate()
		}
		return sum
	}
	if v == Simulcast {
		return bitrate + max(bitrate/4, minBitrate) + max(bitrate/16, minBitrate)
	}
	return bitrate
}

// ridsOf are the names of the encodings of simulcast, from the best one down.
func ridsOf(films []*Film) []string {
	if len(films) == 2 {
		return []string{"h", "l"}
	}
	return []string{"h", "m", "l"}
}

// sizes says how large each frame is.
type sizes struct {
	// average size of a frame in bytes, without descriptors.
	average int
	// debt is by how many bytes the last key frame was too large.
	debt int
	// lastKey is the index of the last key frame, -1 before the first one.
	lastKey int
}

func newSizes(bitrate int) sizes { return sizes{average: bitrate / 8 / frameRate, lastKey: -1} }

// next returns the size in bytes of the frame with the given index, and whether
// it is a key frame.
func (s *sizes) next(index int, keyWanted bool) (size int, key bool) {
	since := index - s.lastKey
	if s.lastKey < 0 || since >= keyframeInterval || keyWanted && since >= minKeyframeInterval {
		s.lastKey = index
		s.debt += s.average * (keyframeFactor - 1)
		return s.average * keyframeFactor, true
	}
	saved := min(s.debt, s.average/4)
	s.debt -= saved
	return s.average - saved, false
}

// packetCount is how many packets a frame of a size in bytes is split into,
// each with a descriptor.
func packetCount(size, descriptor int) int {
	content := maxPayload - descriptor
	return (size + content - 1) / content
}

// newNoise returns what payloads are filled with.
func newNoise() []byte {
	noise := make([]byte, maxPayload)
	for i := range noise {
		noise[i] = byte(rand.Uint32())
	}
	return noise
}

// timestampOf is the RTP timestamp of the frame with the given index.
func timestampOf(index int) uint32 { return uint32(index * (videoClockRate / frameRate)) }

// PacketRate is how many packets a second a subscriber gets of video in one
// encoding and sound; without video if the bit rate is 0.
func PacketRate(bitrate int) int {
	const sound = int(time.Second / audioInterval)
	return sound + frameRate*packetCount(bitrate/8/frameRate, vp8DescriptorSize)
}

// audioPacket returns the audio packet of the given index.
func audioPacket(index int) packet {
	const timestampStep = audioClockRate / int(time.Second/audioInterval)
	payload := make([]byte, audioPayload)
	// One frame of 20 ms, full band, stereo (RFC 6716, section 3.1).
	payload[0] = 31<<3 | 1<<2
	return packet{timestamp: uint32(index * timestampStep), marker: index == 0, payload: payload}
}

// silentPacket is the audio packet of the given index of somebody whose
// microphone is muted: what browsers send then.
func silentPacket(index int) packet {
	p := audioPacket(index)
	p.payload = []byte{31 << 3, 0xff, 0xfe}
	return p
}
