package sdpedit

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"galene/group/media"
)

// Names of the payload formats that protect packets of another one.
const (
	retransmission = "rtx" // RFC 4588
	redundancy     = "red" // RFC 2198
)

// Companions are the payload types that belong to those of codecs: Repair to
// those of video, for packets that are sent again, and Redundant to that of
// Opus, for packets that hold earlier ones besides. Both are by the payload type
// that they belong to.
type Companions struct {
	Repair, Redundant map[uint8]uint8
}

// Companions returns what the section offers.
func (s Section) Companions() Companions { return companionsOf(s.Payloads) }

func companionsOf(payloads []Payload) Companions {
	c := Companions{Repair: make(map[uint8]uint8), Redundant: make(map[uint8]uint8)}
	for _, p := range payloads {
		of, ok := p.belongsTo()
		if !ok || !slices.ContainsFunc(payloads, func(o Payload) bool { return o.Type == of }) {
			continue
		}
		by := c.Repair
		if strings.EqualFold(p.Name, redundancy) {
			by = c.Redundant
		}
		if _, known := by[of]; !known {
			by[of] = p.Type
		}
	}
	return c
}

// belongsTo returns the payload type that p is a companion of.
func (p Payload) belongsTo() (of uint8, ok bool) {
	switch {
	case strings.EqualFold(p.Name, retransmission):
		return parsePayloadType(parameter(p.Fmtp, "apt", ""))
	case strings.EqualFold(p.Name, redundancy) && p.ClockRate == 48000 && p.Channels == 2:
		// Encodings of one codec only: 111/111.
		types := strings.Split(strings.TrimSpace(p.Fmtp), "/")
		if slices.ContainsFunc(types, func(t string) bool { return t != types[0] }) {
			return 0, false
		}
		return parsePayloadType(types[0])
	}
	return 0, false
}

// accept adds to an answered section the companions of its payload types that
// were offered, all in the order of the offer, which is that of preference.
func (s Section) accept(lines []string) []string {
	m, ok := parseMediaLine(lines[0])
	if !ok {
		return lines
	}
	answered := readPayloads(m, lines)
	for _, p := range s.Payloads {
		of, ok := p.belongsTo()
		if !ok || !slices.ContainsFunc(answered, func(a Payload) bool { return a.Type == of }) {
			continue
		}
		m.formats = append(m.formats, strconv.Itoa(int(p.Type)))
		lines = append(lines, p.lines()...)
	}
	slices.SortStableFunc(m.formats, func(a, b string) int {
		return slices.Index(s.line.formats, a) - slices.Index(s.line.formats, b)
	})
	lines[0] = m.String()
	return lines
}

// lines are those that say what a payload type is.
func (p Payload) lines() []string {
	format := fmt.Sprintf("%s/%d", p.Name, p.ClockRate)
	if p.Channels > 1 {
		format += fmt.Sprintf("/%d", p.Channels)
	}
	lines := []string{fmt.Sprintf("a=rtpmap:%d %s", p.Type, format)}
	if p.Fmtp != "" {
		lines = append(lines, fmt.Sprintf("a=fmtp:%d %s", p.Type, p.Fmtp))
	}
	return lines
}

// repairTypes are the payload types of retransmissions that subscribers are
// offered, by those of codecs.
var repairTypes = map[uint8]uint8{96: 97, 98: 99, 100: 101, 35: 36, 108: 109, 102: 103}

// redundantType is the payload type of redundant Opus that subscribers are
// offered.
const redundantType = 63

// Extension is a header extension and the number that stands for it in packets
// (RFC 8285).
type Extension struct {
	ID  uint8
	URI string
}

// Additions are what an offer to a subscriber has beyond what the WebRTC library
// says.
type Additions struct {
	// RepairSources are the SSRCs of retransmissions, by mid.
	RepairSources map[string]uint32
	// Extensions are those that have been agreed on, by kind. The library leaves
	// them out of a section that is used again after it was inactive.
	Extensions map[media.Kind][]Extension
	// Candidates are as for AddCandidates.
	Candidates []string
}

// CompleteOffer completes the WebRTC library's offer to a subscriber: each
// section of video gets retransmissions, each section of Opus redundancy, each
// that something is sent in the header extensions, and the whole the candidates.
func CompleteOffer(sdp string, add Additions) string {
	d := parse(sdp)
	for i, lines := range d.sections {
		m, ok := parseMediaLine(lines[0])
		if !ok || m.rejected() {
			continue
		}
		repaired := false
		for _, p := range readPayloads(m, lines) {
			companion, ok := p.companion()
			if !ok {
				continue
			}
			m.formats = append(m.formats, strconv.Itoa(int(companion.Type)))
			lines = append(lines, companion.lines()...)
			repaired = repaired || companion.Name == retransmission
		}
		lines[0] = m.String()
		if repaired {
			lines = nameRepair(lines, add.RepairSources)
		}
		if kind, ok := media.ParseKind(m.kind); ok && readDirection(lines, d.session).Sends() {
			lines = nameExtensions(lines, add.Extensions[kind])
		}
		d.sections[i] = lines
	}
	d.addCandidates(add.Candidates)
	return d.String()
}

// nameExtensions adds the header extensions that a section does not name.
func nameExtensions(lines []string, extensions []Extension) []string {
	for _, x := range extensions {
		named := slices.ContainsFunc(lines, func(l string) bool {
			name, value := attribute(l)
			fields := strings.Fields(value)
			return name == "extmap" && len(fields) > 1 && fields[1] == x.URI
		})
		if !named {
			lines = append(lines, fmt.Sprintf("a=extmap:%d %s", x.ID, x.URI))
		}
	}
	return lines
}

// companion returns what a payload type is offered with.
func (p Payload) companion() (c Payload, ok bool) {
	if strings.EqualFold(p.Name, opus) {
		return Payload{Type: redundantType, Name: redundancy, ClockRate: 48000, Channels: 2, Fmtp: fmt.Sprintf("%d/%d", p.Type, p.Type)}, true
	}
	c = Payload{Type: repairTypes[p.Type], Name: retransmission, ClockRate: p.ClockRate, Fmtp: fmt.Sprintf("apt=%d", p.Type)}
	return c, c.Type != 0
}

// repairs tells whether a section has retransmissions.
func repairs(lines []string) bool {
	m, ok := parseMediaLine(lines[0])
	return ok && slices.ContainsFunc(readPayloads(m, lines), func(p Payload) bool { return strings.EqualFold(p.Name, retransmission) })
}

// nameRepair adds the source of the retransmissions to a section of video that
// has one source: all that is said of that one is said of it, too.
func nameRepair(lines []string, sources map[string]uint32) []string {
	m, ok := parseMediaLine(lines[0])
	mid, _ := find(lines, "mid")
	repair, known := sources[mid]
	if !ok || !known || m.kind != media.Video.String() {
		return lines
	}
	named := readSSRCs(lines)
	if len(named) != 1 {
		return lines
	}
	primary := strconv.FormatUint(uint64(named[0].Primary), 10)
	other := strconv.FormatUint(uint64(repair), 10)
	var added, about []string
	for _, l := range lines {
		if name, value := attribute(l); name == "ssrc" {
			if rest, ok := strings.CutPrefix(value, primary+" "); ok {
				added = append(added, "a=ssrc:"+other+" "+rest)
			}
			about = append(about, l)
		}
	}
	kept := slices.DeleteFunc(slices.Clone(lines), func(l string) bool { return slices.Contains(about, l) })
	return slices.Concat(kept, []string{"a=ssrc-group:FID " + primary + " " + other}, about, added)
}
