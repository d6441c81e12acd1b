package rtpconn

import (
	"math/rand/v2"
	"net"
	"testing"
	"time"

	"galene/group/leaktest"
	"galene/group/media"

	"github.com/pion/rtp"
	"github.com/pion/webrtc/v3"
)

// gapFree reads n packets and fails if one of them is missing.
func gapFree(t testing.TB, remote *webrtc.TrackRemote, n int) {
	t.Helper()
	if err := remote.SetReadDeadline(time.Now().Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	var last uint16
	for i := range n {
		p, _, err := remote.ReadRTP()
		if err != nil {
			t.Fatalf("nothing arrives any more: %v", err)
		}
		if i > 0 && p.SequenceNumber != last+1 {
			t.Fatalf("number %d after %d", p.SequenceNumber, last)
		}
		last = p.SequenceNumber
	}
}

// garbage is a datagram that begins like one of the protocols on the port.
func garbage(random *rand.Rand) []byte {
	d := make([]byte, random.IntN(1400))
	for i := range d {
		d[i] = byte(random.Uint32())
	}
	if len(d) > 0 {
		d[0] = []byte{0, 1, 20, 22, 63, 64, 128, 144, 191, 192, 255}[random.IntN(11)]
	}
	return d
}

func TestGarbageFromAStrangerDisturbsNobody(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	c := videoCall(t, peerOptions{})
	e, remote := c.engine, c.remote
	gapFree(t, remote, 10)

	stranger, err := net.Dial("udp", e.Addresses()[0].String())
	if err != nil {
		t.Fatal(err)
	}
	defer stranger.Close()
	random := rand.New(rand.NewPCG(5, 6))
	for i := range 3000 {
		if _, err := stranger.Write(garbage(random)); err != nil {
			t.Fatal(err)
		}
		if i%100 == 0 {
			gapFree(t, remote, 1) // also paces the stranger
		}
	}
	gapFree(t, remote, 20)
}

// A member may send whatever it likes under its own keys.
func TestGarbageFromAPublisherDisturbsNobody(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	c := videoCall(t, peerOptions{})
	e, remote := c.engine, c.remote
	hostile := testTrack(t, media.Video)
	gapFree(t, remote, 10)

	q := publish(t, e, peerOptions{plain: true}, "hostile", hostile)
	warmUp(t, q, hostile, 0)
	victim := subscribe(t, e, peerOptions{}, q.up, "video")
	random := rand.New(rand.NewPCG(7, 8))
	for i := range 2000 {
		packet := &rtp.Packet{
			Header: rtp.Header{
				Version: 2, Marker: random.IntN(2) == 0,
				SequenceNumber: uint16(random.Uint32()), Timestamp: random.Uint32(),
			},
			Payload: garbage(random),
		}
		for id := range uint8(random.IntN(4)) {
			_ = packet.SetExtension(id+1, []byte{byte(random.Uint32()), 2})
		}
		if err := hostile.WriteRTP(packet); err != nil {
			t.Fatal(err)
		}
		if i%100 == 0 {
			gapFree(t, remote, 1)
		}
	}
	gapFree(t, remote, 20)
	victim.down.Close()
	q.up.Close()
	gapFree(t, remote, 20)
}

// Naming the address of somebody else in a candidate takes nothing from him.
func TestForeignCandidatesTakeNothing(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	c := videoCall(t, peerOptions{})
	e, p, remote := c.engine, c.publisher, c.remote
	gapFree(t, remote, 10)

	var victim string
	e.worker.do(func() { victim = p.up.path.Addr.String() })
	host, port, err := net.SplitHostPort(victim)
	if err != nil {
		t.Fatal(err)
	}
	thief := publish(t, e, peerOptions{}, "thief", testTrack(t, media.Video))
	for range 1000 {
		thief.up.AddCandidate(Candidate{Candidate: "candidate:1 1 udp 2130706431 " + host + " " + port + " typ host"})
		thief.up.AddCandidate(Candidate{Candidate: "candidate:nonsense"})
	}
	if taken := thief.up.taken.Load(); taken < maxCandidates {
		t.Errorf("%d candidates counted", taken)
	}
	gapFree(t, remote, 100)
}
