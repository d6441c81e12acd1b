package sdpedit

import (
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"

	"galene/group/leaktest"
	"galene/group/media"
)

// load returns an offer of testdata, made by Chromium 156 or Firefox 153.
func load(t testing.TB, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// crlf makes an SDP text of lines.
func crlf(lines ...string) string { return strings.Join(lines, "\r\n") + "\r\n" }

var secure = []string{"a=ice-ufrag:abcd", "a=ice-pwd:abcdabcdabcdabcdabcdabcd", "a=setup:actpass",
	"a=fingerprint:sha-256 " + strings.Repeat("AB:", 31) + "AB"}

// session is the head of a made-up offer, followed by lines.
func session(lines ...string) string {
	head := []string{"v=0", "o=- 1 2 IN IP4 127.0.0.1", "s=-", "t=0 0", "a=group:BUNDLE a v w"}
	return crlf(slices.Concat(head, secure, lines)...)
}

func TestBrowserOffersAreRead(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	type video struct {
		stream, track string
		rids          []string
		ssrcs         []SSRC
		payloads      int
	}
	for name, want := range map[string]video{
		"chromium.sdp": {
			"d197bf21-b2c3-4a44-b576-7310ce02b2f8", "619302f3-0ea2-43ed-b511-9f933162523d", nil,
			[]SSRC{{2137739891, 4113133616}}, 23,
		},
		"chromium-simulcast.sdp": {
			"578fb08f-110e-4da1-a066-f762ec2eb74f", "70e751ab-2929-4843-9834-f607fcaa3ac3",
			[]string{"h", "l"}, nil, 23,
		},
		"firefox.sdp": {
			"{4f23bacc-f907-4d86-bfc4-d80f46c31e80}", "{3c72060f-6de9-4368-934d-06ed4873c956}", nil,
			[]SSRC{{4044493406, 126838574}}, 9,
		},
		"firefox-simulcast.sdp": {
			"{5f05a3ff-43a2-4223-891e-9fed3e8d1bd0}", "{f95e7699-83b5-416c-805a-e8ead289a08f}",
			[]string{"h", "l"}, []SSRC{{870665745, 288259092}, {3984489711, 3161036175}}, 9,
		},
	} {
		for ending, text := range map[string]string{
			"CRLF": load(t, name),
			"LF":   strings.ReplaceAll(load(t, name), "\r\n", "\n"),
		} {
			o, err := ReadOffer(text)
			if err != nil || len(o.Sections) != 2 {
				t.Fatalf("%s, %s: %v, %d sections", name, ending, err, len(o.Sections))
			}
			a, v := o.Sections[0], o.Sections[1]
			if a.Kind != media.Audio || a.MID != "0" || a.Direction != SendOnly || !a.Secure || len(a.SSRCs) != 1 {
				t.Errorf("%s, %s: audio %+v", name, ending, a)
			}
			if v.Kind != media.Video || v.MID != "1" || v.Direction != SendOnly || !v.Secure || v.Rejected {
				t.Errorf("%s, %s: video %+v", name, ending, v)
			}
			got := video{v.StreamID, v.TrackID, v.RIDs, v.SSRCs, len(v.Payloads)}
			if !reflect.DeepEqual(got, want) {
				t.Errorf("%s, %s:\n got %+v\nwant %+v", name, ending, got, want)
			}
		}
	}
}

func TestPayloadsAreRead(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	o, err := ReadOffer(load(t, "chromium.sdp"))
	if err != nil {
		t.Fatal(err)
	}
	opus, vp8 := o.Sections[0].Payloads[0], o.Sections[1].Payloads[0]
	if want := (Payload{111, "opus", 48000, 2, "minptime=10;useinbandfec=1", []string{"transport-cc", "nack"}}); !reflect.DeepEqual(opus, want) {
		t.Errorf("got %+v", opus)
	}
	feedback := []string{"goog-remb", "transport-cc", "ccm fir", "nack", "nack pli"}
	if want := (Payload{96, "VP8", 90000, 0, "", feedback}); !reflect.DeepEqual(vp8, want) {
		t.Errorf("got %+v", vp8)
	}
}

func TestPayloadTypesThatMeanNothingArePassedOver(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	for _, format := range []string{"VP8", "VP8/", "VP8/x", "VP8/-1", "VP8/4294967296", "VP8/90000/1/1", "/90000", "V P8/90000", "VP\x7f/90000", "V\u00fc8/90000", ""} {
		o, err := ReadOffer(session("m=video 9 UDP/TLS/RTP/SAVPF 96 97", "a=mid:v", "a=rtpmap:96 "+format, "a=rtpmap:97 VP9/90000"))
		if err != nil {
			t.Fatal(err)
		}
		if p := o.Sections[0].Payloads; len(p) != 1 || p[0].Type != 97 {
			t.Errorf("%q: %+v", format, p)
		}
	}
}

// Of what browsers say a few times there may be so much and no more.
func TestWhatIsReadOfASectionIsBounded(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	lines := []string{"", "a=mid:v"}
	formats, order := "", "a=simulcast:send "
	for i := range 100 {
		n := strconv.Itoa(i)
		formats += " " + n
		order += "r" + n + ";"
		lines = append(lines, "a=rtpmap:"+n+" VP8/90000", "a=rid:r"+n+" send", "a=ssrc:"+n+" cname:x", "a=ssrc-group:FID "+n+" 1"+n+"000",
			"a=rtcp-fb:0 x"+n, "a=rtcp-fb:* y"+n)
	}
	lines[0] = "m=video 9 UDP/TLS/RTP/SAVPF" + formats
	lines = append(lines, order)
	text := session(lines...)
	o, err := ReadOffer(text)
	if err != nil {
		t.Fatal(err)
	}
	s := o.Sections[0]
	if len(s.RIDs) != maxRIDs || len(s.SSRCs) != maxSSRCs || len(s.Payloads[0].Feedback) != 2*maxFeedback || len(s.Payloads[1].Feedback) != maxFeedback {
		t.Errorf("%d encodings, %d sources, %d and %d kinds of feedback",
			len(s.RIDs), len(s.SSRCs), len(s.Payloads[0].Feedback), len(s.Payloads[1].Feedback))
	}
	codecs, _ := media.CodecsByName([]string{"vp8"})
	m, _ := parseMediaLine(parse(FilterOffer(text, codecs)).sections[0][0])
	if len(m.formats) != maxAllowed {
		t.Errorf("%d payload types are left for the library", len(m.formats))
	}
	name := strings.Repeat("n", maxName)
	for text, want := range map[string]bool{name: true, name + "n": false} {
		lines := []string{"m=video 9 UDP/TLS/RTP/SAVPF 96", "a=mid:v", "a=rid:" + text + " send", "a=msid:" + text + " " + text}
		o, err := ReadOffer(session(lines...))
		if err != nil {
			t.Fatal(err)
		}
		s := o.Sections[0]
		if (s.StreamID == text) != want || (s.TrackID == text) != want || slices.Contains(s.RIDs, text) != want {
			t.Errorf("names of %d bytes: %+v", len(text), s)
		}
		lines[1] = "a=mid:" + text
		if _, err := ReadOffer(session(lines...)); (err == nil) != want {
			t.Errorf("a mid of %d bytes: %v", len(text), err)
		}
	}
}

func TestSimulcastOrder(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	for name, tt := range map[string]struct {
		lines []string
		want  []string
	}{
		"none":                  {nil, nil},
		"of the simulcast line": {[]string{"a=rid:1 send", "a=rid:2 send", "a=rid:3 send", "a=simulcast:send 3;1;2"}, []string{"3", "1", "2"}},
		"of the rid lines":      {[]string{"a=rid:1 send", "a=rid:2 send"}, []string{"1", "2"}},
		"l comes last":          {[]string{"a=rid:l send", "a=rid:m send", "a=rid:h send", "a=simulcast:send l;m;h"}, []string{"m", "h", "l"}},
		"paused, alternatives":  {[]string{"a=rid:1 send", "a=rid:2 send pt=96", "a=rid:3 send", "a=simulcast:send ~1;2,3"}, []string{"1", "2", "3"}},
		"receiving too":         {[]string{"a=rid:1 send", "a=rid:9 recv", "a=simulcast:recv 9 send 1"}, []string{"1"}},
		"older draft":           {[]string{"a=rid:1 send", "a=rid:2 send", "a=simulcast: send rid=2;1"}, []string{"2", "1"}},
		"undeclared":            {[]string{"a=rid:1 send", "a=simulcast:send 7;1"}, []string{"1"}},
		"empty elements":        {[]string{"a=rid:1 send", "a=simulcast:send ;;1;"}, []string{"1"}},
		"empty list":            {[]string{"a=rid:1 send", "a=simulcast:send"}, []string{"1"}},
	} {
		lines := append([]string{"m=video 9 UDP/TLS/RTP/SAVPF 96", "a=mid:v", "a=rtpmap:96 VP8/90000"}, tt.lines...)
		o, err := ReadOffer(session(lines...))
		if err != nil {
			t.Fatal(err)
		}
		if got := o.Sections[0].RIDs; !slices.Equal(got, tt.want) {
			t.Errorf("%s: %q, want %q", name, got, tt.want)
		}
	}
}

func TestSectionDetails(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	o, err := ReadOffer(session(
		"m=audio 0 UDP/TLS/RTP/SAVPF 0 8", "a=mid:a", "a=recvonly",
		"m=video 9 UDP/TLS/RTP/SAVPF 96 96 300 x", "a=mid:v", "a=rtpmap:96 VP8/90000",
		"a=ssrc:1 cname:x", "a=ssrc:1 msid:stream track", "a=ssrc:nonsense", "a=ssrc-group:FID 1 1", "a=ssrc-group:FID 1",
		"m=application 9 UDP/DTLS/SCTP webrtc-datachannel", "a=mid:d", "a=inactive", "a=msid:- only",
	))
	if err != nil {
		t.Fatal(err)
	}
	a, v, d := o.Sections[0], o.Sections[1], o.Sections[2]
	if !a.Rejected || a.Direction != RecvOnly || len(a.Payloads) != 2 || a.Payloads[1].Name != "PCMA" {
		t.Errorf("audio %+v", a)
	}
	if v.StreamID != "stream" || v.TrackID != "track" || v.Direction != SendRecv ||
		!slices.Equal(v.SSRCs, []SSRC{{Primary: 1}}) || len(v.Payloads) != 1 {
		t.Errorf("video %+v", v)
	}
	if d.Kind != 0 || d.Direction != Inactive || d.StreamID != "" || d.TrackID != "only" {
		t.Errorf("application %+v", d)
	}
}

func TestOffersBeyondTheLimitsAreRefused(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	sections := func(n int) (lines []string) {
		for i := range n {
			lines = append(lines, "m=audio 9 UDP/TLS/RTP/SAVPF 0", "a=mid:"+strings.Repeat("x", i+1))
		}
		return lines
	}
	for name, tt := range map[string]struct {
		text string
		want error
	}{
		"empty":             {"", ErrMalformed},
		"not SDP":           {"{}", ErrMalformed},
		"long":              {"v=0\r\n" + strings.Repeat("a=x\r\n", MaxSize/5), ErrTooLarge},
		"long line":         {session("a=" + strings.Repeat("x", MaxLine)), ErrTooLarge},
		"many sections":     {session(sections(MaxSections + 1)...), ErrTooLarge},
		"enough sections":   {session(sections(MaxSections)...), nil},
		"no mid":            {session("m=audio 9 UDP/TLS/RTP/SAVPF 0"), ErrMalformed},
		"mid of two words":  {session("m=audio 9 UDP/TLS/RTP/SAVPF 0", "a=mid:a b"), ErrMalformed},
		"same mid twice":    {session("m=audio 9 X 0", "a=mid:a", "m=audio 9 X 0", "a=mid:a"), ErrMalformed},
		"no payload types":  {session("m=audio 9 UDP/TLS/RTP/SAVPF", "a=mid:a"), ErrMalformed},
		"many payload type": {session("m=audio 9 X"+strings.Repeat(" 0", 129), "a=mid:a"), ErrMalformed},
	} {
		if _, err := ReadOffer(tt.text); !errors.Is(err, tt.want) {
			t.Errorf("%s: got %v, want %v", name, err, tt.want)
		}
	}
}

func TestProfiles(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	codecs, _ := media.CodecsByName([]string{"vp9", "h264", "opus", "g722"})
	for _, tt := range []struct {
		p    Payload
		want uint8 // the row's payload type, 0 for none
	}{
		{Payload{Name: "vp9", ClockRate: 90000}, 98},
		{Payload{Name: "VP9", ClockRate: 90000, Fmtp: "max-fs=1; profile-id=2"}, 100},
		{Payload{Name: "VP9", ClockRate: 90000, Fmtp: "profile-id=1"}, 0},
		{Payload{Name: "H264", ClockRate: 90000}, 102},
		{Payload{Name: "H264", ClockRate: 90000, Fmtp: "profile-level-id=42E034;packetization-mode=1"}, 108},
		{Payload{Name: "H264", ClockRate: 90000, Fmtp: "profile-level-id=42e034;packetization-mode=0"}, 0},
		{Payload{Name: "H264", ClockRate: 90000, Fmtp: "profile-level-id=640c1f;packetization-mode=1"}, 0},
		{Payload{Name: "H264", ClockRate: 90000, Fmtp: "profile-level-id=42"}, 0},
		{Payload{Name: "opus", ClockRate: 48000, Channels: 2}, 111},
		{Payload{Name: "opus", ClockRate: 48000, Channels: 1}, 0},
		{Payload{Name: "G722", ClockRate: 8000, Channels: 1}, 9},
		{Payload{Name: "VP8", ClockRate: 90000}, 0},
	} {
		if c, ok := tt.p.Codec(codecs); ok != (tt.want != 0) || c.PayloadType != tt.want {
			t.Errorf("%+v: got %d", tt.p, c.PayloadType)
		}
	}
}

func TestBundleOnlySectionsAreNotSwitchedOff(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	sdp := "v=0\r\na=group:BUNDLE v a\r\nm=video 9 UDP/TLS/RTP/SAVPF 96\r\na=mid:v\r\na=rtpmap:96 VP8/90000\r\n" +
		"m=audio 0 UDP/TLS/RTP/SAVPF 97\r\na=mid:a\r\na=bundle-only\r\na=rtpmap:97 opus/48000/2\r\n" +
		"m=audio 0 UDP/TLS/RTP/SAVPF 97\r\na=mid:off\r\na=rtpmap:97 opus/48000/2\r\n"
	offer, err := ReadOffer(sdp)
	if err != nil {
		t.Fatal(err)
	}
	if offer.Sections[1].Rejected || !offer.Sections[2].Rejected {
		t.Errorf("sections %+v", offer.Sections)
	}
	codecs, _ := media.CodecsByName(nil)
	if got := Kinds(FilterOffer(sdp, codecs)); len(got) != 2 {
		t.Errorf("kept: %v", got)
	}
}

func TestOpusHasTwoChannelsEvenIfNobodySaysSo(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	sdp := "v=0\r\nm=audio 9 UDP/TLS/RTP/SAVPF 97\r\na=mid:a\r\na=rtpmap:97 OPUS/48000\r\n"
	codecs, _ := media.CodecsByName(nil)
	if got := FilterOffer(sdp, codecs); !strings.Contains(got, "a=rtpmap:97 OPUS/48000/2\r\n") {
		t.Errorf("got\n%s", got)
	}
}
