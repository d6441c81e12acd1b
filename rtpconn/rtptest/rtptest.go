// Package rtptest builds packets for tests: RTP packets as they cross a
// network, payloads of codecs, and packets as they are after having been
// received. It proves nothing itself, and nothing but tests imports it.
package rtptest

import (
	"encoding/binary"
	"fmt"

	"github.com/pion/rtp"

	"galene/group/media"
)

// Packet takes a packet from a pool and fills it. Its body is four bytes, the
// sequence number and the lower half of the timestamp, which tell it from its
// neighbours.
func Packet(pool *media.Pool, sequence uint16, timestamp uint32, frame media.FrameInfo) *media.Packet {
	p := pool.Get()
	p.SequenceNumber, p.Timestamp = sequence, timestamp
	p.Marker, p.PayloadType, p.Arrival, p.Padding = frame.End, 96, 0, 0
	p.Frame = frame
	var body [4]byte
	binary.BigEndian.PutUint16(body[:], sequence)
	binary.BigEndian.PutUint16(body[2:], uint16(timestamp))
	p.SetBody(body[:])
	return p
}

// Raw is an RTP packet on the wire, with header extensions by number, in the
// one-byte form of RFC 8285. It panics where that cannot hold a value.
func Raw(h rtp.Header, payload []byte, extensions map[uint8]string) []byte {
	h.Version = 2
	if len(extensions) > 0 {
		h.Extension, h.ExtensionProfile = true, 0xbede
	}
	for id, value := range extensions {
		if err := h.SetExtension(id, []byte(value)); err != nil {
			panic(fmt.Sprintf("header extension %d: %v", id, err))
		}
	}
	raw, err := (&rtp.Packet{Header: h, Payload: payload}).Marshal()
	if err != nil {
		panic(fmt.Sprintf("RTP packet: %v", err))
	}
	return raw
}

// Position says which packet of a frame a payload is for.
type Position uint8

// The positions: the first packet of a key frame, the first of another frame,
// or a later one.
const (
	Keyframe Position = iota + 1
	Start
	Continuation
)

// VP8 is a VP8 payload of size bytes, at least 16, without picture id. A key
// frame is of 640 by 480 pixels. The last four bytes are free for the caller.
func VP8(position Position, size int) []byte {
	p := make([]byte, max(size, 16))
	switch position {
	case Keyframe:
		copy(p, []byte{0x10, 0x50, 0x01, 0x02, 0x9d, 0x01, 0x2a, 0x80, 0x02, 0xe0, 0x01})
	case Start:
		copy(p, []byte{0x10, 0x51})
	}
	return p
}
