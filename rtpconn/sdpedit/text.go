package sdpedit

import (
	"slices"
	"strings"
)

// description is an SDP text cut into its session part and its media sections,
// each of which begins with its m= line. Lines have no line ends.
type description struct {
	session  []string
	sections [][]string
}

// parse cuts a text; lines may end in CRLF or LF, and empty ones are dropped. A CR
// alone ends one as well, as it does for the library, from which nothing is to hide.
// Every text has a description.
func parse(sdp string) description {
	all := make([]string, 0, strings.Count(sdp, "\n")+1)
	for line := range strings.SplitSeq(sdp, "\n") {
		for line != "" {
			var first string
			if first, line, _ = strings.Cut(line, "\r"); first != "" {
				all = append(all, first)
			}
		}
	}
	// The parts share their memory; what is appended to one harms none.
	next := func() (part []string) {
		n := 1
		for n < len(all) && !strings.HasPrefix(all[n], "m=") {
			n++
		}
		part, all = all[:n:n], all[n:]
		return part
	}
	var d description
	if len(all) > 0 && !strings.HasPrefix(all[0], "m=") {
		d.session = next()
	}
	for len(all) > 0 {
		d.sections = append(d.sections, next())
	}
	for _, lines := range d.sections {
		unbundle(lines)
	}
	return d
}

// unbundle gives the port that stands for none yet to a section that the
// offerer will only send together with others: its port is 0, as that of a
// section that is switched off (RFC 9143, section 7.2.1).
func unbundle(lines []string) {
	if _, ok := find(lines, "bundle-only"); !ok {
		return
	}
	if m, ok := parseMediaLine(lines[0]); ok && m.rejected() {
		m.port = "9"
		lines[0] = m.String()
	}
}

// String is the text, with CRLF.
func (d description) String() string {
	var b strings.Builder
	size := 0
	count := func(lines []string) {
		for _, l := range lines {
			size += len(l) + len("\r\n")
		}
	}
	count(d.session)
	for _, s := range d.sections {
		count(s)
	}
	b.Grow(size)
	write := func(lines []string) {
		for _, l := range lines {
			b.WriteString(l)
			b.WriteString("\r\n")
		}
	}
	write(d.session)
	for _, s := range d.sections {
		write(s)
	}
	return b.String()
}

// attribute cuts "a=name:value"; the value is empty where there is none, and
// the name where the line is no attribute.
func attribute(line string) (name, value string) {
	line, ok := strings.CutPrefix(line, "a=")
	if !ok {
		return "", ""
	}
	name, value, _ = strings.Cut(line, ":")
	return name, value
}

// find returns the value of the first attribute of that name.
func find(lines []string, name string) (value string, ok bool) {
	for _, l := range lines {
		if n, v := attribute(l); n == name {
			return v, true
		}
	}
	return "", false
}

// without returns the lines that are none of the named attributes.
func without(lines []string, names ...string) []string {
	return slices.DeleteFunc(slices.Clone(lines), func(l string) bool {
		n, _ := attribute(l)
		return n != "" && slices.Contains(names, n)
	})
}

// mediaLine is the m= line of a section.
type mediaLine struct {
	kind, port, protocol string
	formats              []string
}

// parseMediaLine reads "m=kind port protocol format…".
func parseMediaLine(line string) (m mediaLine, ok bool) {
	fields := strings.Fields(strings.TrimPrefix(line, "m="))
	if len(fields) < 4 {
		return mediaLine{}, false
	}
	return mediaLine{fields[0], fields[1], fields[2], fields[3:]}, true
}

// String is the line.
func (m mediaLine) String() string {
	return "m=" + m.kind + " " + m.port + " " + m.protocol + " " + strings.Join(m.formats, " ")
}

// rejected tells whether a section is refused or switched off by its port.
func (m mediaLine) rejected() bool { return m.port == "0" }

// printable tells whether s is not empty and consists of visible ASCII, so
// that it can be written into somebody else's description.
func printable(s string) bool {
	return s != "" && !strings.ContainsFunc(s, func(r rune) bool { return r <= ' ' || r > '~' })
}
