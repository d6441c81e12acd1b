package rtpconn

import (
	"strings"
	"testing"

	"galene/group/media"

	"github.com/pion/webrtc/v3"
)

// BenchmarkDescribe is what describing one subscriber's connection takes: the
// offer, and the answer, which leads to no checks here.
func BenchmarkDescribe(b *testing.B) {
	e, p := fullCall(b)
	answer := answerOf(b, e, p.up)
	wanted := media.Select([]string{"audio", "video"}, p.up.Tracks())
	b.ReportAllocs()
	for b.Loop() {
		down, err := e.NewDownConn(p.up, DownOptions{})
		if err != nil {
			b.Fatal(err)
		}
		if _, err := down.SetTracks(wanted); err != nil {
			b.Fatal(err)
		}
		if _, err := down.Offer(false); err != nil {
			b.Fatal(err)
		}
		if err := down.Answer(answer); err != nil {
			b.Fatal(err)
		}
		down.Close()
	}
}

// answerOf returns what a client answers to an offer of everything, but for its
// candidates.
func answerOf(b *testing.B, e *Engine, up *UpConn) string {
	b.Helper()
	down, err := e.NewDownConn(up, DownOptions{})
	if err != nil {
		b.Fatal(err)
	}
	defer down.Close()
	if _, err := down.SetTracks(media.Select([]string{"audio", "video"}, up.Tracks())); err != nil {
		b.Fatal(err)
	}
	offer, err := down.Offer(false)
	if err != nil {
		b.Fatal(err)
	}
	pc := newPeer(b, peerOptions{})
	if err := pc.SetRemoteDescription(webrtc.SessionDescription{Type: webrtc.SDPTypeOffer, SDP: offer}); err != nil {
		b.Fatal(err)
	}
	answer, err := pc.CreateAnswer(nil)
	if err != nil {
		b.Fatal(err)
	}
	var kept strings.Builder
	for line := range strings.Lines(answer.SDP) {
		if !strings.HasPrefix(line, "a=candidate:") {
			kept.WriteString(line)
		}
	}
	return kept.String()
}
