package dependency

import (
	"encoding/binary"

	"galene/group/media"
)

const (
	// MaxSize is the length of the longest descriptor that is read, in bytes: what
	// a header extension can hold.
	MaxSize = 255
	// mandatory is the length of a descriptor that leaves out what it may.
	mandatory = 3

	maxTemplates, maxTargets = 64, 32

	// lateFrames is how many frames late a structure may come: further back the encoder
	// has begun to number anew.
	lateFrames = 1024
)

// indication is what a frame is to a decode target (appendix A.8.2).
type indication uint8

// The indications.
const (
	notPresent indication = iota
	discardable
	switchable
	required
)

// layers are those of a template or of a decode target.
type layers struct{ sid, tid uint8 }

// template is what many frames have in common.
type template struct {
	layers
	targets [maxTargets]indication
	// furthest is the largest difference to the number of a frame that such a frame
	// depends on, 0 if it depends on none.
	furthest uint16
}

// Reader reads the descriptors of one source.
type Reader struct {
	known bool
	// number is that of the frame that the structure came with.
	number uint16
	// offset is the number of the first template.
	offset    uint8
	templates [maxTemplates]template
	count     int
	targets   [maxTargets]layers
	ntargets  int
	// width and height are those of the highest layer, 0 if not told.
	width, height uint16
}

// head is how a descriptor begins.
type head struct {
	start, end bool
	template   uint8
	number     uint16
	// The others tell what follows.
	structure, active, ownTargets, ownDifferences bool
}

func readHead(b *reader) (h head) {
	h.start, h.end = b.flag(), b.flag()
	h.template, h.number = uint8(b.u(6)), uint16(b.u(16))
	if len(b.data) > mandatory {
		h.structure, h.active = b.flag(), b.flag()
		h.ownTargets, h.ownDifferences = b.flag(), b.flag()
		b.flag() // chains of its own, which come last
	}
	return h
}

// Read tells f what a descriptor says of the frame that a packet belongs to. It
// returns false, and has not touched f, if the descriptor makes no sense; where the
// structure that it leans on has not come, f learns only where the frame begins and
// ends, and its number.
func (r *Reader) Read(descriptor []byte, f *media.FrameInfo) bool {
	if len(descriptor) < mandatory || len(descriptor) > MaxSize {
		return false
	}
	b := reader{data: descriptor}
	h := readHead(&b)
	if !h.structure {
		return r.tell(&b, h, f)
	}
	var n Reader
	if !n.readStructure(&b) {
		return false
	}
	if behind := int16(r.number - h.number); r.known && behind > 0 && behind < lateFrames {
		// It was lost, and has come again when another one was there.
		return n.tell(&b, h, f)
	}
	n.number = h.number
	*r = n
	return r.tell(&b, h, f)
}

// tell tells f what a descriptor says of which the head, and the structure if it has
// one, have been read.
func (r *Reader) tell(b *reader, h head, f *media.FrameInfo) bool {
	if h.active && r.known {
		b.u(r.ntargets)
	}
	t, ok := r.template(h.template)
	if !ok {
		f.Start, f.End, f.FrameNumber = h.start, h.end, h.number
		return true
	}
	targets, furthest := t.targets, t.furthest
	if h.ownTargets {
		for i := range r.ntargets {
			targets[i] = indication(b.u(2))
		}
	}
	if h.ownDifferences {
		furthest = b.differences()
	}
	if b.failed {
		return false
	}
	f.Start, f.End, f.FrameNumber = h.start, h.end, h.number
	f.SID, f.TID = t.sid, t.tid
	if f.Keyframe {
		f.Width, f.Height = r.width, r.height
	}
	// Every layer frame has a number, and each of the lower layers of the same picture
	// at most one.
	f.InterPicture = furthest > uint16(f.SID)
	r.judge(f, &targets)
	return true
}

func (r *Reader) template(id uint8) (t *template, ok bool) {
	i := int(id-r.offset) & (maxTemplates - 1)
	if !r.known || i >= r.count {
		return nil, false
	}
	return &r.templates[i], true
}

// judge puts what a frame is to all decode targets in the terms of forwarding.
func (r *Reader) judge(f *media.FrameInfo, targets *[maxTargets]indication) {
	f.TIDUpSwitch, f.NonReference = true, true
	for i, l := range r.targets[:r.ntargets] {
		switch {
		case l.sid > f.SID && targets[i] != notPresent:
			f.NonReference = false
		case l.sid == f.SID && l.tid >= f.TID && targets[i] != switchable:
			f.TIDUpSwitch = false
		}
	}
}

// readStructure reads a template dependency structure (appendix A.8.4) into a Reader that
// knows none; false if it makes no sense.
func (r *Reader) readStructure(b *reader) bool {
	r.offset = uint8(b.u(6))
	r.ntargets = int(b.u(5)) + 1
	if !r.readLayers(b) {
		return false
	}
	for i := range r.count {
		for j := range r.ntargets {
			r.templates[i].targets[j] = indication(b.u(2))
		}
	}
	for i := range r.count {
		for b.flag() {
			r.templates[i].furthest = max(r.templates[i].furthest, uint16(b.u(4)+1))
		}
	}
	if chains := b.ns(uint32(r.ntargets) + 1); chains > 0 {
		for range r.ntargets {
			b.ns(chains)
		}
		for range r.count * int(chains) {
			b.u(4)
		}
	}
	highest := r.findTargets()
	if resolutions := b.flag(); resolutions {
		for range highest + 1 {
			r.width, r.height = uint16(min(b.u(16)+1, 1<<16-1)), uint16(min(b.u(16)+1, 1<<16-1))
		}
	}
	r.known = !b.failed
	return r.known
}

// readLayers reads which layer each template is of.
func (r *Reader) readLayers(b *reader) bool {
	const sameLayer, nextTemporal, nextSpatial, noMore = 0, 1, 2, 3
	var l layers
	for {
		if r.count == maxTemplates || b.failed {
			return false
		}
		r.templates[r.count].layers = l
		r.count++
		switch b.u(2) {
		case sameLayer:
		case nextTemporal:
			l.tid++
		case nextSpatial:
			l.sid, l.tid = l.sid+1, 0
		case noMore:
			return true
		}
		if l.tid > 7 || l.sid > 3 {
			return false // there are three and two bits for them
		}
	}
}

// findTargets finds the highest layers that each decode target needs, and returns
// the highest spatial one of all.
func (r *Reader) findTargets() (highest uint8) {
	for i := range r.templates[:r.count] {
		t := &r.templates[i]
		highest = max(highest, t.sid)
		for j := range r.ntargets {
			if t.targets[j] != notPresent {
				r.targets[j].sid = max(r.targets[j].sid, t.sid)
				r.targets[j].tid = max(r.targets[j].tid, t.tid)
			}
		}
	}
	return highest
}

// PutNumber writes the number of a frame into a descriptor that has been read.
func PutNumber(descriptor []byte, number uint16) {
	binary.BigEndian.PutUint16(descriptor[1:], number)
}
