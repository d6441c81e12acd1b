package dependency

import "math/bits"

// reader reads bits from the most significant one on. Past the end it reads zeros
// and is marked as failed.
type reader struct {
	data   []byte
	at     int // in bits
	failed bool
}

// u reads an unsigned number of n bits, at most 32.
func (r *reader) u(n int) uint32 {
	var v uint32
	for range n {
		i := r.at >> 3
		if i >= len(r.data) {
			r.failed = true
			return 0
		}
		v = v<<1 | uint32(r.data[i]>>(7-r.at&7))&1
		r.at++
	}
	return v
}

func (r *reader) flag() bool { return r.u(1) == 1 }

// ns reads a number below n, which takes as few bits as there can be (appendix
// A.8.1).
func (r *reader) ns(n uint32) uint32 {
	width := bits.Len32(n)
	short := uint32(1)<<width - n
	v := r.u(width - 1)
	if v < short {
		return v
	}
	return v<<1 - short + r.u(1)
}

// differences reads the differences to the numbers of the frames that a frame depends
// on, which it tells itself (appendix A.8.3), and returns the largest, 0 if there are
// none.
func (r *reader) differences() (furthest uint16) {
	for size := r.u(2); size > 0 && !r.failed; size = r.u(2) {
		furthest = max(furthest, uint16(r.u(4*int(size))+1))
	}
	return furthest
}
