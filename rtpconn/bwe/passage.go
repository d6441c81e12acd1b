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

// end returns the offset of what was sent behind a packet.
func end(r *transportcc.Result) uint32 { return r.Offset + uint32(r.Size) }
