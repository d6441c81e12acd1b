package srtp

const (
	// replayWindow is the number of packets of one source that may overtake
	// another one.
	replayWindow = 1024
	// maxSources is how many sources are in use at a time: a publisher has two or
	// three a track.
	maxSources = 64
	// maxRetired bounds those that were in use before, for a peer that makes up new
	// ones on purpose: encoders that restart, and tracks that are replaced, do not come
	// near it.
	maxRetired = 4096
)

// received is what has been received of one source. The zero value is that of
// a source of which nothing has been.
type received struct {
	ssrc uint32
	// any is set once something has been received.
	any bool
	// used is the value of sources.packets when it was last heard.
	used uint64
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

// sources are what has been received, by source, RTP or RTCP.
type sources struct {
	// active are those in use. A connection has a handful, among which a search is
	// faster than a map.
	active []received
	// retired has the highest index of those that have given way to others. The zero
	// value of sources has none.
	retired map[uint32]uint64
	// packets counts those that were noted.
	packets uint64
}

// find returns a source that is in use, nil if it is not.
func (s *sources) find(ssrc uint32) *received {
	for i := range s.active {
		if s.active[i].ssrc == ssrc {
			return &s.active[i]
		}
	}
	return nil
}

// recall returns what is known of a source that is not in use; ok is false if it is a
// new one, and no more of those are taken.
func (s *sources) recall(ssrc uint32) (r received, ok bool) {
	r.ssrc = ssrc
	highest, known := s.retired[ssrc]
	if !known {
		return r, len(s.retired) < maxRetired
	}
	// What had not come by then does not any more.
	r.any, r.highest = true, highest
	for i := range r.seen {
		r.seen[i] = ^uint64(0)
	}
	return r, true
}

// note records a packet, authentic and fresh, of a source that is in use.
func (s *sources) note(r *received, index uint64) {
	s.packets++
	r.used = s.packets
	r.note(index)
}

// add puts a source in use, of which a packet was authentic and fresh. If there are too
// many, the one that was heard longest ago gives way.
func (s *sources) add(r received, index uint64) {
	delete(s.retired, r.ssrc)
	s.note(&r, index)
	if len(s.active) < maxSources {
		s.active = append(s.active, r)
		return
	}
	oldest := 0
	for i := range s.active {
		if s.active[i].used < s.active[oldest].used {
			oldest = i
		}
	}
	if s.retired == nil {
		s.retired = make(map[uint32]uint64)
	}
	s.retired[s.active[oldest].ssrc] = s.active[oldest].highest
	s.active[oldest] = r
}
