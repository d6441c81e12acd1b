package rtpconn

import (
	"strings"
	"sync/atomic"
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

// namingExtensions are those that name the section and the encoding.
func namingExtensions(sender *webrtc.RTPSender) (mid, rid uint8) {
	for _, e := range sender.GetParameters().HeaderExtensions {
		switch e.URI {
		case extensionMID:
			mid = uint8(e.ID)
		case extensionRID:
			rid = uint8(e.ID)
		}
	}
	return mid, rid
}

// writeEncoding sends a key frame of one packet.
func writeEncoding(track *webrtc.TrackLocalStaticRTP, mid, rid uint8, seq uint16, timestamp uint32, content string) error {
	p := videoPacket(seq, 0, true, []byte(content))
	p.Marker, p.Timestamp = true, timestamp
	_ = p.SetExtension(mid, []byte("0"))
	_ = p.SetExtension(rid, []byte(track.RID()))
	return track.WriteRTP(p)
}

// sendEncoding sends key frames whose content is the encoding's name, until
// the test ends. They pause while paused is set.
func sendEncoding(t testing.TB, sender *webrtc.RTPSender, track *webrtc.TrackLocalStaticRTP, content string, paused *atomic.Bool) {
	t.Helper()
	mid, rid := namingExtensions(sender)
	untilEnd(t, func(i int) error {
		if paused.Load() {
			return nil
		}
		return writeEncoding(track, mid, rid, uint16(i), uint32(i*1800), content)
	})
}

// untilEnd sends something fifty times a second until the test ends or that fails.
func untilEnd(t testing.TB, send func(i int) error) {
	t.Helper()
	go func() {
		ticker := time.NewTicker(20 * time.Millisecond)
		defer ticker.Stop()
		for i := 0; ; i++ {
			select {
			case <-t.Context().Done():
				return
			case <-ticker.C:
			}
			if send(i) != nil {
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
	var running atomic.Bool
	p := publishSimulcast(t, e)
	useful := p.useful
	sendEncoding(t, p.sender, p.low, "low", &running)
	receive(t, p.tracks, "the track")
	if got := receive(t, useful, "the encodings that are of use"); got != "l" {
		t.Errorf("without a subscriber, %q are of use", got)
	}
	sendEncoding(t, p.sender, p.high, "high", &running)

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

// simulcastPublisher sends one picture in two encodings.
type simulcastPublisher struct {
	*publisher
	sender    *webrtc.RTPSender
	high, low *webrtc.TrackLocalStaticRTP
	// useful says which encodings the publisher was told to be of use.
	useful chan string
}

// publishSimulcast negotiates two encodings of one picture, h and l.
func publishSimulcast(t testing.TB, e *Engine) *simulcastPublisher {
	t.Helper()
	pc := newPeer(t, peerOptions{})
	p := &simulcastPublisher{
		publisher: &publisher{pc: pc, tracks: make(chan struct{}, 16)},
		high:      encodingTrack(t, "h"), low: encodingTrack(t, "l"), useful: make(chan string, 16),
	}
	var err error
	if p.sender, err = pc.AddTrack(p.high); err != nil {
		t.Fatal(err)
	}
	if err := p.sender.AddEncoding(p.low); err != nil {
		t.Fatal(err)
	}
	codecs, _ := media.CodecsByName(nil)
	if p.up, err = e.NewUpConn(UpOptions{
		ID: "stream", Codecs: codecs, OnTracks: func() { p.tracks <- struct{}{} },
		OnEncodings: func(rids []string) { p.useful <- strings.Join(rids, ";") },
	}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.up.Close)
	if answer := p.offer(t, nil); !strings.Contains(answer, "a=simulcast:recv h;l") {
		t.Errorf("answer without both encodings:\n%s", answer)
	}
	return p
}

// Offers that change nothing may come while the publisher is being told of what is of use.
func TestEncodingsFlowWhileTheyAreNegotiatedAgain(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	e := testEngine(t)
	p := publishSimulcast(t, e)
	var running atomic.Bool
	sendEncoding(t, p.sender, p.low, "low", &running)
	sendEncoding(t, p.sender, p.high, "high", &running)
	receive(t, p.tracks, "the track")
	s := subscribe(t, e, peerOptions{}, p.up, "video")
	remote := s.track(t)
	highest := expectContent(t, remote, "high", nil)
	eventually(t, "measured", func() bool { return reasonOf(e) == ReasonTop })
	for range 50 {
		p.offer(t, nil)
		highest = expectContent(t, remote, "high", &highest)
	}
	s.request(t, p.up, "video-low")
	expectContent(t, remote, "low", &highest)
}

// An encoding that its publisher stops, because its machine or its uplink is at
// the end, is left for one that flows, and taken up again.
func TestEncodingThatStopsIsLeftAndTakenUpAgain(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	e := testEngine(t)
	p := publishSimulcast(t, e)
	var running, stopped atomic.Bool
	sendEncoding(t, p.sender, p.low, "low", &running)
	sendEncoding(t, p.sender, p.high, "high", &stopped)
	receive(t, p.tracks, "the track")
	remote := subscribe(t, e, peerOptions{}, p.up, "video").track(t)
	highest := expectContent(t, remote, "high", nil)
	for _, stop := range []bool{true, false, true} {
		stopped.Store(stop)
		highest = expectContent(t, remote, map[bool]string{true: "low", false: "high"}[stop], &highest)
		because := map[bool]Reason{true: ReasonUnsent, false: ReasonTop}[stop]
		eventually(t, "the reason "+string(because), func() bool { return reasonOf(e) == because })
	}
}

// reasonOf is why the only subscriber gets no better picture.
func reasonOf(e *Engine) Reason {
	for _, c := range e.Stats() {
		if c.Down {
			return c.Tracks[0].Reason
		}
	}
	return ""
}

// expectContent reads until the content is the wanted one; sequence numbers
// have no gap. It returns the last one.
func expectContent(t testing.TB, remote *webrtc.TrackRemote, want string, highest *uint16) uint16 {
	t.Helper()
	return readContent(t, remote, want, func(number uint16) {
		if highest != nil && number != *highest+1 {
			t.Fatalf("number %d after %d", number, *highest)
		}
		highest = &number
	})
}

// readContent reads until the content is the wanted one, has each number looked at,
// and returns the last one.
func readContent(t testing.TB, remote *webrtc.TrackRemote, want string, look func(number uint16)) uint16 {
	t.Helper()
	if err := remote.SetReadDeadline(time.Now().Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	for {
		p, _, err := remote.ReadRTP()
		if err != nil {
			t.Fatalf("%q never comes: %v", want, err)
		}
		look(p.SequenceNumber)
		if strings.HasSuffix(string(p.Payload), want) {
			return p.SequenceNumber
		}
	}
}
