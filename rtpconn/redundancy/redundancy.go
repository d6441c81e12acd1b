// Package redundancy reads and writes the payloads of RFC 2198: packets of sound
// that hold, besides what they would hold anyway, what earlier ones held, so that
// those may get lost.
//
// It knows neither codecs nor networks, and allocates nothing.
package redundancy

import (
	"encoding/binary"
	"errors"
)

const (
	// MaxBlocks is how many blocks a payload may have that is worth reading.
	MaxBlocks = 8
	// MaxOffset is how much earlier a block may be, in timestamp units, and
	// MaxSize how long it may be, in bytes, the last one excepted.
	MaxOffset, MaxSize = 1<<14 - 1, 1<<10 - 1

	headerSize     = 4
	lastHeaderSize = 1
	more           = 0x80
)

// ErrMalformed is returned for a payload whose headers make no sense, or whose
// blocks are of another format.
var ErrMalformed = errors.New("malformed redundant payload")

// Block is a part of a payload: payload[Start:End], which is TimestampOffset
// units earlier than the packet.
type Block struct {
	TimestampOffset uint32
	Start, End      int
}

// Parse cuts a payload into its blocks, which must all be of one payload type,
// oldest first; the last one is that of the packet itself. Blocks that are empty
// are left in: they stand for packets that were not there.
func Parse(payload []byte, payloadType uint8, blocks *[MaxBlocks]Block) (n int, err error) {
	at := 0
	for {
		if at >= len(payload) || n == MaxBlocks || payload[at]&^more != payloadType {
			return 0, ErrMalformed
		}
		if payload[at]&more == 0 {
			at += lastHeaderSize
			break
		}
		if at+headerSize > len(payload) {
			return 0, ErrMalformed
		}
		h := binary.BigEndian.Uint32(payload[at:])
		blocks[n] = Block{TimestampOffset: h >> 10 & MaxOffset, End: int(h & MaxSize)} // its length, until all headers are read
		n++
		at += headerSize
	}
	for i := range blocks[:n] {
		blocks[i].Start, blocks[i].End = at, at+blocks[i].End
		at = blocks[i].End
	}
	if at > len(payload) {
		return 0, ErrMalformed
	}
	blocks[n] = Block{Start: at, End: len(payload)}
	return n + 1, nil
}

// Overhead is what the headers of earlier blocks and of the last one take, in
// bytes.
func Overhead(earlier int) int { return earlier*headerSize + lastHeaderSize }

// PutHeader writes the header of an earlier block of so many bytes, at most
// MaxSize, and returns its length. offset is at most MaxOffset.
func PutHeader(dst []byte, payloadType uint8, offset uint32, size int) int {
	binary.BigEndian.PutUint32(dst, uint32(payloadType|more)<<24|offset<<10|uint32(size))
	return headerSize
}

// PutLastHeader writes the header of the packet's own block, and returns its
// length.
func PutLastHeader(dst []byte, payloadType uint8) int {
	dst[0] = payloadType
	return lastHeaderSize
}
