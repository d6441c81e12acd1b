package rtpconn

import (
	"errors"
	"strings"
	"testing"

	"galene/group/leaktest"
	"galene/group/media"

	"github.com/pion/webrtc/v3"
)

// player is a client that offers to receive.
type player struct {
	pc     *webrtc.PeerConnection
	play   *PlayConn
	tracks chan *webrtc.TrackRemote
}

func newPlayer(t testing.TB, e *Engine, kinds ...webrtc.RTPCodecType) *player {
	t.Helper()
	p := &player{pc: newPeer(t, peerOptions{}), tracks: make(chan *webrtc.TrackRemote, 16)}
	p.pc.OnTrack(func(track *webrtc.TrackRemote, r *webrtc.RTPReceiver) {
		go func() {
			buffer := make([]byte, 1500)
			for {
				if _, _, err := r.Read(buffer); err != nil {
					return
				}
			}
		}()
		p.tracks <- track
	})
	for _, kind := range kinds {
		init := webrtc.RTPTransceiverInit{Direction: webrtc.RTPTransceiverDirectionRecvonly}
		if _, err := p.pc.AddTransceiverFromKind(kind, init); err != nil {
			t.Fatal(err)
		}
	}
	codecs, _ := media.CodecsByName(nil)
	play, err := e.NewPlayConn(PlayOptions{Codecs: codecs})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(play.Close)
	p.play = play
	return p
}

// offer makes one round of offer and answer.
func (p *player) offer(t testing.TB, o *webrtc.OfferOptions) (answer string) {
	t.Helper()
	return agree(t, p.play, p.pc, localOffer(t, p.pc, o))
}

func TestPlayerReceivesOnePublicationAfterTheOther(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	e := testEngine(t)
	p := newPlayer(t, e, webrtc.RTPCodecTypeVideo, webrtc.RTPCodecTypeAudio)
	answer := p.offer(t, nil)
	if strings.Count(answer, "a=sendonly") != 2 {
		t.Errorf("the answer is\n%s", answer)
	}
	var ups []*UpConn
	for _, id := range []string{"one", "two"} {
		video := testTrack(t, media.Video)
		publisher := publish(t, e, peerOptions{}, id, video)
		keepSending(t, video)
		receive(t, publisher.tracks, "the track")
		ups = append(ups, publisher.up)
	}
	if err := p.play.Play(ups[0]); err != nil {
		t.Fatal(err)
	}
	track := receive(t, p.tracks, "the player's track")
	last, started := uint16(0), false
	read := func(packets int) {
		t.Helper()
		for range packets {
			packet, _, err := track.ReadRTP()
			if err != nil {
				t.Fatal(err)
			}
			if step := int16(packet.SequenceNumber - last); started && step != 1 {
				t.Fatalf("a step of %d in the sequence numbers", step)
			}
			last, started = packet.SequenceNumber, true
		}
	}
	read(20)
	for i := range 6 {
		if err := p.play.Play(ups[(i+1)%2]); err != nil {
			t.Fatal(err)
		}
		read(20)
	}
	// Whoever goes is followed by nobody, and then by somebody else.
	if err := p.play.Play(nil); err != nil {
		t.Fatal(err)
	}
	ups[0].Close()
	if err := p.play.Play(ups[1]); err != nil {
		t.Fatal(err)
	}
	read(20)
	// While ICE is restarted the player's library throws away what comes.
	p.offer(t, &webrtc.OfferOptions{ICERestart: true})
	for streak := 0; streak < 50; streak++ {
		packet, _, err := track.ReadRTP()
		if err != nil {
			t.Fatal(err)
		}
		if packet.SequenceNumber != last+1 {
			streak = 0
		}
		last = packet.SequenceNumber
	}
}

func TestPlayerThatTakesNothingIsRefused(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	e := testEngine(t)
	p := newPlayer(t, e, webrtc.RTPCodecTypeVideo)
	offer := localOffer(t, p.pc, nil)
	for _, unusable := range []string{
		strings.ReplaceAll(offer, "VP8/90000", "VP7/90000"), strings.ReplaceAll(offer, "a=recvonly", "a=sendonly"),
	} {
		if _, err := p.play.Offer(unusable); !errors.Is(err, ErrNothingUsable) {
			t.Errorf("error %v", err)
		}
	}
	if _, err := p.play.Offer("nonsense"); err == nil {
		t.Error("nonsense was accepted")
	}
	if _, err := p.play.Offer(offer); err != nil {
		t.Errorf("after that: %v", err)
	}
}
