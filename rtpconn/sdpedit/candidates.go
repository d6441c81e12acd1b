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

// LimitCandidates leaves the first most candidates of a description: to each
// of them go connectivity checks, whoever is there.
func LimitCandidates(sdp string, most int) string {
	if strings.Count(sdp, "a=candidate:") <= most {
		return sdp
	}
	var b strings.Builder
	for line := range strings.Lines(sdp) {
		if strings.HasPrefix(line, "a=candidate:") {
			if most == 0 {
				continue
			}
			most--
		}
		b.WriteString(line)
	}
	return b.String()
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
