package sdpedit

import "strings"

// AddCandidates replaces the candidates of a description of ours: the given
// ones, as "candidate:…" without "a=", go into the first section that is not
// rejected, which carries the others along (BUNDLE), and end-of-candidates
// follows them.
func AddCandidates(sdp string, candidates []string) string {
	d := parse(sdp)
	d.addCandidates(candidates)
	return d.String()
}

func (d description) addCandidates(candidates []string) {
	added := false
	for i, lines := range d.sections {
		lines = without(lines, "candidate", "end-of-candidates")
		if m, ok := parseMediaLine(lines[0]); ok && !m.rejected() && !added {
			added = true
			for _, c := range candidates {
				lines = append(lines, "a="+c)
			}
			lines = append(lines, "a=end-of-candidates")
		}
		d.sections[i] = lines
	}
}

// LimitCandidates leaves the first most usable candidates of a description: to
// each of them go connectivity checks, whoever is there.
func LimitCandidates(sdp string, most int) string {
	var b strings.Builder
	b.Grow(len(sdp))
	for line := range strings.Lines(sdp) {
		if candidate, ok := strings.CutPrefix(line, "a="); ok && strings.HasPrefix(candidate, "candidate:") {
			if most == 0 || !UsableCandidate(candidate) {
				continue
			}
			most--
		}
		b.WriteString(line)
	}
	return b.String()
}

// UsableCandidate tells whether a candidate, "candidate:…", may be of use to us,
// whose sockets are UDP's and who have RTCP on the port of RTP (RFC 5761): other
// libraries tell of each address again for RTCP, and browsers of TCP as well.
func UsableCandidate(candidate string) bool {
	const component, transport = 1, 2 // fields; RFC 8839, section 5.1
	fields := strings.Fields(candidate)
	return len(fields) > transport && fields[component] == "1" && strings.EqualFold(fields[transport], "udp")
}

// Ufrag returns the first ICE user name fragment of a description, "" if there
// is none: another one begins a new generation of candidates.
func Ufrag(sdp string) string {
	for line := range strings.Lines(sdp) {
		if value, ok := strings.CutPrefix(line, "a=ice-ufrag:"); ok {
			return strings.TrimSpace(value)
		}
	}
	return ""
}
