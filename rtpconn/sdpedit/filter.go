package sdpedit

import (
	"slices"
	"strconv"
	"strings"

	"galene/group/media"
)

// FilterOffer makes of an offer, which ReadOffer has accepted, the text for
// the WebRTC library:
//
//   - Payload types that are none of the codecs are cut, with all that refers
//     to them.
//   - Sections that cannot be accepted are cut whole: those without a payload
//     type left, those that are neither audio nor video, and those that the
//     offerer has switched off. The library would settle the codecs by the
//     first section of each kind, and start a data channel. Answer puts the
//     rejected sections in their place again.
//   - Opus without a number of channels gets the one it always has.
//   - Sources (a=ssrc) are cut: the library must not prepare for media that it
//     never sees.
//   - a=simulcast is put in the form of the RFC.
//   - Sections of a kind get each other's payload types, which Answer takes back: the
//     library knows no others of a kind than those of its first section.
func FilterOffer(sdp string, codecs []media.Codec) string {
	d := parse(sdp)
	original := d.sections
	all := make(map[media.Kind][]Payload) // the first of each number, and maxAllowed at most
	var known [media.Video + 1][maxFormats]bool
	for _, lines := range original {
		m, ok := parseMediaLine(lines[0])
		if !ok || filterSection(lines, codecs) == nil {
			continue
		}
		for _, p := range readPayloads(m, lines) {
			if c, ok := p.Codec(codecs); ok && !known[c.Kind][p.Type] && len(all[c.Kind]) < maxAllowed {
				known[c.Kind][p.Type] = true
				all[c.Kind] = append(all[c.Kind], p)
			}
		}
	}
	d.sections = nil
	for _, lines := range original {
		if filtered := filterSection(lines, codecs); filtered != nil {
			d.sections = append(d.sections, share(filtered, lines, all))
		}
	}
	return d.String()
}

// share adds to what is left of a section the payload types of others of its kind,
// but for numbers that the section offers as something else.
func share(filtered, original []string, all map[media.Kind][]Payload) []string {
	m, ok := parseMediaLine(filtered[0])
	before, _ := parseMediaLine(original[0])
	kind, known := media.ParseKind(m.kind)
	if !ok || !known {
		return filtered
	}
	for _, p := range all[kind] {
		number := strconv.Itoa(int(p.Type))
		if slices.Contains(before.formats, number) {
			continue
		}
		said, size := p.lines(), 0
		for _, f := range p.Feedback {
			said = append(said, "a=rtcp-fb:"+number+" "+f)
		}
		for _, l := range said {
			size += len(l)
		}
		if size <= maxShared {
			m.formats = append(m.formats, number)
			filtered = append(filtered, said...)
		}
	}
	filtered[0] = m.String()
	return filtered
}

// filter is FilterOffer, each section being left to itself.
func filter(sdp string, codecs []media.Codec) string {
	d := parse(sdp)
	var kept [][]string
	for _, lines := range d.sections {
		if lines := filterSection(lines, codecs); lines != nil {
			kept = append(kept, lines)
		}
	}
	d.sections = kept
	return d.String()
}

// HasSections tells whether FilterOffer has left anything.
func HasSections(sdp string) bool { return len(parse(sdp).sections) > 0 }

// filterSection returns what is left of a section, or nil.
func filterSection(lines []string, codecs []media.Codec) []string {
	m, ok := parseMediaLine(lines[0])
	if !ok || m.rejected() {
		return nil
	}
	kind, ok := media.ParseKind(m.kind)
	if !ok {
		return nil
	}
	codecs = slices.DeleteFunc(slices.Clone(codecs), func(c media.Codec) bool { return c.Kind != kind })
	payloads := allowed(readPayloads(m, lines), codecs)
	if len(payloads) == 0 {
		return nil
	}
	keep := make(map[string]bool, len(payloads))
	m.formats = nil
	for _, p := range payloads {
		number := strconv.Itoa(int(p.Type))
		keep[number] = true
		m.formats = append(m.formats, number)
	}
	filtered := []string{m.String()}
	mapped, feedback := make(map[string]bool), make(feedbackCount)
	for _, l := range lines[1:] {
		name, value := attribute(l)
		number, _, _ := strings.Cut(value, " ")
		switch name {
		case "rtpmap":
			if !keep[number] {
				continue
			}
			mapped[number] = true
			if _, format, _ := strings.Cut(value, " "); strings.EqualFold(strings.TrimSpace(format), opus+"/48000") {
				l = strings.TrimRight(l, " ") + "/2" // what it means
			}
		case "fmtp":
			if !keep[number] {
				continue
			}
		case "rtcp-fb":
			if number != "*" && (!keep[number] || kind == media.Audio && value == number+" "+nack) || !feedback.counts(number) {
				continue
			}
		case "ssrc", "ssrc-group", "simulcast":
			continue
		}
		filtered = append(filtered, l)
	}
	// The library does not know all the static payload types.
	for _, p := range payloads {
		number := strconv.Itoa(int(p.Type))
		if !mapped[number] {
			filtered = append(filtered, "a=rtpmap:"+number+" "+static[p.Type])
		}
	}
	for _, p := range payloads {
		number := strconv.Itoa(int(p.Type))
		if kind == media.Audio && slices.Contains(p.Feedback, nack) {
			filtered = append(filtered, "a=rtcp-fb:"+number+" "+nack) // said, or only implied
		}
	}
	if rids := readRIDs(lines); len(rids) > 0 {
		filtered = append(filtered, "a=simulcast:send "+strings.Join(rids, ";"))
	}
	return filtered
}
