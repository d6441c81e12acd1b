package forward

import "galene/group/media"

// Scaling is how a codec marks its layers, and where one may change them.
type Scaling uint8

// The ways of scaling.
const (
	// Whole encodings have no layers that can be told.
	Whole Scaling = iota
	// SyncPoints are VP8's: temporal layers, and frames that depend on the base
	// layer only (RFC 7741, section 4.2, bit Y); with a dependency descriptor,
	// pictures after which one may go up.
	SyncPoints
	// UpSwitches are VP9's: spatial and temporal layers, and pictures after
	// which no higher temporal layer looks back (RFC 9628, section 4.2, bit U).
	UpSwitches
)

// TopLayer stands for the highest layer there is.
const TopLayer = 255

// Layers are a spatial and a temporal layer, 0 being the base.
type Layers struct {
	SID, TID uint8
}

// selector chooses layers within one encoding.
type selector struct {
	scaling Scaling
	// wanted is what should go through, current what does.
	wanted, current Layers
	// seen are the highest layers since the last key frame.
	seen Layers
	// raised is set once current.TID may rise at the next picture.
	raised bool
	// broken has a bit for each spatial layer of which a frame has been
	// dropped since the last key frame.
	broken uint8
}

// restart begins with a key frame: everything that is wanted can be decoded.
func (s *selector) restart() {
	s.current, s.broken, s.raised = s.wanted, 0, false
	s.seen = Layers{}
}

// lacking tells whether only a key frame brings the spatial layer that is
// wanted.
func (s *selector) lacking() bool {
	if s.scaling != UpSwitches {
		return false
	}
	if s.wanted.SID < s.shown() {
		return s.broken&(1<<s.wanted.SID) != 0
	}
	return min(s.wanted.SID, s.seen.SID) > s.current.SID
}

// pass tells whether a packet, which is the newest of its encoding, goes
// through.
func (s *selector) pass(f *media.FrameInfo) bool {
	if s.scaling == Whole {
		return true
	}
	if f.Start {
		s.begin(f)
	}
	s.seen.SID, s.seen.TID = max(s.seen.SID, f.SID), max(s.seen.TID, f.TID)
	if f.TID > s.current.TID {
		s.raised = false // what comes next may look back at it
		return false
	}
	if f.SID > s.current.SID || f.SID < s.shown() && f.NonReference {
		s.broken |= 1 << (f.SID & 7)
		return false
	}
	return true
}

// shown is the highest spatial layer that there is and that goes through.
func (s *selector) shown() uint8 { return min(s.current.SID, s.seen.SID) }

// top is the spatial layer above which everything is left out.
func (s *selector) top() uint8 {
	if s.scaling != UpSwitches {
		return TopLayer
	}
	return s.current.SID
}

// begin changes layers where a frame allows it.
func (s *selector) begin(f *media.FrameInfo) {
	if f.Keyframe {
		s.restart()
		return
	}
	if f.SID == 0 {
		s.beginPicture(f)
	}
	if f.SID > s.current.SID && f.SID <= s.wanted.SID && f.SID == s.current.SID+1 && !f.InterPicture && f.TID <= s.current.TID {
		s.current.SID = f.SID
	}
	if f.TIDUpSwitch {
		s.raised = true
	}
}

// beginPicture changes layers between two pictures.
func (s *selector) beginPicture(f *media.FrameInfo) {
	switch {
	case s.wanted.TID < s.current.TID:
		s.current.TID = s.wanted.TID
	case f.Sync && f.TID <= s.wanted.TID && f.TID == s.current.TID+1:
		s.current.TID = f.TID
	case s.raised:
		s.current.TID = s.wanted.TID
	}
	s.raised = false
	if s.wanted.SID < s.current.SID && s.broken&(1<<s.wanted.SID) == 0 {
		s.current.SID = s.wanted.SID
	}
}
