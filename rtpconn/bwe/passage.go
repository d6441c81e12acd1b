package bwe

import "galene/rtpconn/transportcc"

// passage is what of a line's bytes went by between packets of one connection. Those of
// the client's other connections are known by the packets' offsets, and which part of
// them got lost is reckoned from the connection's own.
type passage struct {
	bytes float64
	// packets of the connection arrived, received bytes; lost did not.
	packets, received, lost int
}

// add takes a packet that arrived, and how many bytes went by since the one before.
func (p *passage) add(r *transportcc.Result, bytes int32) {
	p.bytes += float64(max(0, bytes))
	p.packets++
	p.received += r.Size
}

// bits returns how many arrived.
func (p *passage) bits() float64 {
	return 8 * p.bytes * float64(p.received) / float64(p.received+p.lost)
}

// doubtful is the part of what went by that is only reckoned to have got lost, as it is of
// others, above which it says nothing of the line: a queue that overflows takes the
// packets of one connection and spares those of another.
const doubtful = 0.3

// certain tells whether it is known of most of what went by whether it arrived; loss is
// the fraction that gets lost of what the client is sent.
func (p *passage) certain(loss float64) bool {
	own := float64(p.received + p.lost)
	others := max(0, 1-own/p.bytes)
	return others*max(loss, float64(p.lost)/own) < doubtful
}

// end returns the offset of what was sent behind a packet.
func end(r *transportcc.Result) uint32 { return r.Offset + uint32(r.Size) }
