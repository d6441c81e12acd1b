package loadtest

// window is how many packets back a counter still tells late packets from
// repeated ones; a step that is larger is taken for a new numbering.
const window = 8192

// counter counts the packets of one RTP stream by their sequence numbers (RFC
// 3550). It is not safe for concurrent use.
type counter struct {
	started bool
	first   int64
	highest int64
	// seen has a bit for each of the last window packets.
	seen [window / 64]uint64

	received, duplicates, outOfOrder, missing, restarts uint64
}

// add counts a packet.
func (c *counter) add(sequence uint16) {
	c.received++
	if !c.started {
		c.begin(sequence)
		return
	}
	step := int64(int16(sequence - uint16(c.highest)))
	n := c.highest + step
	switch {
	case step > window || step <= -window:
		c.restarts++
		c.begin(sequence)
	case step > 0:
		for i := c.highest + 1; i < n; i++ {
			c.set(i, false)
		}
		c.missing += uint64(step - 1)
		c.highest = n
		c.set(n, true)
	case n < c.first:
		// From before the counting began: nobody has missed it.
		c.outOfOrder++
	case c.has(n):
		c.duplicates++
	default:
		c.outOfOrder++
		c.missing--
		c.set(n, true)
	}
}

// begin starts a numbering. What was missing of the one before stays missing.
func (c *counter) begin(sequence uint16) {
	c.started = true
	c.first, c.highest = int64(sequence), int64(sequence)
	c.set(c.first, true)
}

// place finds the bit of a packet. Numbers may be negative, where a stream
// begins with its second packet.
func place(n int64) (word int, bit uint64) {
	i := uint64(n) % window
	return int(i / 64), 1 << (i % 64)
}

func (c *counter) has(n int64) bool {
	word, bit := place(n)
	return c.seen[word]&bit != 0
}

func (c *counter) set(n int64, seen bool) {
	word, bit := place(n)
	if seen {
		c.seen[word] |= bit
	} else {
		c.seen[word] &^= bit
	}
}
