package srtp

// replayWindow is the number of packets of one source that may overtake
// another one.
const replayWindow = 1024

// received is what has been received of one source. The zero value is that of
// a source of which nothing has been.
type received struct {
	ssrc uint32
	// any is set once something has been received.
	any bool
	// highest is the highest index.
	highest uint64
	// seen holds the bit index mod replayWindow of the latest indices.
	seen [replayWindow / 64]uint64
}

// index returns the index that a sequence number stands for: the nearest one to
// the highest (RFC 3711, appendix A). ok is false for one before the first
// number.
func (r *received) index(sequence uint16) (index uint64, ok bool) {
	i := int64(r.highest) + int64(int16(sequence-uint16(r.highest)))
	return uint64(i), i >= 0
}

// fresh tells whether a packet with this index may be one that was not received
// before. One that is too old to tell is not.
func (r *received) fresh(index uint64) bool {
	if !r.any || index > r.highest {
		return true
	}
	if r.highest-index >= replayWindow {
		return false
	}
	bit := index % replayWindow
	return r.seen[bit/64]&(1<<(bit%64)) == 0
}

// note records a packet that was authentic, and fresh.
func (r *received) note(index uint64) {
	if !r.any || index > r.highest {
		r.advance(index)
	}
	bit := index % replayWindow
	r.seen[bit/64] |= 1 << (bit % 64)
}

// advance makes index the highest and forgets what leaves the window.
func (r *received) advance(index uint64) {
	if !r.any || index-r.highest >= replayWindow {
		r.seen = [replayWindow / 64]uint64{}
	} else {
		for i := r.highest + 1; i <= index; i++ {
			bit := i % replayWindow
			r.seen[bit/64] &^= 1 << (bit % 64)
		}
	}
	r.any, r.highest = true, index
}

// sources are what has been received, by source; bounded by their user.
type sources []received

// find returns the source, nil if it is not known. A connection has a handful,
// among which a search is faster than a map.
func (s sources) find(ssrc uint32) *received {
	for i := range s {
		if s[i].ssrc == ssrc {
			return &s[i]
		}
	}
	return nil
}
