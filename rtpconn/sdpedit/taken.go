package sdpedit

import (
	"fmt"
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
// each of them go connectivity checks, whoever is there. It fails with ErrTooLarge or
// ErrMalformed where the text is beyond the limits.
func ReadAnswer(sdp string, candidates int) (Taken, error) {
	d, err := parseWithin(sdp)
	if err != nil {
		return Taken{}, err
	}
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
		if len(m.formats) > maxFormats {
			return Taken{}, fmt.Errorf("section %d: %w: %d payload types", i, ErrTooLarge, len(m.formats))
		}
		payloads := readPayloads(m, lines)
		if named && !m.rejected() {
			t.Companions[mid] = companionsOf(payloads)
		}
		d.sections[i] = forLibrary(m, lines, payloads)
	}
	t.Library = LimitCandidates(d.String(), candidates)
	return t, nil
}

// forLibrary returns a section without its companions, each of the other payload types
// once, and with no more feedback than counts: what the library does with payload types
// and their feedback takes time by the products of their numbers.
func forLibrary(m mediaLine, lines []string, payloads []Payload) []string {
	companions := make(map[string]bool)
	for _, p := range payloads {
		if strings.EqualFold(p.Name, retransmission) || strings.EqualFold(p.Name, redundancy) {
			companions[strconv.Itoa(int(p.Type))] = true
		}
	}
	kept := make(map[string]bool)
	m.formats = slices.DeleteFunc(m.formats, func(f string) bool {
		_, ok := parsePayloadType(f)
		if isNumber := strings.Trim(f, "0123456789") == ""; isNumber && !ok || companions[f] || kept[f] {
			return true // the library would take 096 for 96
		}
		kept[f] = true
		return false
	})
	lines[0] = m.String()
	feedback := make(feedbackCount)
	return slices.DeleteFunc(lines, func(l string) bool {
		name, value := attribute(l)
		number, _, _ := strings.Cut(value, " ")
		switch name {
		case "rtpmap", "fmtp":
			return !kept[number]
		case "rtcp-fb":
			return number != "*" && !kept[number] || !feedback.counts(number)
		}
		return false
	})
}
