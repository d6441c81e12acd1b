package rtpconn

import (
	"strings"
	"testing"
	"time"

	"galene/group/leaktest"
	"galene/group/media"

	"github.com/pion/webrtc/v3"
)

// encodingTrack is one simulcast encoding of a test publisher.
func encodingTrack(t testing.TB, rid string) *webrtc.TrackLocalStaticRTP {
	t.Helper()
	capability := webrtc.RTPCodecCapability{MimeType: webrtc.MimeTypeVP8, ClockRate: 90000}
	track, err := webrtc.NewTrackLocalStaticRTP(capability, "video", "stream", webrtc.WithRTPStreamID(rid))
	if err != nil {
		t.Fatal(err)
	}
	return track
}

// sendEncoding sends key frames whose content is the encoding's name, until
// the test ends.
func sendEncoding(t testing.TB, sender *webrtc.RTPSender, track *webrtc.TrackLocalStaticRTP, content string) {
	t.Helper()
	var mid, rid uint8
	for _, e := range sender.GetParameters().HeaderExtensions {
		switch e.URI {
		case extensionMID:
			mid = uint8(e.ID)
		case extensionRID:
			rid = uint8(e.ID)
		}
	}
	go func() {
		ticker := time.NewTicker(20 * time.Millisecond)
		defer ticker.Stop()
		for i := 0; ; i++ {
			select {
			case <-t.Context().Done():
				return
			case <-ticker.C:
			}
			p := videoPacket(uint16(i), 0, true, []byte(content))
			p.Marker, p.Timestamp = true, uint32(i*1800)
			_ = p.SetExtension(mid, []byte("0"))
			_ = p.SetExtension(rid, []byte(track.RID()))
			if err := track.WriteRTP(p); err != nil {
				return
			}
		}
	}()
}

// The best encoding is the first of the publisher's list whichever comes
// first on the wire, the lowest is the last, and going from one to the other
// is a matter of the next key frame: same track, numbers without a gap.
func TestSimulcastSubscribersGetTheFirstOrTheLastEncoding(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	e := testEngine(t)
	pc := newPeer(t, peerOptions{})
	high, low := encodingTrack(t, "h"), encodingTrack(t, "l")
	sender, err := pc.AddTrack(high)
	if err != nil {
		t.Fatal(err)
	}
	if err := sender.AddEncoding(low); err != nil {
		t.Fatal(err)
	}
	codecs, _ := media.CodecsByName(nil)
	p := &publisher{pc: pc, tracks: make(chan struct{}, 16)}
	useful := make(chan string, 16)
	if p.up, err = e.NewUpConn(UpOptions{
		ID: "stream", Codecs: codecs, OnTracks: func() { p.tracks <- struct{}{} },
		OnEncodings: func(rids []string) { useful <- strings.Join(rids, ";") },
	}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.up.Close)
	if answer := p.offer(t, nil); !strings.Contains(answer, "a=simulcast:recv h;l") {
		t.Errorf("answer without both encodings:\n%s", answer)
	}
	sendEncoding(t, sender, low, "low")
	receive(t, p.tracks, "the track")
	if got := receive(t, useful, "the encodings that are of use"); got != "l" {
		t.Errorf("without a subscriber, %q are of use", got)
	}
	sendEncoding(t, sender, high, "high")

	s := subscribe(t, e, peerOptions{}, p.up, "video")
	remote := s.track(t)
	highest := expectContent(t, remote, "high", nil)
	if got := receive(t, useful, "the encodings that are of use"); got != "h;l" {
		t.Errorf("for who wants the best, %q are of use", got)
	}
	if s.request(t, p.up, "video-low") {
		t.Error("another encoding needs an offer")
	}
	highest = expectContent(t, remote, "low", &highest)
	if got := receive(t, useful, "the encodings that are of use"); got != "l" {
		t.Errorf("for who wants the lowest, %q are of use", got)
	}
	for _, c := range e.Stats() {
		track := c.Tracks[0]
		if len(track.Encodings) != 2 || c.Down && track.Encoding != 1 || !c.Down && (track.Encodings[0].RID != "h" || track.Encodings[1].RID != "l") {
			t.Errorf("down %v: statistics of %+v", c.Down, track)
		}
	}
	if s.request(t, p.up, "video") {
		t.Error("another encoding needs an offer")
	}
	if got := receive(t, useful, "the encodings that are of use"); got != "h;l" {
		t.Errorf("for who wants the best again, %q are of use", got)
	}
	expectContent(t, remote, "high", &highest)
}

// expectContent reads until the content is the wanted one; sequence numbers
// have no gap. It returns the last one.
func expectContent(t testing.TB, remote *webrtc.TrackRemote, want string, highest *uint16) uint16 {
	t.Helper()
	if err := remote.SetReadDeadline(time.Now().Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	for {
		p, _, err := remote.ReadRTP()
		if err != nil {
			t.Fatalf("%q never comes: %v", want, err)
		}
		if highest != nil && p.SequenceNumber != *highest+1 {
			t.Fatalf("number %d after %d", p.SequenceNumber, *highest)
		}
		highest = &p.SequenceNumber
		if strings.HasSuffix(string(p.Payload), want) {
			return *highest
		}
	}
}
