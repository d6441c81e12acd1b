package loadtest

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
)

// MaxFilmSize is how large a film may be, in bytes: it is kept in memory.
const MaxFilmSize = 64 << 20

const (
	// ivfHeaderSize and ivfFrameHeaderSize are those of a file and of a frame.
	ivfHeaderSize, ivfFrameHeaderSize = 32, 12
	// minVP8Frame is the header that each frame has (RFC 6386, section 9.1).
	minVP8Frame = 3
)

// Film is one encoding of a picture that moves, which publishers show again and
// again from the beginning. It does not change, and any number may show it.
type Film struct {
	frames [][]byte
	// pattern is the order of temporal layers from a key frame on; empty
	// without.
	pattern []temporalLayer
	// size of all frames in bytes.
	size int
}

// temporalLayer is where a frame of VP8 belongs.
type temporalLayer struct {
	id byte
	// sync is set where the frame builds on the lowest layer only.
	sync bool
}

// filmPatterns are the orders in which browsers send temporal layers of VP8, by
// their number (L1T1 to L1T3 of W3C's "Scalable Video Coding").
var filmPatterns = map[int][]temporalLayer{
	1: nil,
	2: {{0, false}, {1, true}},
	3: {{0, false}, {2, true}, {1, true}, {2, false}},
}

// ReadFilm reads an IVF file of VP8, whose first frame is a key frame. Whatever
// rate of frames it names, it is shown with 30 a second. temporalLayers, of
// which there are 1 to 3, is what it was encoded with: the file does not tell.
func ReadFilm(r io.Reader, temporalLayers int) (*Film, error) {
	pattern, ok := filmPatterns[temporalLayers]
	if !ok {
		return nil, fmt.Errorf("a film has one to three temporal layers, not %d", temporalLayers)
	}
	file, err := io.ReadAll(io.LimitReader(r, MaxFilmSize+1))
	if err != nil {
		return nil, err
	}
	if len(file) > MaxFilmSize {
		return nil, fmt.Errorf("the film is larger than %d bytes", MaxFilmSize)
	}
	if len(file) < ivfHeaderSize || string(file[:4]) != "DKIF" || string(file[8:12]) != "VP80" {
		return nil, errors.New("not an IVF file of VP8")
	}
	f := &Film{pattern: pattern}
	for rest := file[ivfHeaderSize:]; len(rest) > 0; {
		if len(rest) < ivfFrameHeaderSize {
			return nil, errors.New("the file is cut off")
		}
		size := binary.LittleEndian.Uint32(rest)
		rest = rest[ivfFrameHeaderSize:]
		if uint64(size) > uint64(len(rest)) {
			return nil, errors.New("the file is cut off")
		}
		if size < minVP8Frame {
			return nil, errors.New("a frame is empty")
		}
		f.frames = append(f.frames, rest[:size:size])
		f.size += int(size)
		rest = rest[size:]
	}
	if len(f.frames) == 0 || !isVP8Keyframe(f.frames[0]) {
		return nil, errors.New("the film does not begin with a key frame")
	}
	return f, nil
}

// isVP8Keyframe tells whether a frame builds on no other.
func isVP8Keyframe(frame []byte) bool { return frame[0]&1 == 0 }

// bitrate of the film in bits/s.
func (f *Film) bitrate() int { return f.size * 8 * frameRate / len(f.frames) }

// projector shows a film.
type projector struct {
	*Film
	// next is the frame that is due, sinceKey how many there have been since the
	// last key frame, that included.
	next, sinceKey int
	picture        uint16
	// tl0 counts the frames of the lowest temporal layer (TL0PICIDX).
	tl0 byte
}

func newProjector(f *Film) *projector {
	return &projector{Film: f, picture: uint16(rand.Uint32())}
}

// frame implements encoder. Who asks for a key frame gets the beginning.
func (p *projector) frame(index int, keyWanted bool) (packets []packet, key bool) {
	if p.next == len(p.frames) || keyWanted && p.sinceKey >= minKeyframeInterval {
		p.next = 0
	}
	frame := p.frames[p.next]
	if key = isVP8Keyframe(frame); key {
		p.sinceKey = 0
	}
	packets = p.packetise(index, frame)
	p.next++
	p.sinceKey++
	p.picture++
	return packets, key
}

// packetise splits a frame into packets.
func (p *projector) packetise(index int, frame []byte) []packet {
	descriptor := []byte{0x80 /* X: extended */, 0x80 /* I: picture id */, 0x80 | byte(p.picture>>8), byte(p.picture)}
	if len(p.pattern) > 0 {
		layer := p.pattern[p.sinceKey%len(p.pattern)]
		if layer.id == 0 {
			p.tl0++
		}
		which := layer.id << 6
		if layer.sync {
			which |= 0x20 // Y
		}
		descriptor[1] |= 0x60 // L, T
		descriptor = append(descriptor, p.tl0, which)
	}
	size := len(frame)
	packets := make([]packet, packetCount(size, len(descriptor)))
	for i := range packets {
		length := (size + i) / len(packets)
		payload := make([]byte, 0, len(descriptor)+length)
		payload = append(append(payload, descriptor...), frame[:length]...)
		if i == 0 {
			payload[0] |= 0x10 // S: start of a partition
		}
		frame = frame[length:]
		packets[i] = packet{timestamp: timestampOf(index), marker: i == len(packets)-1, payload: payload}
	}
	return packets
}
