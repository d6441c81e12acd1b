package sdpedit

import (
	"slices"
	"strconv"
	"strings"
)

// Taken is what a subscriber's answer says.
type Taken struct {
	// Library is the text for the WebRTC library, which has no use for companions,
	// nor for more candidates than it may check.
	Library string
	// Companions are those that are taken, by mid.
	Companions map[string]Companions
	// Rejected are the mids of the sections that are not taken.
	Rejected []string
}

// ReadAnswer reads a subscriber's answer, of whose candidates so many count: to
// each of them go connectivity checks, whoever is there.
func ReadAnswer(sdp string, candidates int) Taken {
	d := parse(sdp)
	t := Taken{Companions: make(map[string]Companions, len(d.sections))}
	for i, lines := range d.sections {
		m, ok := parseMediaLine(lines[0])
		mid, named := find(lines, "mid")
		if named && (!ok || m.rejected()) {
			t.Rejected = append(t.Rejected, mid)
		}
		if !ok {
			continue
		}
		payloads := readPayloads(m, lines)
		if named && !m.rejected() && len(m.formats) <= maxFormats {
			t.Companions[mid] = companionsOf(payloads)
		}
		d.sections[i] = withoutCompanions(m, lines, payloads)
	}
	t.Library = LimitCandidates(d.String(), candidates)
	return t
}

// withoutCompanions returns a section without its companions.
func withoutCompanions(m mediaLine, lines []string, payloads []Payload) []string {
	var cut []string
	for _, p := range payloads {
		if strings.EqualFold(p.Name, retransmission) || strings.EqualFold(p.Name, redundancy) {
			cut = append(cut, strconv.Itoa(int(p.Type)))
		}
	}
	m.formats = slices.DeleteFunc(m.formats, func(f string) bool { return slices.Contains(cut, f) })
	lines[0] = m.String()
	if len(cut) == 0 {
		return lines
	}
	return slices.DeleteFunc(lines, func(l string) bool {
		name, value := attribute(l)
		number, _, _ := strings.Cut(value, " ")
		return (name == "rtpmap" || name == "fmtp" || name == "rtcp-fb") && slices.Contains(cut, number)
	})
}
