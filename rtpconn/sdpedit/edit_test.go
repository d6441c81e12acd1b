package sdpedit

import (
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/pion/webrtc/v3"

	"galene/group/leaktest"
	"galene/group/media"
)

var update = flag.Bool("update", false, "rewrite the golden files")

var offers = []string{"chromium.sdp", "chromium-simulcast.sdp", "firefox.sdp", "firefox-simulcast.sdp"}

func codecsOf(t testing.TB, names ...string) []media.Codec {
	t.Helper()
	codecs, unknown := media.CodecsByName(names)
	if len(unknown) > 0 {
		t.Fatal(unknown)
	}
	return codecs
}

func TestFilteredOffersAreGolden(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	for _, name := range offers {
		got := FilterOffer(load(t, name), codecsOf(t, "vp8", "opus"))
		golden := strings.TrimSuffix(name, ".sdp") + ".filtered"
		if *update {
			if err := os.WriteFile(filepath.Join("testdata", golden), []byte(got), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		if got != load(t, golden) {
			t.Errorf("%s: differs from %s:\n%s", name, golden, got)
		}
	}
}

func TestFilterKeepsWhatTheGroupAllows(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	for _, tt := range []struct {
		codecs []string
		want   []string // formats of the sections that are left
	}{
		{[]string{"vp8", "opus"}, []string{"111", "96"}},
		{[]string{"opus"}, []string{"111"}},
		{[]string{"vp9"}, []string{"98 100"}},
		{[]string{"h264", "pcmu", "pcma", "g722"}, []string{"9 0 8", "102 108"}},
		{[]string{"av1"}, []string{"45"}},
	} {
		filtered := FilterOffer(load(t, "chromium.sdp"), codecsOf(t, tt.codecs...))
		var got []string
		for _, s := range parse(filtered).sections {
			m, _ := parseMediaLine(s[0])
			got = append(got, strings.Join(m.formats, " "))
		}
		if !slices.Equal(got, tt.want) {
			t.Errorf("%v: %q, want %q", tt.codecs, got, tt.want)
		}
	}
}

func TestFilterMapsStaticPayloadTypes(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	got := FilterOffer(session("m=audio 9 UDP/TLS/RTP/SAVPF 9 0", "a=mid:a", "a=rtpmap:0 PCMU/8000"), codecsOf(t, "g722", "pcmu"))
	if !strings.Contains(got, "a=rtpmap:9 G722/8000\r\n") || strings.Count(got, "a=rtpmap:0 ") != 1 {
		t.Error(got)
	}
}

// answerWith lets the library answer an offer the way an up connection does.
func answerWith(t *testing.T, text string, codecs []media.Codec) (string, Offer) {
	t.Helper()
	offer, err := ReadOffer(text)
	if err != nil {
		t.Fatal(err)
	}
	engine := &webrtc.MediaEngine{}
	for _, c := range codecs {
		kind, feedback := webrtc.RTPCodecTypeAudio, []webrtc.RTCPFeedback{{Type: "transport-cc"}, {Type: "nack"}}
		if c.Kind == media.Video {
			kind = webrtc.RTPCodecTypeVideo
			feedback = []webrtc.RTCPFeedback{{Type: "nack"}, {Type: "nack", Parameter: "pli"}}
		}
		err := engine.RegisterCodec(webrtc.RTPCodecParameters{
			RTPCodecCapability: webrtc.RTPCodecCapability{
				MimeType: c.MimeType, ClockRate: c.ClockRate, Channels: c.Channels,
				SDPFmtpLine: c.Fmtp, RTCPFeedback: feedback,
			},
			PayloadType: webrtc.PayloadType(c.PayloadType),
		}, kind)
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, uri := range []string{"mid", "rtp-stream-id", "repaired-rtp-stream-id"} {
		uri = "urn:ietf:params:rtp-hdrext:sdes:" + uri
		if err := engine.RegisterHeaderExtension(webrtc.RTPHeaderExtensionCapability{URI: uri}, webrtc.RTPCodecTypeVideo); err != nil {
			t.Fatal(err)
		}
	}
	pc, err := webrtc.NewAPI(webrtc.WithMediaEngine(engine)).NewPeerConnection(webrtc.Configuration{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = pc.Close() })
	filtered := webrtc.SessionDescription{Type: webrtc.SDPTypeOffer, SDP: FilterOffer(text, codecs)}
	if err := pc.SetRemoteDescription(filtered); err != nil {
		t.Fatal(err)
	}
	answer, err := pc.CreateAnswer(nil)
	if err != nil {
		t.Fatal(err)
	}
	return Answer(answer.SDP, offer), offer
}

// Browsers send sound again that they are asked for, though they do not offer it;
// who offers nothing of what browsers do gets what was offered.
func TestBrowsersAreToldThatTheirSoundIsAskedForAgain(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	sound := func(lines ...string) string {
		return session(slices.Concat([]string{"m=audio 9 UDP/TLS/RTP/SAVPF 111", "a=mid:a", "a=rtpmap:111 opus/48000/2", "a=sendonly"}, lines, secure)...)
	}
	for name, tt := range map[string]struct {
		offer string
		line  string
		want  int
	}{
		"Chromium":                    {load(t, "chromium.sdp"), "a=rtcp-fb:111 nack", 1},
		"Firefox":                     {load(t, "firefox.sdp"), "a=rtcp-fb:109 nack", 1},
		"somebody who offers it":      {sound("a=rtcp-fb:111 nack", "a=rtcp-fb:111 transport-cc"), "a=rtcp-fb:111 nack", 1},
		"somebody who offers none":    {sound(), "a=rtcp-fb:111", 0},
		"somebody who counts packets": {sound("a=rtcp-fb:* transport-cc"), "a=rtcp-fb:111 nack", 1},
	} {
		answer, _ := answerWith(t, tt.offer, codecsOf(t, "vp8", "opus"))
		if got := strings.Count(answer, tt.line); got != tt.want {
			t.Errorf("%s: %q %d times in\n%s", name, tt.line, got, answer)
		}
	}
}

// summary is a line for each section: kind, port, formats, mid, direction and
// simulcast.
func summary(t *testing.T, text string) []string {
	t.Helper()
	o, err := ReadOffer(text)
	if err != nil {
		t.Fatalf("%v in\n%s", err, text)
	}
	var list []string
	for i, s := range o.Sections {
		line := s.line.kind + " " + s.line.port + " " + strings.Join(s.line.formats, ",") +
			" mid=" + s.MID + " " + directionNames[s.Direction]
		if v, ok := find(parse(text).sections[i], "simulcast"); ok {
			line += " " + v
		}
		list = append(list, line)
	}
	return list
}

func TestAnswersFitTheOffers(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	application := load(t, "chromium.sdp") +
		crlf("m=application 9 UDP/DTLS/SCTP webrtc-datachannel", "c=IN IP4 0.0.0.0", "a=mid:2", "a=sctp-port:5000")
	vp9First := session(slices.Concat(
		[]string{"m=video 9 UDP/TLS/RTP/SAVPF 98", "a=mid:v", "a=rtpmap:98 VP9/90000", "a=sendonly"}, secure,
		[]string{"m=video 9 UDP/TLS/RTP/SAVPF 96 97", "a=mid:w", "a=rtpmap:96 VP8/90000", "a=rtpmap:97 rtx/90000", "a=fmtp:97 apt=96", "a=sendrecv"}, secure,
		[]string{"m=audio 9 UDP/TLS/RTP/SAVPF 111", "a=mid:a", "a=rtpmap:111 opus/48000/2", "a=recvonly"}, secure,
	)...)
	for name, tt := range map[string]struct {
		offer  string
		codecs []string
		want   []string
		bundle string
	}{
		"Chromium": {load(t, "chromium.sdp"), nil, []string{
			"audio 9 111,63 mid=0 recvonly", "video 9 96,97 mid=1 recvonly"}, "0 1"},
		"Chromium, simulcast": {load(t, "chromium-simulcast.sdp"), nil, []string{
			"audio 9 111,63 mid=0 recvonly", "video 9 96,97 mid=1 recvonly recv h;l"}, "0 1"},
		"Firefox": {load(t, "firefox.sdp"), nil, []string{
			"audio 9 109 mid=0 recvonly", "video 9 120,124 mid=1 recvonly"}, "0 1"},
		"Firefox, simulcast": {load(t, "firefox-simulcast.sdp"), nil, []string{
			"audio 9 109 mid=0 recvonly", "video 9 120,124 mid=1 recvonly recv h;l"}, "0 1"},
		"no sound allowed": {load(t, "chromium.sdp"), []string{"vp9", "h264"}, []string{
			"audio 0 111,63,9,0,8,13,110,126 mid=0 inactive", "video 9 98,99,100,101,102,103,108,109 mid=1 recvonly"}, "1"},
		"data channel": {application, nil, []string{
			"audio 9 111,63 mid=0 recvonly", "video 9 96,97 mid=1 recvonly",
			"application 0 webrtc-datachannel mid=2 inactive"}, "0 1"},
		"first video refused": {vp9First, nil, []string{
			"video 0 98 mid=v inactive", "video 9 96,97 mid=w recvonly", "audio 9 111 mid=a inactive"}, "w a"},
		"a codec of its own in each": {vp9First, []string{"vp9", "vp8", "opus"}, []string{
			"video 9 98 mid=v recvonly", "video 9 96,97 mid=w recvonly", "audio 9 111 mid=a inactive"}, "v w a"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			answer, _ := answerWith(t, tt.offer, codecsOf(t, tt.codecs...))
			got := summary(t, answer)
			for i := range got {
				got[i] = sortFormats(got[i])
			}
			want := slices.Clone(tt.want)
			for i := range want {
				want[i] = sortFormats(want[i])
			}
			if !slices.Equal(got, want) {
				t.Errorf("got  %q\nwant %q", got, want)
			}
			if group, _ := find(parse(answer).session, "group"); group != "BUNDLE "+tt.bundle {
				t.Errorf("group %q", group)
			}
			if strings.Contains(answer, "opus/48000/2") != strings.Contains(answer, ";sprop-stereo=1\r\n") {
				t.Errorf("stereo:\n%s", answer)
			}
		})
	}
}

// sortFormats makes the order of payload types in a summary immaterial.
func sortFormats(line string) string {
	fields := strings.Fields(line)
	formats := strings.Split(fields[2], ",")
	slices.Sort(formats)
	fields[2] = strings.Join(formats, ",")
	return strings.Join(fields, " ")
}

func TestAnswerTakesBackWhatWasNotOffered(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	offer, err := ReadOffer(session(
		"m=video 9 UDP/TLS/RTP/SAVPF 96", "a=mid:v", "a=rtpmap:96 VP8/90000",
		"m=video 9 UDP/TLS/RTP/SAVPF 120", "a=mid:w", "a=rtpmap:120 VP8/90000",
	))
	if err != nil {
		t.Fatal(err)
	}
	got := Answer(crlf("v=0", "a=group:BUNDLE v w",
		"m=video 9 UDP/TLS/RTP/SAVPF 96 98", "a=mid:v", "a=rtpmap:96 VP8/90000", "a=rtpmap:98 VP9/90000", "a=rtcp-fb:98 nack", "a=fmtp:98 x=1", "a=sendrecv",
		"m=video 9 UDP/TLS/RTP/SAVPF 96 98", "a=mid:w", "a=rtpmap:96 VP8/90000", "a=recvonly",
	), offer)
	want := crlf("v=0", "a=group:BUNDLE v",
		"m=video 9 UDP/TLS/RTP/SAVPF 96", "a=mid:v", "a=rtpmap:96 VP8/90000", "a=recvonly",
		"m=video 0 UDP/TLS/RTP/SAVPF 120", "c=IN IP4 0.0.0.0", "a=mid:w", "a=inactive",
	)
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestStereoIsAskedForOnce(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	for fmtp, want := range map[string]string{
		"":                                    "a=fmtp:111 stereo=1;sprop-stereo=1",
		"a=fmtp:111 minptime=10;":             "a=fmtp:111 minptime=10;stereo=1;sprop-stereo=1",
		"a=fmtp:111 stereo=1;useinbandfec":    "a=fmtp:111 stereo=1;useinbandfec;sprop-stereo=1",
		"a=fmtp:111 stereo=1; sprop-stereo=1": "a=fmtp:111 stereo=1; sprop-stereo=1",
	} {
		lines := []string{"m=audio 9 UDP/TLS/RTP/SAVPF 111", "a=rtpmap:111 opus/48000/2"}
		if fmtp != "" {
			lines = append(lines, fmtp)
		}
		got := askForStereo(lines)
		if !slices.Contains(got, want) || len(got) != 3 {
			t.Errorf("%q: %q", fmtp, got)
		}
	}
}

func TestCandidatesGoIntoTheFirstLiveSection(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	got := AddCandidates(crlf("v=0",
		"m=audio 0 X 0", "a=mid:a",
		"m=video 9 X 96", "a=mid:v", "a=candidate:old", "a=end-of-candidates",
		"m=video 9 X 96", "a=mid:w", "a=candidate:old"),
		[]string{"candidate:1 1 udp 1 192.0.2.1 8443 typ host", "candidate:2 1 udp 1 2001:db8::1 8443 typ host"})
	want := crlf("v=0",
		"m=audio 0 X 0", "a=mid:a",
		"m=video 9 X 96", "a=mid:v", "a=candidate:1 1 udp 1 192.0.2.1 8443 typ host",
		"a=candidate:2 1 udp 1 2001:db8::1 8443 typ host", "a=end-of-candidates",
		"m=video 9 X 96", "a=mid:w")
	if got != want {
		t.Errorf("got\n%s", got)
	}
}

func FuzzOffer(f *testing.F) {
	leaktest.Check(f)
	for _, name := range offers {
		f.Add(load(f, name))
	}
	f.Add(session("m=video 9 X 96", "a=mid:v", "a=rid:1 send", "a=simulcast:send ;~;1,2 recv"))
	f.Add(session("m=audio 9 X 109 9", "a=mid:a", "a=rtpmap:109 opus/48000/2", "a=rtcp-fb:* transport-cc"))
	f.Add("v=0\nm=\nm=audio 9 X 0 \na=mid:0\na=rtpmap:0 //\na=fmtp\na=rtcp-fb:* nack")
	codecs := codecsOf(f, "vp8", "vp9", "h264", "opus", "g722")
	f.Fuzz(func(t *testing.T, text string) {
		filtered := FilterOffer(text, codecs)
		// What sections get from each other depends on what was cut of them before.
		once := filter(text, codecs)
		if again := filter(once, codecs); again != once {
			t.Errorf("filtered twice:\n%q\n%q", once, again)
		}
		o, err := ReadOffer(text)
		if err != nil {
			return
		}
		answer := AddCandidates(Answer(filtered, o), []string{"candidate:1"})
		back, err := ReadOffer(answer)
		if err != nil {
			t.Fatalf("our answer: %v\n%q", err, answer)
		}
		if len(back.Sections) != len(o.Sections) {
			t.Errorf("%d sections answered with %d", len(o.Sections), len(back.Sections))
		}
		taken, err := ReadAnswer(CompleteOffer(text, Additions{RepairSources: map[string]uint32{"v": 1}}), 1)
		if err != nil {
			return // too long with the companions
		}
		if again, err := ReadAnswer(taken.Library, 1); err != nil || again.Library != taken.Library {
			t.Errorf("companions taken out twice: %q: %v", taken.Library, err)
		}
	})
}

// Whatever a player offers, and whatever else is read from a description.
func FuzzPlayer(f *testing.F) {
	leaktest.Check(f)
	for _, name := range offers {
		f.Add(load(f, name))
	}
	f.Add("v=0\r\na=fingerprint:sha-256\r\na=setup:passive\r\na=ice-ufrag:\r\nm=audio 9 X 111\r\na=recvonly\r\na=candidate:1 1 udp\r\na=candidate:\r\n")
	codecs := codecsOf(f, "vp8", "vp9", "h264", "opus", "g722")
	f.Fuzz(func(t *testing.T, text string) {
		_, _ = Ufrag(text), ReadDTLS(text)
		const most = 2
		limited := LimitCandidates(text, most)
		if strings.Count("\n"+limited, "\na=candidate:") > most || LimitCandidates(limited, most) != limited {
			t.Errorf("limited to\n%q", limited)
		}
		filtered := FilterPlayerOffer(text, codecs)
		if Sends(filtered) {
			t.Errorf("who receives sends:\n%q", filtered)
		}
		o, err := ReadOffer(filtered)
		if err != nil {
			return
		}
		answer := AnswerPlayer(filtered, o, map[string]uint32{"v": 1})
		back, err := ReadOffer(answer)
		if err != nil || len(back.Sections) != len(o.Sections) {
			t.Fatalf("our answer: %v\n%q", err, answer)
		}
		if len(Kinds(answer)) > len(Kinds(filtered)) {
			t.Errorf("more kinds than asked for:\n%q", answer)
		}
	})
}

func TestFirstUfragOfADescription(t *testing.T) {
	leaktest.Check(t)
	sdp := "v=0\r\na=ice-ufrag:abcd\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=mid:0\r\nm=video 0 UDP/TLS/RTP/SAVPF 96\r\na=mid:1\r\na=ice-ufrag:efgh\r\n"
	if got := Ufrag(sdp); got != "abcd" {
		t.Errorf("fragment %q", got)
	}
	if got := Ufrag("v=0\r\n"); got != "" {
		t.Errorf("fragment %q of nothing", got)
	}
}
