package sdpedit

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"galene/group/media"
)

// The limits of a description. A browser's has some ten thousand bytes and a
// section for each track.
const (
	MaxSize     = 256 << 10 // bytes
	MaxSections = 64
	MaxLine     = 8 << 10 // bytes
	MaxLines    = 1 << 10 // of a section, or above them all; browsers have some hundred

	maxRIDs     = 8  // browsers send at most 3
	maxAllowed  = 16 // payload types of a section, or of a kind, that are codecs of the group; browsers have ten
	maxFeedback = 16 // kinds of feedback of one payload type; browsers have five
	maxSSRCs    = 32
	maxFormats  = 128 // payload types have seven bits
	maxName     = 255 // bytes of a mid, a rid, a stream or a track id
)

// maxShared is how much may be said of a payload type that sections get from each other, in
// bytes: some sixty sections each get it.
const maxShared = 1 << 10

// The reasons for refusing an offer.
var (
	ErrTooLarge  = errors.New("session description too large")
	ErrMalformed = errors.New("malformed session description")
)

// Direction is what the offerer means to do in a section.
type Direction uint8

// The directions. A section without one is SendRecv (RFC 8866, section 6.7).
const (
	SendRecv Direction = iota
	SendOnly
	RecvOnly
	Inactive
)

// Sends tells whether the offerer means to send.
func (d Direction) Sends() bool { return d == SendRecv || d == SendOnly }

// Offer is what a publisher's offer tells about its tracks.
type Offer struct {
	// Sections are the media sections in their order, rejected and unknown
	// ones included.
	Sections []Section
}

// Section is one media section.
type Section struct {
	// MID is the identification of the section, unique within the offer.
	MID string
	// Kind is zero for what is neither audio nor video.
	Kind      media.Kind
	Direction Direction
	// Rejected is set where the port is 0: the offerer has no use for the
	// section.
	Rejected bool
	// StreamID and TrackID are those of a=msid, or of an older a=ssrc line;
	// empty where there is none, or "-" was given.
	StreamID, TrackID string
	// RIDs are the simulcast encodings that the offerer may send, in the
	// order of a=simulcast, which is best first; except that "l" always comes
	// last. Empty without simulcast.
	RIDs []string
	// SSRCs are the sources that the offer names, in its order.
	SSRCs []SSRC
	// Payloads are the payload types in the order of preference.
	Payloads []Payload
	// Secure tells whether there are ICE credentials and a fingerprint for
	// this section.
	Secure bool

	line mediaLine
}

// SSRC is a source and, where an a=ssrc-group:FID says so, the source of its
// retransmissions (RFC 5576, section 4.2), else 0.
type SSRC struct {
	Primary, Repair uint32
}

// ReadOffer reads an offer. It fails with ErrTooLarge or ErrMalformed where
// the text is beyond the limits, or where sections cannot be told apart.
// Attributes that make no sense are passed over.
func ReadOffer(sdp string) (Offer, error) {
	d, err := parseWithin(sdp)
	if err != nil {
		return Offer{}, err
	}
	var o Offer
	for i, lines := range d.sections {
		s, err := readSection(lines, d.session)
		if err != nil {
			return Offer{}, fmt.Errorf("section %d: %w", i, err)
		}
		if slices.ContainsFunc(o.Sections, func(other Section) bool { return other.MID == s.MID }) {
			return Offer{}, fmt.Errorf("section %d: %w: the mid %q again", i, ErrMalformed, s.MID)
		}
		o.Sections = append(o.Sections, s)
	}
	return o, nil
}

// ReadSecureOffer reads an offer all of whose sections can be secured.
func ReadSecureOffer(sdp string) (Offer, error) {
	offer, err := ReadOffer(sdp)
	if err != nil {
		return Offer{}, fmt.Errorf("read the offer: %w", err)
	}
	if slices.ContainsFunc(offer.Sections, func(s Section) bool { return !s.Rejected && !s.Secure }) {
		return Offer{}, errors.New("read the offer: a section without ICE credentials or fingerprint")
	}
	return offer, nil
}

// parseWithin cuts a text that keeps to the limits.
func parseWithin(sdp string) (description, error) {
	if err := checkLimits(sdp); err != nil {
		return description{}, err
	}
	d := parse(sdp)
	if len(d.sections) > MaxSections {
		return description{}, fmt.Errorf("%w: %d sections", ErrTooLarge, len(d.sections))
	}
	for _, lines := range append(d.sections, d.session) {
		if len(lines) > MaxLines {
			return description{}, fmt.Errorf("%w: a section of %d lines", ErrTooLarge, len(lines))
		}
	}
	return d, nil
}

// checkLimits looks at the sizes, and at the first line.
func checkLimits(sdp string) error {
	if len(sdp) > MaxSize {
		return fmt.Errorf("%w: %d bytes", ErrTooLarge, len(sdp))
	}
	if !strings.HasPrefix(sdp, "v=0") {
		return fmt.Errorf("%w: it does not begin with v=0", ErrMalformed)
	}
	for line := range strings.SplitSeq(sdp, "\n") {
		if len(line) > MaxLine {
			return fmt.Errorf("%w: a line of %d bytes", ErrTooLarge, len(line))
		}
	}
	return nil
}

func readSection(lines, session []string) (Section, error) {
	m, ok := parseMediaLine(lines[0])
	if !ok || len(m.formats) > maxFormats {
		return Section{}, fmt.Errorf("%w: bad m= line", ErrMalformed)
	}
	s := Section{line: m, Rejected: m.rejected(), Direction: readDirection(lines, session)}
	s.Kind, _ = media.ParseKind(m.kind)
	if s.MID, _ = find(lines, "mid"); !printable(s.MID) || len(s.MID) > maxName {
		return Section{}, fmt.Errorf("%w: no usable a=mid", ErrMalformed)
	}
	s.StreamID, s.TrackID = readMSID(lines)
	s.RIDs = readRIDs(lines)
	s.SSRCs = readSSRCs(lines)
	if s.Kind != 0 {
		s.Payloads = readPayloads(m, lines)
	}
	s.Secure = true
	for _, name := range []string{"ice-ufrag", "ice-pwd", "fingerprint"} {
		_, here := find(lines, name)
		_, above := find(session, name)
		s.Secure = s.Secure && (here || above)
	}
	return s, nil
}

// directionNames are the attributes, by Direction.
var directionNames = [...]string{"sendrecv", "sendonly", "recvonly", "inactive"}

func readDirection(lines, session []string) Direction {
	for _, part := range [][]string{lines, session} {
		for _, l := range part {
			name, _ := attribute(l)
			if i := slices.Index(directionNames[:], name); i >= 0 {
				return Direction(i)
			}
		}
	}
	return SendRecv
}

// readMSID reads "a=msid:stream track" (RFC 8830) or, where there is none,
// "a=ssrc:N msid:stream track".
func readMSID(lines []string) (stream, track string) {
	value, ok := find(lines, "msid")
	if !ok {
		for _, l := range lines {
			if name, v := attribute(l); name == "ssrc" {
				if _, v, ok = strings.Cut(v, " msid:"); ok {
					value = v
					break
				}
			}
		}
	}
	fields := strings.Fields(value)
	for i, id := range []*string{&stream, &track} {
		if len(fields) > i && fields[i] != "-" && printable(fields[i]) && len(fields[i]) <= maxName {
			*id = fields[i]
		}
	}
	return stream, track
}

// readSSRCs lists the sources of the a=ssrc lines, with what the FID groups
// say.
func readSSRCs(lines []string) []SSRC {
	var sources []SSRC
	repairs := make(map[uint32]bool)
	add := func(n uint32) int {
		for i := range sources {
			if sources[i].Primary == n {
				return i
			}
		}
		if len(sources) == maxSSRCs {
			return -1
		}
		sources = append(sources, SSRC{Primary: n})
		return len(sources) - 1
	}
	for _, l := range lines {
		name, value := attribute(l)
		fields := strings.Fields(value)
		switch {
		case name == "ssrc" && len(fields) > 0:
			if n, ok := parseSSRC(fields[0]); ok {
				add(n)
			}
		case name == "ssrc-group" && len(fields) == 3 && fields[0] == "FID":
			primary, ok1 := parseSSRC(fields[1])
			repair, ok2 := parseSSRC(fields[2])
			if ok1 && ok2 && primary != repair {
				if i := add(primary); i >= 0 {
					sources[i].Repair = repair
					repairs[repair] = true
				}
			}
		}
	}
	return slices.DeleteFunc(sources, func(s SSRC) bool { return repairs[s.Primary] })
}

func parseSSRC(s string) (uint32, bool) {
	n, err := strconv.ParseUint(s, 10, 32)
	return uint32(n), err == nil
}
