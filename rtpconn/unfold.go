package rtpconn

import (
	"encoding/binary"
	"time"

	"galene/rtpconn/demux"
	"galene/rtpconn/packetcache"
	"galene/rtpconn/redundancy"
)

// maxRepairLead is how far ahead of the newest packet a retransmission may be:
// the packet itself may have been the newest that was lost.
const maxRepairLead = 64

// repaired takes a retransmission in a stream of its own, which holds the number
// of the packet in front of its payload (RFC 4588, section 4).
func (e *encoding) repaired(plain []byte, h demux.Header, descriptor []byte, now time.Duration) {
	const numberSize = 2
	f := e.track.format
	if !e.known || f == nil || h.PayloadType != f.repair || len(plain)-h.HeaderSize-int(h.Padding) < numberSize {
		return // nothing to repair yet, or nothing but padding
	}
	h.SequenceNumber = binary.BigEndian.Uint16(plain[h.HeaderSize:])
	highest, ok := e.cache.Highest()
	if !ok || int16(h.SequenceNumber-highest) > maxRepairLead || e.cache.Where(h.SequenceNumber) == packetcache.Gone {
		return // it would begin another numbering, or come for a second time
	}
	h.PayloadType = f.payloadType
	h.HeaderSize += numberSize
	e.ingest(plain, h, descriptor, now)
}

// unfold takes a packet of sound that holds earlier ones besides.
func (e *encoding) unfold(plain []byte, h demux.Header, now time.Duration) {
	f := e.track.format
	var blocks [redundancy.MaxBlocks]redundancy.Block
	payload := plain[h.HeaderSize : len(plain)-int(h.Padding)]
	n, err := redundancy.Parse(payload, f.payloadType, &blocks)
	if err != nil {
		return
	}
	h.PayloadType, h.Padding = f.payloadType, 0
	for i, b := range blocks[:n] {
		earlier := h
		earlier.SequenceNumber -= uint16(n - 1 - i)
		earlier.Timestamp -= b.TimestampOffset
		if i < n-1 && (b.Start == b.End || !e.lacks(earlier)) {
			continue
		}
		earlier.Marker = h.Marker && i == n-1
		earlier.HeaderSize += b.Start
		e.ingest(plain[:h.HeaderSize+b.End], earlier, nil, now)
	}
}

// lacks tells whether a packet that came inside a later one is missing, and fits
// in where it would be.
func (e *encoding) lacks(h demux.Header) bool {
	highest, ok := e.cache.Highest()
	if !ok || int16(h.SequenceNumber-highest) > maxRepairLead || e.cache.Get(h.SequenceNumber) != nil {
		return false
	}
	before, after := e.cache.Get(h.SequenceNumber-1), e.cache.Get(h.SequenceNumber+1)
	return (before == nil || int32(h.Timestamp-before.Timestamp) > 0) &&
		(after == nil || int32(after.Timestamp-h.Timestamp) > 0)
}
