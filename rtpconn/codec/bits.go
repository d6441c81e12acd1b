package codec

// bits reads bits from the most significant one on. Past the end it reads
// zeros and is marked as failed.
type bits struct {
	data []byte
	at   int // in bits
	// emulation is set for H.264, where the 3 in 0 0 3 is not part of the
	// data.
	emulation bool
	failed    bool
}

// u reads an unsigned number of n bits, at most 32.
func (b *bits) u(n int) uint32 {
	var v uint32
	for range n {
		v = v<<1 | b.bit()
	}
	return v
}

func (b *bits) bit() uint32 {
	i := b.at >> 3
	if b.emulation && b.at&7 == 0 && i >= 2 && i < len(b.data) &&
		b.data[i] == 3 && b.data[i-1] == 0 && b.data[i-2] == 0 {
		b.at += 8
		i++
	}
	if i >= len(b.data) {
		b.failed = true
		return 0
	}
	v := uint32(b.data[i]>>(7-b.at&7)) & 1
	b.at++
	return v
}

func (b *bits) flag() bool { return b.bit() == 1 }

func (b *bits) skip(n int) {
	for range n {
		b.bit()
	}
}

// ue reads an unsigned Exp-Golomb number (ITU-T H.264, section 9.1). Signed
// ones have the same length.
func (b *bits) ue() uint32 {
	zeros := 0
	for !b.flag() {
		if zeros++; zeros > 31 || b.failed {
			b.failed = true
			return 0
		}
	}
	return 1<<zeros - 1 + b.u(zeros)
}

// size is a number of pixels, 0 where it is out of range or was not read whole.
func (b *bits) size(n uint32) uint16 {
	if b.failed || n > 1<<16-1 {
		return 0
	}
	return uint16(n)
}
