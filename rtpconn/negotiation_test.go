package rtpconn

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/pion/dtls/v2"
	"github.com/pion/srtp/v2"
	"github.com/pion/webrtc/v3"

	"galene/group/leaktest"
	"galene/group/media"
)

// keepSending sends audio and video, key frames only, until the test ends.
func keepSending(t testing.TB, tracks ...*webrtc.TrackLocalStaticRTP) {
	t.Helper()
	untilEnd(t, func(i int) error {
		for _, track := range tracks {
			p := videoPacket(uint16(i), 0, true, []byte("content"))
			p.Timestamp = uint32(i * 1800)
			p.Marker = true
			if err := track.WriteRTP(p); err != nil {
				return err
			}
		}
		return nil
	})
}

// arrives waits for a packet of the track.
func arrives(t testing.TB, track *webrtc.TrackRemote) {
	t.Helper()
	if err := track.SetReadDeadline(time.Now().Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	if _, _, err := track.ReadRTP(); err != nil {
		t.Fatalf("nothing arrives: %v", err)
	}
}

func TestAudioAndVideoOfAStreamArriveTogether(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	e, p := fullCall(t)
	if got := len(p.up.Tracks()); got != 2 {
		t.Fatalf("announced with %d tracks", got)
	}
	s := subscribe(t, e, peerOptions{}, p.up, "audio", "video")
	first, second := s.track(t), s.track(t)
	if first.StreamID() != "stream" || second.StreamID() != "stream" || first.Kind() == second.Kind() {
		t.Errorf("tracks %v of %q and %v of %q", first.Kind(), first.StreamID(), second.Kind(), second.StreamID())
	}
	arrives(t, first)
	arrives(t, second)
}

func TestEveryPeerGetsTheBestCipherItHas(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	const gcm, cm = dtls.SRTP_AEAD_AES_128_GCM, dtls.SRTP_AES128_CM_HMAC_SHA1_80
	tests := map[string]struct {
		profiles []dtls.SRTPProtectionProfile
		want     srtp.ProtectionProfile
	}{
		"both, the costly one first": {[]dtls.SRTPProtectionProfile{cm, gcm}, srtp.ProtectionProfileAeadAes128Gcm},
		"the costly one only":        {[]dtls.SRTPProtectionProfile{cm}, srtp.ProtectionProfileAes128CmHmacSha1_80},
		"the cheap one only":         {[]dtls.SRTPProtectionProfile{gcm}, srtp.ProtectionProfileAeadAes128Gcm},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := videoCall(t, peerOptions{profiles: test.profiles})
			arrives(t, c.remote)
			c.engine.workers[0].do(func() {
				if up, down := c.publisher.up.profile, c.subscriber.down.profile; up != test.want || down != test.want {
					t.Errorf("profiles %v and %v", up, down)
				}
			})
		})
	}
}

// watchedCall is a call with sound whose subscriber gets both tracks.
func watchedCall(t *testing.T) (*Engine, *publisher, *subscriber) {
	t.Helper()
	e, p := fullCall(t)
	s := subscribe(t, e, peerOptions{}, p.up, "audio", "video")
	arrives(t, s.track(t))
	arrives(t, s.track(t))
	return e, p, s
}

func TestTracksComeAndGoWithoutGrowingTheSession(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	_, p, s := watchedCall(t)
	var offer string
	for range 3 {
		if !s.request(t, p.up, "audio") {
			t.Fatal("taking the video away needs no offer")
		}
		s.answer(t, false)
		if !s.request(t, p.up, "audio", "video") {
			t.Fatal("adding the video needs no offer")
		}
		offer = s.answer(t, false)
		arrives(t, s.track(t))
	}
	if got := strings.Count(offer, "\nm="); got != 2 {
		t.Errorf("%d sections after the video came and went", got)
	}
	if s.request(t, p.up, "audio", "video") {
		t.Error("asking for the same again needs an offer")
	}
}

// Who has taken a track away is not taken for one who still sends it, and what came of
// it stays counted.
func TestTracksThatTheirPublisherTakesAwayAreGone(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	e, p, _ := watchedCall(t)
	for len(p.tracks) > 0 {
		<-p.tracks
	}
	before := e.Traffic()
	for _, sender := range p.pc.GetSenders() {
		if sender.Track().Kind() == webrtc.RTPCodecTypeVideo {
			if err := p.pc.RemoveTrack(sender); err != nil {
				t.Fatal(err)
			}
		}
	}
	p.offer(t, nil)
	receive(t, p.tracks, "word of the track that is gone")
	if tracks := p.up.Tracks(); len(tracks) != 1 || tracks[0].Kind() != media.Audio {
		t.Errorf("%d tracks are left", len(tracks))
	}
	if after := e.Traffic(); after.PacketsReceived < before.PacketsReceived || after.BytesReceived < before.BytesReceived {
		t.Errorf("%+v before, %+v after", before, after)
	}
}

// A publisher cannot keep all subscribers negotiating: of tracks that come and go all the
// time only some states are told of, the first and the last among them.
func TestTracksThatComeAndGoOftenAreToldOfNowAndThen(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	_, p, _ := watchedCall(t)
	start := time.Now()
	told := 0
	drain := func() {
		for ; len(p.tracks) > 0; told++ {
			<-p.tracks
		}
	}
	drain()
	told = 0
	remove := func() (removed []webrtc.TrackLocal) {
		for _, sender := range p.pc.GetSenders() {
			if track := sender.Track(); track != nil {
				if err := p.pc.RemoveTrack(sender); err != nil {
					t.Fatal(err)
				}
				removed = append(removed, track)
			}
		}
		p.offer(t, nil)
		return removed
	}
	const times = 12
	for range times {
		for _, track := range remove() {
			if _, err := p.pc.AddTrack(track); err != nil {
				t.Fatal(err)
			}
		}
		p.offer(t, nil)
		for len(p.up.Tracks()) < 2 {
			time.Sleep(time.Millisecond)
		}
		drain()
	}
	remove()
	receive(t, p.tracks, "word of the tracks that are gone")
	told++
	if allowed := promptChanges + 1 + int(time.Since(start)/changeInterval); told > allowed {
		t.Errorf("subscribers heard %d times of %d changes, want no more than %d", told, 2*times+1, allowed)
	}
}

// Packets of a section without the extension are numbered for nobody: a browser
// that keeps to what was negotiated does not tell of them, and they count as lost.
func TestTracksThatComeBackAreNumberedAsAgreed(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	e, p := fullCall(t)
	s := subscribe(t, e, peerOptions{numbered: true}, p.up, "audio", "video")
	arrives(t, s.track(t))
	arrives(t, s.track(t))
	for _, stays := range []string{"audio", "video", "audio"} {
		s.request(t, p.up, stays)
		s.answer(t, false)
		s.request(t, p.up, "audio", "video")
		offer := s.answer(t, false)
		if got := strings.Count(offer, extensionTransportCC); got != 2 {
			t.Fatalf("after all but %s was away, %d of 2 sections have the numbers:\n%s", stays, got, offer)
		}
		arrives(t, s.track(t))
	}
}

func TestICERestartsFromEitherSide(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	c := videoCall(t, peerOptions{})
	p, s, remote := c.publisher, c.subscriber, c.remote
	arrives(t, remote)
	before := ufrag(t, s.pc.RemoteDescription().SDP)
	if after := ufrag(t, s.answer(t, true)); after == before {
		t.Error("the subscriber's offer has the same credentials after a restart")
	}
	arrives(t, remote)

	before = ufrag(t, p.pc.RemoteDescription().SDP)
	answer := p.offer(t, &webrtc.OfferOptions{ICERestart: true})
	if after := ufrag(t, answer); after == before {
		t.Error("the answer has the same credentials after a restart")
	}
	for range 100 {
		arrives(t, remote)
	}
}

func ufrag(t testing.TB, sdp string) string {
	t.Helper()
	for line := range strings.Lines(sdp) {
		if value, ok := strings.CutPrefix(line, "a=ice-ufrag:"); ok {
			return strings.TrimSpace(value)
		}
	}
	t.Fatal("no ice-ufrag")
	return ""
}

func TestOffersHaveTheAgreedForm(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	e, p := fullCall(t)
	s := subscribe(t, e, peerOptions{}, p.up, "audio", "video")
	for what, sdp := range map[string]string{"answer": p.pc.RemoteDescription().SDP, "offer": s.pc.RemoteDescription().SDP} {
		if !strings.Contains(sdp, "a=candidate:") || !strings.Contains(sdp, "a=end-of-candidates") {
			t.Errorf("%s without candidates:\n%s", what, sdp)
		}
	}
	answer := p.pc.RemoteDescription().SDP
	for _, line := range []string{"a=recvonly", "a=setup:passive", "stereo=1"} {
		if !strings.Contains(answer, line) {
			t.Errorf("answer without %s:\n%s", line, answer)
		}
	}
	if strings.Contains(answer, extensionTransportCC) {
		t.Errorf("answer with an extension that was not offered:\n%s", answer)
	}
	offer := s.pc.RemoteDescription().SDP
	for _, line := range []string{"a=sendonly", "a=msid:stream video", "a=msid:stream audio", "a=rtpmap:96 VP8/90000", "a=rtpmap:111 opus/48000/2", "a=rtcp-fb:96 nack pli", "a=rtcp-fb:111 nack",
		"a=rtcp-fb:96 goog-remb", "a=rtcp-fb:96 ccm fir", "a=rtcp-fb:96 transport-cc", "a=rtcp-fb:111 transport-cc", " " + extensionTransportCC,
		"a=fmtp:97 apt=96", "a=ssrc-group:FID ", "a=rtpmap:63 red/48000/2"} {
		if !strings.Contains(offer, line) {
			t.Errorf("offer without %s:\n%s", line, offer)
		}
	}
	for _, line := range []string{"a=sendrecv", "m=application"} {
		if strings.Contains(offer, line) {
			t.Errorf("offer with %s:\n%s", line, offer)
		}
	}
}

func TestBrokenOffersAreRefusedAndHarmNothing(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	c := videoCall(t, peerOptions{})
	e, p, remote := c.engine, c.publisher, c.remote
	good := p.pc.LocalDescription().SDP
	codecs, _ := media.CodecsByName(nil)
	first := func(sdp string) error {
		t.Helper()
		up, err := e.NewUpConn(UpOptions{ID: "other", Codecs: codecs})
		if err != nil {
			t.Fatal(err)
		}
		defer up.Close()
		_, err = up.Offer(sdp)
		return err
	}
	if err := first(good); err != nil {
		t.Fatalf("what is not broken: %v", err)
	}
	for name, sdp := range map[string]string{
		"empty":                "",
		"cut off":              "v=0\r\n",
		"garbage":              "v=0\r\nno such thing\r\n",
		"huge":                 "v=0\r\n" + strings.Repeat("a=x\r\n", 100_000),
		"without fingerprint":  strings.ReplaceAll(good, "a=fingerprint:", "a=nothing:"),
		"without credentials":  strings.ReplaceAll(good, "a=ice-ufrag:", "a=nothing:"),
		"two credentials":      strings.Replace(good, "m=", "a=ice-ufrag:other\r\nm=", 1),
		"two hundred sections": good + strings.Repeat("m=video 9 UDP/TLS/RTP/SAVPF 96\r\na=mid:x\r\n", 200),
	} {
		if first(sdp) == nil {
			t.Errorf("%s: accepted as a first offer", name)
		}
		if _, err := p.up.Offer(sdp); err == nil {
			t.Errorf("%s: accepted as a later offer", name)
		}
	}
	for range 50 {
		arrives(t, remote)
	}
	p.offer(t, nil)
	for range 50 {
		arrives(t, remote)
	}
}

// Who offers nothing that can be taken is told what could.
func TestOffersOfNothingThatIsAllowedAreRefusedInWords(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	e := testEngine(t)
	pc := picturePeer(t, peerOptions{})
	offer := localOffer(t, pc, nil)
	codecs, _ := media.CodecsByName([]string{"vp9", "opus"})
	for sdp, want := range map[string]string{
		offer: "none of the codecs offered may be used in this group, which takes only vp9, opus",
		strings.ReplaceAll(offer, "m=video 9 ", "m=video 0 "): "the offer has nothing in it",
		"v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\n":   "the offer has nothing in it",
	} {
		up, err := e.NewUpConn(UpOptions{ID: "stream", Codecs: codecs})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := up.Offer(sdp); err == nil || err.Error() != want {
			t.Errorf("%v, want %s\n%s", err, want, sdp)
		}
		up.Close()
	}
}

// The library would take seconds for each of these, and nobody else could negotiate
// meanwhile.
func TestAnswersThatWouldTakeLongCostNothing(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	e, p := fullCall(t)
	formats := regexp.MustCompile("m=video [^\r]*")
	feedback := func(number string) string {
		var b strings.Builder
		for i := range 400 {
			fmt.Fprintf(&b, "a=rtcp-fb:%s x%d\r\n", number, i)
		}
		return b.String()
	}
	for name, tt := range map[string]struct {
		formats int // that are named again
		rest    string
		refused bool
	}{
		"many payload types and feedback": {400, feedback("96"), true},
		"some payload types":              {100, feedback("96"), false},
		"feedback of all payload types":   {100, feedback("*"), false},
	} {
		s := subscribe(t, e, peerOptions{}, p.up)
		if !s.request(t, p.up, "audio", "video") {
			t.Fatal("tracks are added without an offer")
		}
		offer, err := s.down.Offer(false)
		if err != nil {
			t.Fatal(err)
		}
		answer := formats.ReplaceAllString(localAnswer(t, s.pc, offer), "$0"+strings.Repeat(" 96", tt.formats)) + tt.rest
		if err := s.down.Answer(answer); (err != nil) != tt.refused {
			t.Errorf("%s: %v", name, err)
		}
		for _, row := range s.down.tracks {
			if codecs := row.transceiver.Sender().GetParameters().Codecs; len(codecs) > 2 || len(codecs) > 0 && len(codecs[0].RTCPFeedback) > 20 {
				t.Errorf("%s: the library knows %d codecs, the first with %d kinds of feedback", name, len(codecs), len(codecs[0].RTCPFeedback))
			}
		}
	}
}

// Who has rejected a section may take it later.
func TestRejectedTracksFlowOnceTheyAreTaken(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	e, p := fullCall(t)
	s := subscribe(t, e, peerOptions{}, p.up)
	if !s.request(t, p.up, "audio", "video") {
		t.Fatal("tracks are added without an offer")
	}
	section := regexp.MustCompile("m=video [0-9]+ ")
	s.answerAltered(t, false, func(answer string) string { return section.ReplaceAllString(answer, "m=video 0 ") })
	if track := s.track(t); track.Kind() != webrtc.RTPCodecTypeAudio {
		t.Fatalf("the first track is %v", track.Kind())
	}
	s.answer(t, false)
	if track := s.track(t); track.Kind() != webrtc.RTPCodecTypeVideo {
		t.Errorf("the second track is %v", track.Kind())
	}
}
