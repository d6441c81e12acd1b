package rtpconn

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"net"
	"net/netip"
	"testing"
	"time"

	"galene/group/leaktest"
	"galene/group/media"

	"github.com/pion/rtp"
	"github.com/pion/webrtc/v3"
)

// testTrack is a local track that sends packets as they are, numbered by the
// test.
func testTrack(t testing.TB, kind media.Kind) *webrtc.TrackLocalStaticRTP {
	t.Helper()
	capability := webrtc.RTPCodecCapability{MimeType: webrtc.MimeTypeVP8, ClockRate: 90000}
	if kind == media.Audio {
		capability = webrtc.RTPCodecCapability{MimeType: webrtc.MimeTypeOpus, ClockRate: 48000, Channels: 2}
	}
	track, err := webrtc.NewTrackLocalStaticRTP(capability, kind.String(), "stream")
	if err != nil {
		t.Fatal(err)
	}
	return track
}

// picturePeer is a peer that has a picture to publish.
func picturePeer(t testing.TB, o peerOptions) *webrtc.PeerConnection {
	t.Helper()
	pc := newPeer(t, o)
	if _, err := pc.AddTrack(testTrack(t, media.Video)); err != nil {
		t.Fatal(err)
	}
	return pc
}

// videoPacket builds the VP8 packet of the given index: every fifth one begins
// a frame, and a key frame where asked.
func videoPacket(seq uint16, index int, key bool, content []byte) *rtp.Packet {
	const perFrame = 5
	payload := []byte{0x00, 0x01}
	if index%perFrame == 0 {
		payload[0] = 0x10 // start of partition 0 (RFC 7741, section 4.2)
		if key {
			payload[1] = 0x00
		}
	}
	return &rtp.Packet{
		Header: rtp.Header{
			Version: 2, SequenceNumber: seq, Timestamp: uint32(index / perFrame * 3000),
			Marker: index%perFrame == perFrame-1,
		},
		Payload: append(payload, content...),
	}
}

// warmUp sends key frames until the publication has its tracks, and returns
// the next sequence number.
func warmUp(t testing.TB, p *publisher, track *webrtc.TrackLocalStaticRTP, seq uint16) uint16 {
	t.Helper()
	ticker := time.NewTicker(20 * time.Millisecond)
	defer ticker.Stop()
	for {
		select {
		case <-p.tracks:
			return seq
		case <-t.Context().Done():
			t.Fatal("no tracks")
		case <-ticker.C:
			for i := range 5 {
				if err := track.WriteRTP(videoPacket(seq, i, true, []byte("warm up"))); err != nil {
					t.Fatal(err)
				}
				seq++
			}
		}
	}
}

func TestPayloadsArriveCompleteAndUnchangedDespiteLoss(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	const count = 10_000
	e := testEngine(t)
	lossy := peerOptions{loss: 0.05}
	local := testTrack(t, media.Video)
	p := publish(t, e, lossy, "stream", local)
	seq := warmUp(t, p, local, 60_000) // numbers roll over on the way
	s := subscribe(t, e, lossy, p.up, "video")

	// Key frames until the subscriber sees one.
	joined := make(chan *webrtc.TrackRemote, 1)
	go func() { joined <- s.track(t) }()
	var remote *webrtc.TrackRemote
	for remote == nil {
		select {
		case remote = <-joined:
		case <-time.After(20 * time.Millisecond):
			for i := range 5 {
				_ = local.WriteRTP(videoPacket(seq, i, true, []byte("warm up")))
				seq++
			}
		}
	}

	random := rand.New(rand.NewPCG(2, 3))
	want := make([][]byte, count)
	for i := range want {
		content := make([]byte, 4+random.IntN(1000))
		for j := range content {
			content[j] = byte(random.Uint32())
		}
		binary.BigEndian.PutUint32(content, uint32(i))
		want[i] = videoPacket(0, i, i%500 == 0, content).Payload
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	go func() { // 500 packets a second, in bursts of five
		ticker := time.NewTicker(10 * time.Millisecond)
		defer ticker.Stop()
		for i := 0; i < count; {
			<-ticker.C
			for range 5 {
				packet := videoPacket(seq, i, i%500 == 0, want[i][2:])
				if err := local.WriteRTP(packet); err != nil {
					return
				}
				seq++
				i++
			}
		}
		// More, so that the last losses show.
		for i := 0; ctx.Err() == nil; i++ {
			<-ticker.C
			_ = local.WriteRTP(videoPacket(seq, i, false, []byte("cool down")))
			seq++
		}
	}()
	verifyInOrder(t, remote, want)
}

// verifyInOrder reads until every payload is there; their sequence numbers
// must be those of their order.
func verifyInOrder(t *testing.T, remote *webrtc.TrackRemote, want [][]byte) {
	t.Helper()
	deadline := time.Now().Add(2 * time.Minute)
	var first uint16
	started := false
	early := make(map[uint16][]byte)
	got := make([]bool, len(want))
	missing := len(want)
	for missing > 0 {
		if err := remote.SetReadDeadline(deadline); err != nil {
			t.Fatal(err)
		}
		packet, _, err := remote.ReadRTP()
		if err != nil {
			t.Fatalf("%d packets missing: %v", missing, err)
		}
		if !started {
			if !bytes.Equal(packet.Payload, want[0]) {
				early[packet.SequenceNumber] = packet.Payload
				continue
			}
			first, started = packet.SequenceNumber, true
			missing -= record(t, got, want, packet.SequenceNumber-first, packet.Payload)
			for seq, payload := range early {
				missing -= record(t, got, want, seq-first, payload)
			}
			continue
		}
		missing -= record(t, got, want, packet.SequenceNumber-first, packet.Payload)
	}
}

// record compares one payload and returns 1 if it is new.
func record(t *testing.T, got []bool, want [][]byte, index uint16, payload []byte) int {
	t.Helper()
	if int(index) >= len(want) {
		return 0
	}
	if !bytes.Equal(payload, want[index]) {
		t.Fatalf("payload %d was changed", index)
	}
	if got[index] {
		return 0
	}
	got[index] = true
	return 1
}

// A call is one over each family of addresses, and where the system has no calls that
// take many datagrams at once.
func TestCallOverEverySocket(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	for name, tt := range map[string]struct {
		address  string
		portable bool
	}{
		"IPv4": {"127.0.0.1", false}, "IPv6": {"::1", false},
		"IPv4, portable": {"127.0.0.1", true}, "IPv6, portable": {"::1", true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			address := netip.MustParseAddr(tt.address)
			probe, err := net.ListenUDP("udp", &net.UDPAddr{IP: address.AsSlice()})
			if err != nil {
				t.Skipf("no such address here: %v", err)
			}
			_ = probe.Close()
			e := startEngine(t, Options{Addresses: []netip.Addr{address}, Logger: quiet, PortableSockets: tt.portable})
			if kind := fmt.Sprintf("%T", e.sockets[0]); tt.portable && kind != "*socket.portable" {
				t.Errorf("a %s in spite of the option", kind)
			}
			o := peerOptions{six: address.Is6()}
			video := testTrack(t, media.Video)
			p := publish(t, e, o, "stream", video)
			keepSending(t, video)
			receive(t, p.tracks, "the track")
			gapFree(t, subscribe(t, e, o, p.up, "video").track(t), 100)
		})
	}
}
