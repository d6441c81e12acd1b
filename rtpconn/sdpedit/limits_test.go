package sdpedit

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"galene/group/leaktest"
)

// What the library is given grows little beyond the offer, and has no more payload types than
// browsers have several times over: it takes time by their square.
func TestWhatTheLibraryReadsOfAnOfferIsBounded(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	many := func(n int, line func(i int) string) []string {
		var lines []string
		for i := range n {
			lines = append(lines, line(i))
		}
		return lines
	}
	for name, tt := range map[string]struct{ first, others []string }{
		"payload types": {overfull(110), overfull(110)},
		"feedback": {
			append(overfull(1), many(1000, func(i int) string { return fmt.Sprintf("a=rtcp-fb:0 nack %d", i) })...),
			[]string{"m=video 9 UDP/TLS/RTP/SAVPF 1", "a=rtpmap:1 VP8/90000"},
		},
		"parameters": {
			append(overfull(20), many(20, func(i int) string { return fmt.Sprintf("a=fmtp:%d x=%s", i, strings.Repeat("y", 8000)) })...),
			[]string{"m=video 9 UDP/TLS/RTP/SAVPF 100", "a=rtpmap:100 VP8/90000"},
		},
	} {
		var lines []string
		for i := range MaxSections {
			section := tt.others
			if i == 0 {
				section = tt.first
			}
			lines = append(lines, section[0], fmt.Sprintf("a=mid:%d", i))
			lines = append(lines, section[1:]...)
		}
		text := session(lines...)
		if _, err := ReadOffer(text); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		filtered := FilterOffer(text, codecsOf(t, "vp8"))
		if len(filtered) > 2*len(text) {
			t.Errorf("%s: %d bytes of %d", name, len(filtered), len(text))
		}
		for _, s := range parse(filtered).sections {
			m, _ := parseMediaLine(s[0])
			const mostTypes = 20 // browsers have ten
			if most := maxFeedback * (1 + len(m.formats)); len(m.formats) > mostTypes || count(s, "rtcp-fb") > most {
				t.Errorf("%s: %d payload types in a section, %d lines of feedback", name, len(m.formats), count(s, "rtcp-fb"))
				break
			}
		}
	}
}

// count returns how many of the lines are attributes of a name.
func count(lines []string, name string) int {
	n := 0
	for _, l := range lines {
		if found, _ := attribute(l); found == name {
			n++
		}
	}
	return n
}

// The same of an answer, in which a payload type may be written in many ways, each of
// which the library would take for another one.
func TestWhatTheLibraryReadsOfAnAnswerIsBounded(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	many := func(n int, format string) []string {
		var lines []string
		for i := range n {
			lines = append(lines, fmt.Sprintf(format, i))
		}
		return lines
	}
	section := func(formats string, lines ...string) string {
		return session(append([]string{"m=video 9 UDP/TLS/RTP/SAVPF" + formats, "a=mid:v", "a=rtpmap:96 VP8/90000"}, lines...)...)
	}
	for name, tt := range map[string]struct {
		answer            string
		formats, feedback int
	}{
		"as browsers make it":              {section(" 96", many(5, "a=rtcp-fb:96 x%d")...), 1, 5},
		"feedback":                         {section(" 96", many(900, "a=rtcp-fb:96 x%d")...), 1, maxFeedback},
		"feedback of all":                  {section(" 96", many(900, "a=rtcp-fb:* x%d")...), 1, maxFeedback},
		"feedback, otherwise written":      {section(" 96", many(900, "a=rtcp-fb:%096d x")...), 1, 0},
		"a payload type again and again":   {section(strings.Repeat(" 96", maxFormats)), 1, 0},
		"a payload type, in several forms": {section(" 96 096 0096 00096 255 96"), 1, 0},
	} {
		taken, err := ReadAnswer(tt.answer, 1)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		lines := parse(taken.Library).sections[0]
		if m, _ := parseMediaLine(lines[0]); len(m.formats) != tt.formats || count(lines, "rtcp-fb") != tt.feedback {
			t.Errorf("%s: %d payload types and %d lines of feedback, want %d and %d", name,
				len(m.formats), count(lines, "rtcp-fb"), tt.formats, tt.feedback)
		}
	}
	for name, text := range map[string]string{
		"payload types": section(strings.Repeat(" 96", maxFormats+1)),
		"lines":         section(" 96", many(MaxLines, "a=x:%d")...),
		"a long line":   section(" 96", "a=x:"+strings.Repeat("y", MaxLine)),
		"sections":      session(many(2*(MaxSections+1), "m=video 9 UDP/TLS/RTP/SAVPF 96\r\na=mid:%d")...),
		"above them":    session(many(MaxLines, "a=x:%d")...),
		"bytes":         session(many(MaxSize/8, "a=x:%d")...),
	} {
		if _, err := ReadAnswer(text, 1); !errors.Is(err, ErrTooLarge) {
			t.Errorf("too many, or too much, of %s: %v", name, err)
		}
	}
}

// overfull is a section with so many payload types.
func overfull(formats int) []string {
	lines := []string{"m=video 9 UDP/TLS/RTP/SAVPF"}
	for n := range formats {
		lines[0] += fmt.Sprint(" ", n)
		lines = append(lines, fmt.Sprintf("a=rtpmap:%d VP8/90000", n))
	}
	return lines
}
