package whip

import (
	"errors"
	"fmt"
	"strings"
)

// fragment is a piece of SDP about ICE alone (RFC 8840, section 9).
type fragment struct {
	// ufrag and pwd are the first that were found, those of the session first;
	// both are empty if there are none.
	ufrag, pwd string
	candidates []candidate
}

// candidate is one line, "candidate:…", and the section it belongs to.
type candidate struct {
	text string
	mid  string
}

// The bounds of ICE credentials (RFC 8839, section 5.4), in bytes.
const (
	minUfrag, minPwd = 4, 22
	maxCredential    = 256
)

// readFragment reads a fragment. Attributes that it does not know are passed
// over.
func readFragment(text string) (fragment, error) {
	var f fragment
	inSection, mid := false, ""
	// Those of the session come first in the text.
	for line := range strings.SplitSeq(text, "\n") {
		line = strings.TrimRight(line, "\r")
		if line == "" {
			continue
		}
		if len(line) < 2 || line[1] != '=' || !isLetter(line[0]) {
			return fragment{}, fmt.Errorf("malformed line %q", shorten(line))
		}
		switch {
		case line[0] == 'm':
			inSection, mid = true, ""
			continue
		case line[0] != 'a':
			continue
		}
		name, value, _ := strings.Cut(line[2:], ":")
		switch name {
		case "mid":
			if !inSection || value == "" {
				return fragment{}, fmt.Errorf("misplaced or empty a=mid")
			}
			mid = value
		case "ice-ufrag":
			if err := f.credential(&f.ufrag, value, minUfrag); err != nil {
				return fragment{}, fmt.Errorf("a=ice-ufrag: %w", err)
			}
		case "ice-pwd":
			if err := f.credential(&f.pwd, value, minPwd); err != nil {
				return fragment{}, fmt.Errorf("a=ice-pwd: %w", err)
			}
		case "candidate":
			if value == "" {
				return fragment{}, errors.New("empty a=candidate")
			}
			f.candidates = append(f.candidates, candidate{text: line[2:], mid: mid})
		}
	}
	if (f.ufrag == "") != (f.pwd == "") {
		return fragment{}, errors.New("a=ice-ufrag and a=ice-pwd belong together")
	}
	return f, nil
}

// credential takes the first value of its kind.
func (f *fragment) credential(field *string, value string, least int) error {
	if len(value) < least || len(value) > maxCredential || strings.ContainsFunc(value, notICE) {
		return errors.New("malformed")
	}
	if *field == "" {
		*field = value
	}
	return nil
}

// notICE tells whether a character may not stand in ICE credentials.
func notICE(r rune) bool {
	return !(r < 0x80 && (isLetter(byte(r)) || r >= '0' && r <= '9' || r == '+' || r == '/'))
}

func isLetter(b byte) bool { return b|0x20 >= 'a' && b|0x20 <= 'z' }

func shorten(line string) string {
	const most = 40
	if len(line) > most {
		return line[:most]
	}
	return line
}

// credentials returns those of a description, the first that there are.
func credentials(sdp string) (ufrag, pwd string) {
	for line := range strings.SplitSeq(sdp, "\n") {
		line = strings.TrimRight(line, "\r")
		if v, ok := strings.CutPrefix(line, "a=ice-ufrag:"); ok && ufrag == "" {
			ufrag = v
		}
		if v, ok := strings.CutPrefix(line, "a=ice-pwd:"); ok && pwd == "" {
			pwd = v
		}
	}
	return ufrag, pwd
}

// restarted returns a description with other credentials and without
// candidates.
func restarted(sdp, ufrag, pwd string) string {
	var b strings.Builder
	for line := range strings.SplitSeq(sdp, "\n") {
		line = strings.TrimRight(line, "\r")
		switch {
		case line == "", strings.HasPrefix(line, "a=candidate:"), line == "a=end-of-candidates":
			continue
		case strings.HasPrefix(line, "a=ice-ufrag:"):
			line = "a=ice-ufrag:" + ufrag
		case strings.HasPrefix(line, "a=ice-pwd:"):
			line = "a=ice-pwd:" + pwd
		}
		b.WriteString(line)
		b.WriteString("\r\n")
	}
	return b.String()
}

// answerFragment returns the fragment that says of an answer what concerns ICE.
func answerFragment(sdp string) string {
	ufrag, pwd := credentials(sdp)
	var b strings.Builder
	fmt.Fprintf(&b, "a=ice-ufrag:%s\r\na=ice-pwd:%s\r\n", ufrag, pwd)
	for line := range strings.SplitSeq(sdp, "\n") {
		line = strings.TrimRight(line, "\r")
		for _, prefix := range []string{"m=", "a=mid:", "a=candidate:", "a=end-of-candidates"} {
			if strings.HasPrefix(line, prefix) {
				b.WriteString(line)
				b.WriteString("\r\n")
			}
		}
	}
	return b.String()
}
