package sdpedit

import (
	"slices"
	"strconv"
	"strings"
)

// stereo is what we ask of a publisher of Opus (RFC 7587, section 7): without
// it a browser sends one channel, whatever its user has chosen.
var stereo = []string{"stereo=1", "sprop-stereo=1"}

// Stereo adds to the parameters of Opus what lets two channels through, unless
// they say otherwise.
func Stereo(fmtp string) string {
	for _, want := range stereo {
		name, _, _ := strings.Cut(want, "=")
		if parameter(fmtp, name, "") == "" {
			fmtp = strings.TrimPrefix(strings.TrimRight(fmtp, "; ")+";"+want, ";")
		}
	}
	return fmtp
}

// Answer completes the WebRTC library's answer to the filtered form of offer:
// it gets one section for each section of the offer, in order, those that were
// cut being rejected; payload types that a section did not offer are removed;
// companions of those that are left are accepted; the direction is recvonly where
// the publisher may send, else inactive; and Opus is asked for in stereo.
func Answer(sdp string, offer Offer) string { return answer(sdp, offer, answerDirection) }

func answer(sdp string, offer Offer, direction func(offered Direction) string) string {
	d := parse(sdp)
	answered := make(map[string][]string, len(d.sections))
	for _, lines := range d.sections {
		if mid, ok := find(lines, "mid"); ok {
			answered[mid] = lines
		}
	}
	var sections [][]string
	var accepted []string
	for _, s := range offer.Sections {
		lines := answerSection(answered[s.MID], s, direction)
		if lines == nil {
			sections = append(sections, reject(s))
			continue
		}
		accepted = append(accepted, s.MID)
		sections = append(sections, lines)
	}
	d.sections = sections
	for i, l := range d.session {
		if name, value := attribute(l); name == "group" && strings.HasPrefix(value, "BUNDLE") {
			mids := slices.DeleteFunc(strings.Fields(value)[1:], func(mid string) bool {
				return !slices.Contains(accepted, mid)
			})
			d.session[i] = strings.TrimRight("a=group:BUNDLE "+strings.Join(mids, " "), " ")
		}
	}
	return d.String()
}

// reject is a section that says no.
func reject(s Section) []string {
	m := s.line
	m.port = "0"
	return []string{m.String(), "c=IN IP4 0.0.0.0", "a=mid:" + s.MID, "a=inactive"}
}

// answerSection returns the completed section, or nil where it is rejected.
func answerSection(lines []string, s Section, direction func(offered Direction) string) []string {
	if len(lines) == 0 {
		return nil
	}
	m, ok := parseMediaLine(lines[0])
	if !ok || m.rejected() {
		return nil
	}
	offered := func(number string) bool { return slices.Contains(s.line.formats, number) }
	m.formats = slices.DeleteFunc(m.formats, func(f string) bool { return !offered(f) })
	if len(m.formats) == 0 {
		return nil
	}
	edited := []string{m.String()}
	for _, l := range lines[1:] {
		name, value := attribute(l)
		number, _, _ := strings.Cut(value, " ")
		switch {
		case slices.Contains(directionNames[:], name):
			l = "a=" + direction(s.Direction)
		case (name == "rtpmap" || name == "fmtp" || name == "rtcp-fb") && number != "*" && !offered(number):
			continue
		}
		edited = append(edited, l)
	}
	return askForStereo(s.accept(edited))
}

func answerDirection(offered Direction) string {
	if offered.Sends() {
		return directionNames[RecvOnly]
	}
	return directionNames[Inactive]
}

// askForStereo adds to the parameters of Opus.
func askForStereo(lines []string) []string {
	m, ok := parseMediaLine(lines[0])
	if !ok {
		return lines
	}
	for _, p := range readPayloads(m, lines) {
		if !strings.EqualFold(p.Name, "opus") {
			continue
		}
		fmtp := p.Fmtp
		fmtp = Stereo(fmtp)
		number := strconv.Itoa(int(p.Type))
		line := "a=fmtp:" + number + " " + fmtp
		prefix := "a=fmtp:" + number + " "
		if i := slices.IndexFunc(lines, func(l string) bool { return strings.HasPrefix(l, prefix) }); i >= 0 {
			lines[i] = line
		} else {
			lines = append(lines, line)
		}
	}
	return lines
}
