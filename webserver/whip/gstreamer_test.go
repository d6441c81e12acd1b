package whip_test

import (
	"bufio"
	"bytes"
	"os/exec"
	"strings"
	"testing"

	"galene/group/leaktest"
)

// python is the one that Debian's packages are for.
const python = "/usr/bin/python3"

// gstreamer runs testdata/webrtcbin.py, which publishes or plays with
// GStreamer's own WebRTC element, and returns a function that waits until it
// has written a word so many times.
func (s *site) gstreamer(arguments ...string) (await func(word string, times int)) {
	s.t.Helper()
	const probe = "import gi; gi.require_version('GstWebRTC', '1.0'); from gi.repository import Gst, GstWebRTC; Gst.init(None); " +
		"assert all(Gst.ElementFactory.find(e) for e in ('webrtcbin', 'nicesrc', 'vp8enc', 'opusenc', 'rtpvp8pay', 'dtlsenc', 'srtpenc'))"
	if exec.CommandContext(s.ctx, python, "-c", probe).Run() != nil {
		s.t.Skip("GStreamer's webrtcbin is not installed (Debian: python3-gi gir1.2-gst-plugins-bad-1.0 gstreamer1.0-nice " +
			"gstreamer1.0-plugins-bad gstreamer1.0-plugins-good gstreamer1.0-plugins-base)")
	}
	program := exec.CommandContext(s.ctx, python, append([]string{"testdata/webrtcbin.py"}, arguments...)...)
	var log bytes.Buffer
	program.Stderr = &log
	input, err := program.StdinPipe()
	s.check(err)
	output, err := program.StdoutPipe()
	s.check(err)
	s.check(program.Start())
	words := make(chan string)
	ended, over := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		defer close(words)
		for scanner := bufio.NewScanner(output); scanner.Scan(); {
			select {
			case words <- scanner.Text():
			case <-over:
			}
		}
		// How it ends is its own affair.
		_ = program.Wait()
	}()
	s.t.Cleanup(func() {
		close(over)
		input.Close()
		<-ended
		if s.t.Failed() {
			s.t.Log(log.String())
		}
	})
	return func(word string, times int) {
		s.t.Helper()
		for times > 0 {
			got, ok := <-words
			if !ok {
				s.t.Fatalf("it has ended before it wrote %q", word)
			}
			if got == word {
				times--
			}
		}
	}
}

func TestGStreamerPublishes(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	// GStreamer does not use the loopback interface.
	s := newSiteOn(t, map[string]string{"g": open})
	op := s.watcher("op", "op")
	await := s.gstreamer("whip", s.URL+endpoint)
	await("connected", 1)
	user := op.Expect(message{"type": "user", "kind": "add", "username": "whip"})
	offer := op.Expect(message{"type": "offer", "id": user["id"]})
	if sdp := offer["sdp"].(string); !strings.Contains(sdp, "m=audio") || !strings.Contains(sdp, "m=video") {
		t.Errorf("offered is\n%s", sdp)
	}
	stream := s.receive(op, offer)
	select {
	case <-stream.Video():
	case <-s.ctx.Done():
		t.Fatal("no pictures")
	}
	s.flow(stream, 100)
}

// TestGStreamerPlaysWhatGStreamerPublishes has every picture decoded.
func TestGStreamerPlaysWhatGStreamerPublishes(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	// GStreamer does not use the loopback interface.
	s := newSiteOn(t, map[string]string{"g": open})
	published := s.gstreamer("whip", s.URL+endpoint)
	published("connected", 1)
	played := s.gstreamer("whep", s.URL+"/group/g/.whep")
	played("connected", 1)
	played("frame", 30)
}
