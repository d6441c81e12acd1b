package nack

import "github.com/pion/rtcp"

// Pairs packs sequence numbers, in order, into the pairs of a generic NACK:
// one number and a bit for each of the sixteen after it.
func Pairs(seqs []uint16) []rtcp.NackPair {
	var pairs []rtcp.NackPair
	for _, seq := range seqs {
		if n := len(pairs); n > 0 {
			last := &pairs[n-1]
			if distance := seq - last.PacketID; distance >= 1 && distance <= 16 {
				last.LostPackets |= 1 << (distance - 1)
				continue
			}
		}
		pairs = append(pairs, rtcp.NackPair{PacketID: seq})
	}
	return pairs
}
