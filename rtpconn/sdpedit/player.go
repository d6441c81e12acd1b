package sdpedit

import (
	"slices"

	"galene/group/media"
)

// Receives tells whether the offerer means to receive.
func (d Direction) Receives() bool { return d == SendRecv || d == RecvOnly }

// FilterPlayerOffer is FilterOffer for the offer of somebody who means to
// receive: of each kind only the first section is kept that he receives in,
// and he sends in none.
func FilterPlayerOffer(sdp string, codecs []media.Codec) string {
	d := parse(filter(sdp, codecs))
	seen := make(map[media.Kind]bool)
	var kept [][]string
	for _, lines := range d.sections {
		m, ok := parseMediaLine(lines[0])
		kind, known := media.ParseKind(m.kind)
		if !ok || !known || seen[kind] || !readDirection(lines, d.session).Receives() {
			continue
		}
		seen[kind] = true
		lines = slices.DeleteFunc(lines, func(l string) bool {
			name, _ := attribute(l)
			return slices.Contains(directionNames[:], name) || name == "simulcast" || name == "rid" || name == "msid"
		})
		kept = append(kept, append(lines, "a="+directionNames[RecvOnly]))
	}
	d.sections = kept
	return d.String()
}

// AnswerPlayer is Answer where we are the one who sends. sources says the SSRCs
// of retransmissions, by mid.
func AnswerPlayer(sdp string, offer Offer, sources map[string]uint32) string {
	d := parse(answer(sdp, offer, func(offered Direction) string {
		if offered.Receives() {
			return directionNames[SendOnly]
		}
		return directionNames[Inactive]
	}))
	for i, lines := range d.sections {
		if repairs(lines) {
			d.sections[i] = nameRepair(lines, sources)
		}
	}
	return d.String()
}

// Kinds returns the kinds of the sections that a description has and does not
// reject, in order.
func Kinds(sdp string) []media.Kind {
	var kinds []media.Kind
	for _, lines := range parse(sdp).sections {
		m, ok := parseMediaLine(lines[0])
		if kind, known := media.ParseKind(m.kind); ok && known && !m.rejected() {
			kinds = append(kinds, kind)
		}
	}
	return kinds
}

// Sends tells whether the offerer means to send in a section that he has not
// switched off.
func Sends(sdp string) bool {
	d := parse(sdp)
	return slices.ContainsFunc(d.sections, func(lines []string) bool {
		m, ok := parseMediaLine(lines[0])
		return ok && !m.rejected() && readDirection(lines, d.session).Sends()
	})
}
