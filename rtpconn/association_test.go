package rtpconn

import (
	"net"
	"strings"
	"sync/atomic"
	"testing"

	"galene/group/leaktest"
	"galene/group/media"
)

// alertType is the first byte of an alert (RFC 6347, section 4.1).
const alertType = 21

// alertConn counts the alerts that come.
type alertConn struct {
	net.PacketConn
	alerts *atomic.Int32
}

func (c alertConn) ReadFrom(p []byte) (int, net.Addr, error) {
	n, addr, err := c.PacketConn.ReadFrom(p)
	if err == nil && n > 0 && p[0] == alertType {
		c.alerts.Add(1)
	}
	return n, addr, err
}

// Of DTLS nothing is left once the keys are there, but that the peer is told of
// the end.
func TestPeersAreToldOfTheEndThoughDTLSIsOver(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	var alerts atomic.Int32
	c := videoCall(t, peerOptions{wrap: func(p net.PacketConn) net.PacketConn { return alertConn{p, &alerts} }})
	up, down := &c.publisher.up.transport, &c.subscriber.down.transport
	for name, conn := range map[string]*transport{"publisher": up, "subscriber": down} {
		eventually(t, "the "+name+"'s DTLS to be over", func() bool { return conn.view.DTLS() == nil })
	}
	arrives(t, c.remote)
	if n := alerts.Load(); n != 0 {
		t.Fatalf("%d alerts during the call", n)
	}
	c.subscriber.down.Close()
	eventually(t, "the subscriber to be told", func() bool { return alerts.Load() == 1 })
	c.publisher.up.Close()
	eventually(t, "the publisher to be told", func() bool { return alerts.Load() == 2 })
}

// Who closes before anything protected has come says so all the same.
func TestPeerWhoHasSentNothingIsToldOfTheEnd(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	var alerts atomic.Int32
	e := testEngine(t)
	codecs, _ := media.CodecsByName(nil)
	up, err := e.NewUpConn(UpOptions{ID: "stream", Codecs: codecs})
	if err != nil {
		t.Fatal(err)
	}
	defer up.Close()
	pc := picturePeer(t, peerOptions{plain: true, wrap: func(p net.PacketConn) net.PacketConn { return alertConn{p, &alerts} }})
	p := &publisher{pc: pc, up: up}
	p.offer(t, nil)
	eventually(t, "keys", func() (secured bool) {
		up.worker.do(func() { secured = up.sealer != nil })
		return secured
	})
	if up.view.DTLS() == nil {
		t.Error("DTLS is over before the peer has proved that it has the keys")
	}
	up.Close()
	// He may be told once more, in answer to his own farewell.
	eventually(t, "the publisher to be told", func() bool { return alerts.Load() > 0 })
}

// A subscriber may leave the beginning of DTLS to us.
func TestWeBeginDTLSWithSubscribersWhoWait(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	for name, o := range map[string]peerOptions{"good line": {passive: true}, "losses": {passive: true, loss: 0.2}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := testEngine(t)
			video := testTrack(t, media.Video)
			p := publish(t, e, peerOptions{}, "stream", video)
			keepSending(t, video)
			receive(t, p.tracks, "the track")
			s := subscribe(t, e, o, p.up, "video")
			arrives(t, s.track(t))
			if answer := s.pc.LocalDescription().SDP; !strings.Contains(answer, "a=setup:passive") {
				t.Errorf("the subscriber did not wait:\n%s", answer)
			}
		})
	}
}

// Without the certificate that was described nothing is sent.
func TestSubscriberWithAnotherCertificateGetsNothing(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	for name, passive := range map[string]bool{"as the client": false, "as the server": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e, p := fullCall(t)
			broken := make(chan struct{}, 8)
			down, err := e.NewDownConn(p.up, DownOptions{OnBroken: func() { broken <- struct{}{} }})
			if err != nil {
				t.Fatal(err)
			}
			defer down.Close()
			if _, err := down.SetTracks(media.Select([]string{"video"}, p.up.Tracks())); err != nil {
				t.Fatal(err)
			}
			offer, err := down.Offer(false)
			if err != nil {
				t.Fatal(err)
			}
			pc := newPeer(t, peerOptions{passive: passive})
			sdp := localAnswer(t, pc, offer)
			i := strings.Index(sdp, "a=fingerprint:sha-256 ") + len("a=fingerprint:sha-256 ")
			if err := down.Answer(strings.ReplaceAll(sdp, sdp[i:i+8], "00:11:22")); err != nil {
				t.Fatal(err)
			}
			receive(t, broken, "the report")
			down.worker.do(func() {
				if down.sealer != nil || down.canSend() {
					t.Error("there are keys")
				}
			})
		})
	}
}
