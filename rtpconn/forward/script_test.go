package forward

import (
	"bufio"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"galene/group/media"
)

// A script drives a forwarder line by line:
//
//	codec video|audio        video has key frames that can be told
//	switch ENCODING
//	in enc=N seq=N ts=N [key] [at=MS]   -> out seq=N ts=N | drop | need
//	source SEQ               -> enc=N seq=N offset=N | none
//
// Empty lines and lines that begin with # are skipped.
type script struct {
	t *testing.T
	f *Forwarder
}

func TestScripts(t *testing.T) {
	t.Parallel()
	paths, err := filepath.Glob("testdata/*.fwd")
	if err != nil || len(paths) == 0 {
		t.Fatalf("no scripts: %v", err)
	}
	for _, path := range paths {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".fwd"), func(t *testing.T) {
			t.Parallel()
			file, err := os.Open(path)
			if err != nil {
				t.Fatal(err)
			}
			defer file.Close()
			s := &script{t: t}
			line := 0
			for scanner := bufio.NewScanner(file); scanner.Scan(); {
				line++
				text := strings.TrimSpace(scanner.Text())
				if text == "" || strings.HasPrefix(text, "#") {
					continue
				}
				do, want, _ := strings.Cut(text, "->")
				got := s.run(strings.Fields(do))
				if want = strings.Join(strings.Fields(want), " "); got != want {
					t.Fatalf("%s:%d: %s\ngot  %s\nwant %s", path, line, text, got, want)
				}
			}
		})
	}
}

func (s *script) run(words []string) string {
	switch words[0] {
	case "codec":
		s.f = NewForwarder(90000, words[1] == "video")
		return ""
	case "switch":
		s.f.Switch(s.number(words[1]))
		return ""
	case "source":
		source, ok := s.f.Source(uint16(s.number(words[1])))
		if !ok {
			return "none"
		}
		return fmt.Sprintf("enc=%d seq=%d offset=%d", source.Encoding, source.SequenceNumber, source.TimestampOffset)
	case "in":
		return s.in(words[1:])
	}
	s.t.Fatalf("unknown line %q", words)
	return ""
}

func (s *script) in(words []string) string {
	var p media.Packet
	var encoding int
	var now time.Duration
	for _, w := range words {
		key, value, _ := strings.Cut(w, "=")
		switch key {
		case "enc":
			encoding = s.number(value)
		case "seq":
			p.SequenceNumber = uint16(s.number(value))
		case "ts":
			p.Timestamp = uint32(s.number(value))
		case "at":
			now = time.Duration(s.number(value)) * time.Millisecond
		case "key":
			p.Frame.Keyframe = true
		default:
			s.t.Fatalf("unknown word %q", w)
		}
	}
	h, verdict := s.f.Next(encoding, &p, now)
	switch verdict {
	case Pass:
		return fmt.Sprintf("out seq=%d ts=%d", h.SequenceNumber, h.Timestamp)
	case NeedKeyframe:
		return "need"
	}
	return "drop"
}

func (s *script) number(text string) int {
	n, err := strconv.Atoi(text)
	if err != nil {
		s.t.Fatal(err)
	}
	return n
}
