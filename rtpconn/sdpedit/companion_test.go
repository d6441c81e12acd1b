package sdpedit

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"galene/group/leaktest"
	"galene/group/media"
)

func TestCompanionsAreThoseThatFit(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	offer := session(
		// Of two codecs, of another clock, of one channel; and then the right one.
		"m=audio 9 UDP/TLS/RTP/SAVPF 64 65 66 63 111 0", "a=mid:a", "a=rtpmap:111 opus/48000/2", "a=rtpmap:63 red/48000/2", "a=fmtp:63 111/111",
		"a=rtpmap:64 red/48000/2", "a=fmtp:64 111/0", "a=rtpmap:65 red/8000", "a=fmtp:65 0/0", "a=rtpmap:66 red/48000", "a=fmtp:66 111/111",
		"m=video 9 UDP/TLS/RTP/SAVPF 96 97 98 99 100", "a=mid:v", "a=rtpmap:96 VP8/90000", "a=rtpmap:97 rtx/90000", "a=fmtp:97 apt=96",
		"a=rtpmap:98 rtx/90000", "a=fmtp:98 apt=12", "a=rtpmap:99 rtx/90000", "a=rtpmap:100 rtx/90000", "a=fmtp:100 apt=96;rtx-time=1000",
	)
	o, err := ReadOffer(offer)
	if err != nil {
		t.Fatal(err)
	}
	sound, picture := o.Sections[0].Companions(), o.Sections[1].Companions()
	if want := map[uint8]uint8{111: 63}; !maps.Equal(sound.Redundant, want) || len(sound.Repair) != 0 {
		t.Errorf("sound: %v", sound)
	}
	if want := map[uint8]uint8{96: 97}; !maps.Equal(picture.Repair, want) || len(picture.Redundant) != 0 {
		t.Errorf("picture: %v", picture)
	}
}

func TestSubscribersAreOfferedCompanions(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	plain := session(
		"m=audio 9 UDP/TLS/RTP/SAVPF 111", "a=mid:a", "a=rtpmap:111 opus/48000/2", "a=ssrc:5 cname:x",
		"m=audio 9 UDP/TLS/RTP/SAVPF 0", "a=mid:b", "a=rtpmap:0 PCMU/8000",
		"m=video 9 UDP/TLS/RTP/SAVPF 108", "a=mid:v", "a=rtpmap:108 H264/90000", "a=ssrc:6 cname:x", "a=ssrc:6 msid:s t",
		"m=video 0 UDP/TLS/RTP/SAVPF 96", "a=mid:w", "a=rtpmap:96 VP8/90000",
	)
	full := CompleteOffer(plain, Additions{
		RepairSources: map[string]uint32{"a": 8, "v": 9, "w": 10}, Candidates: []string{"candidate:1 1 udp 1 192.0.2.1 1 typ host"},
	})
	for _, line := range []string{
		"m=audio 9 UDP/TLS/RTP/SAVPF 111 63", "a=rtpmap:63 red/48000/2", "a=fmtp:63 111/111", "m=audio 9 UDP/TLS/RTP/SAVPF 0",
		"m=video 9 UDP/TLS/RTP/SAVPF 108 109", "a=rtpmap:109 rtx/90000", "a=fmtp:109 apt=108", "a=ssrc-group:FID 6 9",
		"a=ssrc:6 cname:x", "a=ssrc:9 cname:x", "a=ssrc:9 msid:s t", "m=video 0 UDP/TLS/RTP/SAVPF 96",
		"a=candidate:1 1 udp 1 192.0.2.1 1 typ host", "a=end-of-candidates",
	} {
		if !strings.Contains(full, line+"\r\n") {
			t.Errorf("no line %q in\n%s", line, full)
		}
	}
	if strings.Contains(full, "ssrc:8") || strings.Contains(full, "ssrc:10") {
		t.Errorf("sources that are none in\n%s", full)
	}
	taken, err := ReadAnswer(full, 0)
	if err != nil {
		t.Fatal(err)
	}
	if c := taken.Companions; c["a"].Redundant[111] != 63 || c["v"].Repair[108] != 109 || len(c["b"].Redundant) != 0 {
		t.Errorf("taken: %v", c)
	}
	if _, ok := taken.Companions["w"]; ok || !slices.Equal(taken.Rejected, []string{"w"}) {
		t.Errorf("rejected: %q, taken of it: %v", taken.Rejected, ok)
	}
	for _, cut := range []string{"red/", "rtx/", "apt=", "111/111", " 63\r\n", " 109\r\n", "a=candidate:"} {
		if strings.Contains(taken.Library, cut) {
			t.Errorf("%q left in\n%s", cut, taken.Library)
		}
	}
	for _, kept := range []string{"a=rtpmap:108 H264/90000", "a=rtpmap:111 opus/48000/2", "a=rtpmap:0 PCMU/8000", "a=mid:w", "a=ssrc:6 cname:x"} {
		if !strings.Contains(taken.Library, kept+"\r\n") {
			t.Errorf("no line %q in\n%s", kept, taken.Library)
		}
	}
}

func TestSectionsThatAreUsedAgainNameTheirExtensions(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	const numbers, layers = "http://www.ietf.org/id/numbers", "https://aomedia.org/layers#id"
	plain := session(
		"m=audio 9 UDP/TLS/RTP/SAVPF 111", "a=mid:a", "a=rtpmap:111 opus/48000/2", "a=extmap:1 "+numbers, "a=sendonly",
		"m=video 9 UDP/TLS/RTP/SAVPF 96", "a=mid:v", "a=rtpmap:96 VP8/90000", "a=sendonly",
		"m=video 9 UDP/TLS/RTP/SAVPF 96", "a=mid:w", "a=rtpmap:96 VP8/90000", "a=inactive",
	)
	full := CompleteOffer(plain, Additions{Extensions: map[media.Kind][]Extension{
		media.Audio: {{ID: 1, URI: numbers}}, media.Video: {{ID: 1, URI: numbers}, {ID: 2, URI: layers}},
	}})
	want := [][]string{{"1 " + numbers}, {"1 " + numbers, "2 " + layers}, nil}
	for i, lines := range parse(full).sections {
		var got []string
		for _, l := range lines {
			if name, value := attribute(l); name == "extmap" {
				got = append(got, value)
			}
		}
		if !slices.Equal(got, want[i]) {
			t.Errorf("section %d names %q, want %q", i, got, want[i])
		}
	}
}
