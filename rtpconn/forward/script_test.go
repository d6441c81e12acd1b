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

	"galene/group/leaktest"
	"galene/group/media"
)

// A script drives a forwarder line by line:
//
//	codec audio|music|video|vp8|vp9   music passes silence, video has key frames that can be told, but no layers
//	switch ENCODING [sid=N] [tid=N]
//	in enc=N seq=N ts=N [key] [start] [end] [mark] [sid=N] [tid=N] [up] [sync] [nonref] [inter] [short] [pid=N] [tl0=N] [frame=N] [silent] [at=MS]
//	                         -> out seq=N ts=N [mark] [pid=N] [tl0=N] [frame=N] | drop | need
//	pause                    wants nothing until the next switch
//	pad                      -> out seq=N ts=N | no
//	unsent SEQ               the packet that was passed last has not been sent, and the picture begins anew
//	break                    the picture begins anew
//	renumbered ENCODING      it goes on under another source
//	interrupted              packets may have been missed
//	replace CODEC            packets come from another track from now on
//	waiting                  -> yes | no
//	current                  -> enc=N offset=N | none
//	last                     -> seq=N ts=N | none
//	layers                   -> sid=N tid=N of sid=N tid=N
//	lacking                  -> yes | no
//	source SEQ               -> enc=N seq=N offset=N | none
//
// ts is 0 and at what it was, where they are left out; pictures have ids of 15
// bits, short ones of 7. Empty lines and lines that begin with # are skipped.
type script struct {
	t   *testing.T
	f   *Forwarder
	now time.Duration
}

var formats = map[string]Format{
	"audio": {ClockRate: 90000},
	"music": {ClockRate: 90000, Silence: true},
	"video": {ClockRate: 90000, Keyframes: true},
	"vp8":   {ClockRate: 90000, Keyframes: true, Scaling: SyncPoints},
	"vp9":   {ClockRate: 90000, Keyframes: true, Scaling: UpSwitches},
}

func TestScripts(t *testing.T) {
	leaktest.Check(t)
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
		s.f = NewForwarder(formats[words[1]])
		return ""
	case "replace":
		s.f.Replace(formats[words[1]])
		return ""
	case "interrupted":
		s.f.Interrupted()
		return ""
	case "break":
		s.f.Break()
		return ""
	case "waiting":
		if s.f.Waiting() {
			return "yes"
		}
		return "no"
	case "current":
		encoding, offset, ok := s.f.Current()
		if !ok {
			return "none"
		}
		return fmt.Sprintf("enc=%d offset=%d", encoding, offset)
	case "last":
		sequence, timestamp, ok := s.f.Last()
		if !ok {
			return "none"
		}
		return fmt.Sprintf("seq=%d ts=%d", sequence, timestamp)
	case "layers":
		current, highest := s.f.Layers()
		return fmt.Sprintf("sid=%d tid=%d of sid=%d tid=%d", current.SID, current.TID, highest.SID, highest.TID)
	case "switch":
		t := Target{s.number(words[1]), Layers{TopLayer, TopLayer}}
		for _, w := range words[2:] {
			if sid, ok := strings.CutPrefix(w, "sid="); ok {
				t.SID = uint8(s.number(sid))
			}
			if tid, ok := strings.CutPrefix(w, "tid="); ok {
				t.TID = uint8(s.number(tid))
			}
		}
		s.f.Switch(t)
		return ""
	case "pause":
		s.f.Switch(Target{Encoding: Nothing})
		return ""
	case "pad":
		h, ok := s.f.Pad()
		if !ok {
			return "no"
		}
		return fmt.Sprintf("out seq=%d ts=%d", h.SequenceNumber, h.Timestamp)
	case "unsent":
		s.f.BreakBefore(Header{SequenceNumber: uint16(s.number(words[1]))})
		return ""
	case "renumbered":
		s.f.Renumbered(s.number(words[1]))
		return ""
	case "lacking":
		if s.f.Lacking() {
			return "yes"
		}
		return "no"
	case "source":
		source, ok := s.f.Source(uint16(s.number(words[1])))
		if !ok {
			return "none"
		}
		return fmt.Sprintf("enc=%d seq=%d offset=%d", source.Encoding, source.SequenceNumber, source.Header(&media.Packet{}).Timestamp)
	case "in":
		return s.in(words[1:])
	}
	s.t.Fatalf("unknown line %q", words)
	return ""
}

func (s *script) in(words []string) string {
	var p media.Packet
	var encoding int
	bits := uint8(15)
	f := &p.Frame
	for _, w := range words {
		key, value, _ := strings.Cut(w, "=")
		n := 0
		if value != "" {
			n = s.number(value)
		}
		switch key {
		case "enc":
			encoding = n
		case "seq":
			p.SequenceNumber = uint16(n)
		case "ts":
			p.Timestamp = uint32(n)
		case "at":
			s.now = time.Duration(n) * time.Millisecond
		case "pid":
			f.PictureID, f.PictureIDBits = uint16(n), bits
		case "short":
			bits = 7
		case "tl0":
			f.TL0PicIdx = uint8(n)
		case "frame":
			f.FrameNumber, p.Descriptor = uint16(n), []byte{0, 0, 0}
		case "sid":
			f.SID = uint8(n)
		case "tid":
			f.TID = uint8(n)
		case "key":
			f.Keyframe, f.Start = true, true
		case "start":
			f.Start = true
		case "end":
			f.End = true
		case "mark":
			p.Marker, f.End = true, true
		case "up":
			f.TIDUpSwitch = true
		case "sync":
			f.Sync = true
		case "nonref":
			f.NonReference = true
		case "silent":
			p.Silent = true
		case "inter":
			f.InterPicture = true
		default:
			s.t.Fatalf("unknown word %q", w)
		}
	}
	h, verdict := s.f.Next(encoding, &p, s.now)
	switch verdict {
	case Pass:
		text := fmt.Sprintf("out seq=%d ts=%d", h.SequenceNumber, h.Timestamp)
		if h.Marker {
			text += " mark"
		}
		if f.PictureIDBits > 0 {
			text += fmt.Sprintf(" pid=%d", h.PictureID)
		}
		if f.TL0PicIdx > 0 {
			text += fmt.Sprintf(" tl0=%d", h.TL0PicIdx)
		}
		if f.FrameNumber > 0 {
			text += fmt.Sprintf(" frame=%d", h.FrameNumber)
		}
		return text
	case NeedKeyframe:
		return "need"
	}
	return "drop"
}

func (s *script) number(text string) int {
	n, err := strconv.ParseInt(text, 10, 64) // timestamps have all of 32 bits
	if err != nil {
		s.t.Fatal(err)
	}
	return int(n)
}
