package nack

import "github.com/pion/rtcp"

// AppendPairs appends the numbers, which must be in order, to dst in the form
// of a generic NACK (RFC 4585, section 6.2.1): a number and the sixteen after
// it.
func AppendPairs(dst []rtcp.NackPair, numbers []uint16) []rtcp.NackPair {
	start := len(dst)
	for _, n := range numbers {
		if len(dst) > start {
			last := &dst[len(dst)-1]
			if distance := n - last.PacketID; distance <= 16 {
				if distance > 0 {
					last.LostPackets |= 1 << (distance - 1)
				}
				continue
			}
		}
		dst = append(dst, rtcp.NackPair{PacketID: n})
	}
	return dst
}

// AppendNumbers appends the numbers that the pairs name to dst. The caller
// bounds the pairs.
func AppendNumbers(dst []uint16, pairs []rtcp.NackPair) []uint16 {
	for _, p := range pairs {
		dst = append(dst, p.PacketID)
		for i, mask := uint16(1), p.LostPackets; mask != 0; i, mask = i+1, mask>>1 {
			if mask&1 != 0 {
				dst = append(dst, p.PacketID+i)
			}
		}
	}
	return dst
}
