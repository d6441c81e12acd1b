// Package packetcache keeps the recent packets of one encoding of a track, and
// the statistics of their reception.
//
// A Cache answers what subscribers ask for again, and replays a picture to a
// newcomer from its last key frame on. A Reception yields what a receiver
// report says. Neither knows a clock, a network or a subscriber; both belong to
// one goroutine at a time.
package packetcache

import (
	"math/bits"

	"galene/group/media"
)

// maxJump is the largest step of sequence numbers, either way, that is taken
// for loss or for reordering. Beyond it the publisher has started anew.
const maxJump = 8192

// Cache is a ring of the packets with the highest sequence numbers. It holds
// one reference to each.
type Cache struct {
	minimum, maximum int
	slots            []*media.Packet // a power of two, indexed by the low bits of the number
	highest          uint16
	// reach is for how many numbers up to the highest it is known whether their
	// packets have come: after the ring has grown, those that it had given up before
	// are not among them.
	reach          int
	keyframe       uint16 // the first packet of the last key frame
	started, keyed bool
}

// New returns an empty cache of at least minimum packets, which may be resized
// up to maximum. Sizes are rounded up to powers of two, at most 8192.
func New(minimum, maximum int) *Cache {
	c := &Cache{minimum: roundUp(minimum), maximum: roundUp(maximum)}
	c.slots = make([]*media.Packet, c.minimum)
	return c
}

func roundUp(n int) int { return 1 << bits.Len(uint(min(max(n, 1), maxJump)-1)) }

// BeginsAnew tells whether Store would give up everything for a packet with that
// number.
func (c *Cache) BeginsAnew(sequence uint16) bool {
	ahead := int16(sequence - c.highest)
	return c.started && (ahead > maxJump || ahead < -maxJump)
}

// Store takes over one reference to p. It returns false, having released the
// packet, where the cache has it already, or has had it and may have given it up:
// nothing is taken twice.
func (c *Cache) Store(p *media.Packet) bool {
	ahead := int16(p.SequenceNumber - c.highest)
	switch {
	case !c.started || c.BeginsAnew(p.SequenceNumber):
		c.Close()
		c.started = true
		c.highest, c.reach = p.SequenceNumber, len(c.slots)
	case ahead > 0:
		c.highest, c.reach = p.SequenceNumber, min(c.reach+int(ahead), len(c.slots))
	case int(-ahead) >= c.reach || c.Get(p.SequenceNumber) != nil:
		p.Release()
		return false
	}
	slot := &c.slots[int(p.SequenceNumber)&(len(c.slots)-1)]
	if *slot != nil {
		(*slot).Release()
	}
	*slot = p
	if int(c.highest-c.keyframe) >= len(c.slots) {
		c.keyed = false // before its number comes round again
	}
	if p.Frame.Keyframe && (!c.keyed || int16(p.SequenceNumber-c.keyframe) > 0) {
		c.keyframe, c.keyed = p.SequenceNumber, true
	}
	return true
}

// Get returns the packet with that number, or nil. It is valid until the next
// Store, Resize or Close, unless the caller retains it.
func (c *Cache) Get(sequence uint16) *media.Packet {
	if int(c.highest-sequence) >= len(c.slots) {
		return nil
	}
	p := c.slots[int(sequence)&(len(c.slots)-1)]
	if p == nil || p.SequenceNumber != sequence {
		return nil
	}
	return p
}

// Place is where a packet is, as far as a cache can tell.
type Place int

// Where a packet is.
const (
	Ahead   Place = iota // it has not come, nor has a later one
	Present              // Get returns it
	Missing              // later ones have come, and there is room for it
	Gone                 // it is too old to be kept
)

// Where tells where the packet with that number is.
func (c *Cache) Where(sequence uint16) Place {
	behind := int(int16(c.highest - sequence))
	switch {
	case !c.started || behind < 0:
		return Ahead
	case behind >= c.reach:
		return Gone
	case c.Get(sequence) == nil:
		return Missing
	}
	return Present
}

// Highest is the highest number stored; ok is false while the cache is empty.
func (c *Cache) Highest() (sequence uint16, ok bool) { return c.highest, c.started }

// LastKeyframe is the number of the first packet of the last key frame; ok is
// false where there was none or where it is no longer in the cache.
func (c *Cache) LastKeyframe() (sequence uint16, ok bool) {
	return c.keyframe, c.keyed && c.Get(c.keyframe) != nil
}

// Since calls f for each packet from that number on, in order, until the highest.
// What is missing is left out, and all where there is no room for packets of so
// long ago. f must not change the cache.
func (c *Cache) Since(sequence uint16, f func(*media.Packet)) {
	if int(c.highest-sequence) >= len(c.slots) {
		return
	}
	for n := int(c.highest - sequence); n >= 0; n-- {
		if p := c.Get(c.highest - uint16(n)); p != nil {
			f(p)
		}
	}
}

// Size is the number of packets that there is room for.
func (c *Cache) Size() int { return len(c.slots) }

// Resize makes room for n packets, within the limits given to New. It keeps the
// newest packets.
func (c *Cache) Resize(n int) {
	n = min(max(roundUp(n), c.minimum), c.maximum)
	if n == len(c.slots) {
		return
	}
	slots := make([]*media.Packet, n)
	for _, p := range c.slots {
		switch {
		case p == nil:
		case int(c.highest-p.SequenceNumber) < n:
			slots[int(p.SequenceNumber)&(n-1)] = p
		default:
			p.Release()
		}
	}
	c.slots, c.reach = slots, min(c.reach, n)
}

// Close releases all packets. The cache is empty then, and may be used again.
func (c *Cache) Close() {
	for i, p := range c.slots {
		if p != nil {
			p.Release()
			c.slots[i] = nil
		}
	}
	c.started, c.keyed = false, false
}
