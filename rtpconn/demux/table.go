package demux

import "slices"

const (
	// maxLearned bounds the sources that are remembered.
	maxLearned = 64
	// idle is the number of packets after which a source that sent none of
	// them may be forgotten, if room is needed.
	idle = 4096
)

// Source is one media section of a publisher: a track.
type Source struct {
	MID string
	// RIDs are its simulcast encodings in their order; empty without
	// simulcast.
	RIDs []string
	// SSRCs are the sources that the description names for it, without those
	// of retransmissions. With simulcast they are not used, since nothing
	// says which is which encoding.
	SSRCs []uint32
	// Repairs are the sources of retransmissions that the description names, by
	// what they are retransmissions of, in simulcast, too.
	Repairs map[uint32]uint32
	// PayloadTypes are those that were negotiated, RepairTypes those of
	// retransmissions (RFC 4588). Packets of others belong nowhere.
	PayloadTypes, RepairTypes []uint8
}

// Target is where a packet belongs: an index into the sources, and into RIDs,
// which is 0 without simulcast. Repair tells whether it is a retransmission in a
// stream of its own.
type Target struct {
	Track, Encoding int
	Repair          bool
}

// track is a Source made fit for looking up.
type track struct {
	mid  string
	rids []string
	// payloadTypes are by Target.Repair.
	payloadTypes [2][128]bool
}

// takes tells whether packets of a payload type, retransmissions or not, are the
// track's.
func (k *track) takes(payloadType uint8, repair bool) bool {
	if repair {
		return k.payloadTypes[1][payloadType]
	}
	return k.payloadTypes[0][payloadType]
}

// learned is a source that a packet has shown.
type learned struct {
	target Target
	// used is the value of Table.packets when it was last seen.
	used uint64
}

// Table holds the sources of one connection. It belongs to one goroutine at a
// time.
type Table struct {
	tracks []track
	named  map[uint32]Target
	// repairs leads from sources of retransmissions to what they repair.
	repairs map[uint32]uint32
	learned map[uint32]learned
	packets uint64
}

// New returns a table for what was negotiated.
func New(sources []Source) *Table {
	t := &Table{learned: make(map[uint32]learned)}
	t.Update(sources)
	return t
}

// Update puts in force what was negotiated anew. What packets have shown stays
// known for sections that are still there: browsers stop sending the extensions
// after a while.
func (t *Table) Update(sources []Source) {
	before := t.tracks
	t.tracks = make([]track, len(sources))
	t.named, t.repairs = make(map[uint32]Target), make(map[uint32]uint32)
	for i, s := range sources {
		t.tracks[i] = track{mid: s.MID, rids: s.RIDs}
		for _, n := range s.PayloadTypes {
			t.tracks[i].payloadTypes[0][n&0x7f] = true
		}
		for _, n := range s.RepairTypes {
			t.tracks[i].payloadTypes[1][n&0x7f] = true
		}
		for primary, repair := range s.Repairs {
			t.repairs[repair] = primary
		}
		if len(s.RIDs) <= 1 {
			for _, n := range s.SSRCs {
				t.named[n] = Target{Track: i}
			}
		}
	}
	for ssrc, l := range t.learned {
		if target, ok := t.translate(before[l.target.Track], l.target.Encoding); ok {
			target.Repair = l.target.Repair
			t.learned[ssrc] = learned{target, l.used}
		} else {
			delete(t.learned, ssrc)
		}
	}
}

// translate finds an encoding of an earlier track among those of now.
func (t *Table) translate(was track, encoding int) (Target, bool) {
	i := slices.IndexFunc(t.tracks, func(k track) bool { return k.mid == was.mid })
	switch {
	case i < 0:
		return Target{}, false
	case len(was.rids) == 0 || len(t.tracks[i].rids) == 0:
		return Target{Track: i}, len(was.rids) == len(t.tracks[i].rids)
	}
	e := slices.Index(t.tracks[i].rids, was.rids[encoding])
	return Target{Track: i, Encoding: e}, e >= 0
}

// Lookup tells where a packet belongs that has these values of extensions. ok is
// false where it belongs nowhere, or where that cannot be told yet. It allocates
// only when it remembers a source.
func (t *Table) Lookup(ssrc uint32, payloadType uint8, v *Values) (target Target, ok bool) {
	t.packets++
	payloadType &= 0x7f
	if l, ok := t.learned[ssrc]; ok {
		l.used = t.packets
		t.learned[ssrc] = l
		return l.target, t.tracks[l.target.Track].takes(payloadType, l.target.Repair)
	}
	if target, ok = t.named[ssrc]; !ok {
		target, ok = t.repairOf(ssrc)
	}
	if !ok {
		target, ok = t.tell(payloadType, v)
	}
	if !ok || !t.tracks[target.Track].takes(payloadType, target.Repair) {
		return Target{}, false
	}
	t.learn(ssrc, target)
	return target, true
}

// repairOf finds the target of a source that the description names as one of
// retransmissions of another one, which must be known by now.
func (t *Table) repairOf(ssrc uint32) (target Target, ok bool) {
	primary, ok := t.repairs[ssrc]
	if !ok {
		return Target{}, false
	}
	if target, ok = t.named[primary]; !ok {
		var l learned
		l, ok = t.learned[primary]
		target = l.target
	}
	target.Repair = true
	return target, ok
}

// tell finds the target of a source that is not known.
func (t *Table) tell(payloadType uint8, v *Values) (Target, bool) {
	rid, repair := v.RID, v.RepairedRID != nil
	if repair {
		rid = v.RepairedRID
	}
	for i := range t.tracks {
		// Within a connection a payload type has one meaning.
		repair = repair || t.tracks[i].takes(payloadType, true)
	}
	match := -1
	for i := range t.tracks {
		k := &t.tracks[i]
		if !k.takes(payloadType, repair) || v.MID != nil && string(v.MID) != k.mid || rid != nil && !k.hasRID(rid) {
			continue
		}
		if match >= 0 {
			return Target{}, false // could be either
		}
		match = i
	}
	if match < 0 {
		return Target{}, false
	}
	target, ok := t.tracks[match].encoding(match, rid)
	target.Repair = repair
	return target, ok
}

func (k *track) hasRID(rid []byte) bool {
	for _, r := range k.rids {
		if r == string(rid) {
			return true
		}
	}
	return len(k.rids) == 0
}

// encoding makes the target of a packet of this track, which is number i.
func (k *track) encoding(i int, rid []byte) (Target, bool) {
	for e, r := range k.rids {
		if rid != nil && r == string(rid) {
			return Target{Track: i, Encoding: e}, true
		}
	}
	// Without simulcast there is one encoding, whatever it is called.
	return Target{Track: i}, len(k.rids) <= 1
}

// learn remembers a source, if there is room or an idle one to give way. If
// not, its packets are told one by one, as long as they carry extensions.
func (t *Table) learn(ssrc uint32, target Target) {
	if len(t.learned) >= maxLearned {
		oldest, at := uint32(0), t.packets
		for n, l := range t.learned {
			if l.used <= at {
				oldest, at = n, l.used
			}
		}
		if t.packets-at < idle {
			return
		}
		delete(t.learned, oldest)
	}
	t.learned[ssrc] = learned{target, t.packets}
}
