package sdpedit

import (
	"slices"
	"strings"
	"testing"

	"github.com/pion/webrtc/v3"

	"galene/group/leaktest"
)

func TestCandidatesAreLimited(t *testing.T) {
	leaktest.Check(t)
	sdp := "v=0\r\nm=video 9 UDP/TLS/RTP/SAVPF 96\r\n" + strings.Repeat("a=candidate:1 1 udp 1 192.0.2.1 1 typ host\r\n", 5) + "a=mid:0\r\n"
	for most := range 7 {
		got := LimitCandidates(sdp, most)
		if n := strings.Count(got, "a=candidate:"); n != min(most, 5) || !strings.HasSuffix(got, "a=mid:0\r\n") {
			t.Errorf("limited to %d: %d left\n%s", most, n, got)
		}
	}
}

func TestOnlyCandidatesThatCanBeUsedAreLeft(t *testing.T) {
	leaktest.Check(t)
	usable := []string{
		"candidate:1 1 udp 2130706431 192.0.2.1 50000 typ host",
		"candidate:2 1 UDP 1 f00.local 1 typ host generation 0 ufrag abcd network-id 1",
	}
	useless := []string{
		"candidate:1 2 udp 2130706431 192.0.2.1 50000 typ host",
		"candidate:3 1 tcp 1518280447 192.0.2.1 9 typ host tcptype active",
		"candidate:4 1",
		"candidate:",
	}
	lines := []string{"v=0", "m=video 9 UDP/TLS/RTP/SAVPF 96"}
	for _, c := range slices.Concat(useless, usable, useless) {
		lines = append(lines, "a="+c)
	}
	got := LimitCandidates(strings.Join(append(lines, "a=end-of-candidates", "a=mid:0"), "\r\n"), 10)
	want := strings.Join([]string{lines[0], lines[1], "a=" + usable[0], "a=" + usable[1], "a=end-of-candidates", "a=mid:0"}, "\r\n")
	if got != want {
		t.Errorf("left\n%s\nwanted\n%s", got, want)
	}
}

// The library ends some lines at a carriage return alone: behind one nothing passes that
// would not pass on a line of its own.
func TestNothingHidesBehindACarriageReturn(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	const most = 2
	hidden := "c=IN IP4 0.0.0.0\ra=candidate:1 1 udp 1 192.0.2.1 1 typ host"
	text := session("m=video 9 UDP/TLS/RTP/SAVPF 96", "a=mid:v", "a=rtpmap:96 VP8/90000", hidden, hidden, hidden,
		"c=IN IP4 0.0.0.0\rm=application 9 UDP/DTLS/SCTP webrtc-datachannel", "a=mid:w")
	taken, err := ReadAnswer(text, most)
	if err != nil {
		t.Fatal(err)
	}
	for name, got := range map[string]string{
		"offer":  LimitCandidates(FilterOffer(text, codecsOf(t, "vp8")), most),
		"answer": taken.Library,
	} {
		read, err := (&webrtc.SessionDescription{Type: webrtc.SDPTypeOffer, SDP: got}).Unmarshal()
		if err != nil {
			t.Fatal(err)
		}
		candidates := 0
		for _, m := range read.MediaDescriptions {
			if name == "offer" && m.MediaName.Media != "video" {
				t.Errorf("%s: the library reads a section of %q", name, m.MediaName.Media)
			}
			for _, a := range m.Attributes {
				if a.Key == "candidate" {
					candidates++
				}
			}
		}
		if candidates != most {
			t.Errorf("%s: the library reads %d candidates, want %d", name, candidates, most)
		}
	}
}
