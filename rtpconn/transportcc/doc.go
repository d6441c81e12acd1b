// Package transportcc is transport-wide congestion control: numbers that count
// the packets of a connection across its tracks, and the feedback that tells
// the sender when each of them arrived
// (draft-holmer-rmcat-transport-wide-cc-extensions-01).
//
// A Recorder writes feedback about what was received, a History takes it apart
// together with what it knows of what was sent. Neither draws conclusions,
// reads a clock or allocates for a packet; both belong to one goroutine at a
// time.
package transportcc

import "time"

const (
	// MaxFeedback is the largest feedback message, in bytes: maxPackets deltas of two
	// bytes, and chunks of two bytes for at least seven of them each, in whole words.
	MaxFeedback = (headerSize + 2*maxPackets + 2*(maxPackets/7+1) + 3) &^ 3
	// headerSize is that of a feedback message before its chunks.
	headerSize = 20
	// payloadType and format are those of RTCP transport feedback (RFC 4585,
	// section 6.2) of this kind.
	payloadType = 205
	format      = 15

	deltaUnit     = 250 * time.Microsecond
	referenceUnit = 64 * time.Millisecond
)

// The symbols of packets in a feedback message.
const (
	notReceived = 0
	smallDelta  = 1 // a delta of one byte, unsigned
	largeDelta  = 2 // a delta of two bytes, signed
	reserved    = 3
)

// IsFeedback tells whether an RTCP packet, with its header, is feedback of this
// kind.
func IsFeedback(packet []byte) bool {
	return len(packet) >= headerSize && packet[0]&0x1f == format && packet[1] == payloadType
}
