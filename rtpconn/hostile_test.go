package rtpconn

import (
	"bytes"
	"encoding/binary"
	"math/rand/v2"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"galene/group/leaktest"
	"galene/group/media"

	"github.com/pion/rtcp"
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

// hostileRTCP makes packets of all kinds about a source, and of each some that are cut
// short, that lie about their length, or that have been changed.
func hostileRTCP(t *testing.T, ssrc uint32, random *rand.Rand) rtcp.RawPacket {
	t.Helper()
	seq := uint16(random.Uint32())
	kinds := []rtcp.Packet{
		&rtcp.TransportLayerNack{MediaSSRC: ssrc, Nacks: []rtcp.NackPair{{PacketID: seq, LostPackets: 0xFFFF}, {PacketID: seq + 17, LostPackets: 0xFFFF}}},
		&rtcp.PictureLossIndication{MediaSSRC: ssrc},
		&rtcp.FullIntraRequest{MediaSSRC: ssrc, FIR: []rtcp.FIREntry{{SSRC: ssrc, SequenceNumber: uint8(seq)}}},
		&rtcp.ReceiverEstimatedMaximumBitrate{Bitrate: random.Float32() * 1e18, SSRCs: []uint32{ssrc}},
		&rtcp.ReceiverReport{Reports: []rtcp.ReceptionReport{{SSRC: ssrc, FractionLost: uint8(seq), Jitter: random.Uint32(), LastSenderReport: random.Uint32(), Delay: random.Uint32()}}},
		&rtcp.SenderReport{SSRC: ssrc, NTPTime: random.Uint64(), RTPTime: random.Uint32()},
		&rtcp.SourceDescription{Chunks: []rtcp.SourceDescriptionChunk{{Source: ssrc, Items: []rtcp.SourceDescriptionItem{{Type: rtcp.SDESCNAME, Text: strings.Repeat("x", int(seq)%256)}}}}},
		&rtcp.TransportLayerCC{
			Header:    rtcp.Header{Count: rtcp.FormatTCC, Type: rtcp.TypeTransportSpecificFeedback, Length: 5},
			MediaSSRC: ssrc, BaseSequenceNumber: seq, PacketStatusCount: 7,
			PacketChunks: []rtcp.PacketStatusChunk{&rtcp.RunLengthChunk{PacketStatusSymbol: rtcp.TypeTCCPacketNotReceived, RunLength: 7}},
		},
		&rtcp.Goodbye{Sources: []uint32{ssrc}},
	}
	raw, err := kinds[random.IntN(len(kinds))].Marshal()
	if err != nil {
		t.Fatal(err)
	}
	raw = append(raw, make([]byte, 8)...) // all that is cut has to have a sender
	switch random.IntN(4) {
	case 0:
		raw = raw[:8+random.IntN(len(raw)-8)]
	case 1:
		binary.BigEndian.PutUint16(raw[2:], uint16(random.Uint32()))
	case 2:
		raw[4+random.IntN(len(raw)-4)] ^= 1 << random.IntN(8)
	}
	return raw
}

// A member may also say whatever it likes under its own keys, as one who sends and as
// one who receives what others get.
func TestLiesOfAMemberDisturbNobody(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	c := videoCall(t, peerOptions{})
	gapFree(t, c.remote, 10)
	local := testTrack(t, media.Video)
	liar := publish(t, c.engine, peerOptions{plain: true}, "lies", local)
	warmUp(t, liar, local, 0)
	listener := subscribe(t, c.engine, peerOptions{plain: true}, c.publisher.up, "video")
	heard := listener.track(t)
	var own uint32
	c.engine.workers[0].do(func() { own = liar.up.sources[0].encodings[0].ssrc })
	random := rand.New(rand.NewPCG(15, 16))
	for i := range 2000 {
		for pc, ssrc := range map[*webrtc.PeerConnection]uint32{liar.pc: own, listener.pc: uint32(heard.SSRC())} {
			raw := hostileRTCP(t, ssrc, random)
			if err := pc.WriteRTCP([]rtcp.Packet{&raw}); err != nil {
				t.Fatal(err)
			}
		}
		if i%100 == 0 {
			gapFree(t, c.remote, 1)
		}
	}
	gapFree(t, c.remote, 50)
	arrives(t, heard)
}

// lies makes of an offer of one VP8 picture some that say what cannot be of its payload
// types, by what that is.
func lies(good string) map[string]string {
	replace := func(old, to string) string { return strings.ReplaceAll(good, old, to) }
	const name = "a=rtpmap:96 VP8/90000\r\n"
	return map[string]string{
		"no clock":                        replace("VP8/90000", "VP8/0"),
		"a clock beyond all":              replace("VP8/90000", "VP8/99999999999999999999"),
		"two codecs":                      replace(name, name+"a=rtpmap:96 opus/48000/2\r\n"),
		"another codec first":             replace(name, "a=rtpmap:96 H264/90000\r\n"+name),
		"sound":                           replace(name, "a=rtpmap:96 opus/48000/2\r\n"),
		"sound that holds itself":         replace(name, "a=rtpmap:96 red/48000/2\r\na=fmtp:96 96/96/96\r\n"),
		"repairs of itself":               replace(name, "a=rtpmap:96 rtx/90000\r\na=fmtp:96 apt=96\r\n"),
		"repairs of what is not":          replace(name, name+"a=rtpmap:97 rtx/90000\r\na=fmtp:97 apt=300\r\n"),
		"repairs of each other":           replace(" 96\r\n", " 96 97 98\r\n") + "a=rtpmap:97 rtx/90000\r\na=fmtp:97 apt=98\r\na=rtpmap:98 rtx/90000\r\na=fmtp:98 apt=97\r\n",
		"one type again and again":        replace(" 96\r\n", strings.Repeat(" 96", 200)+"\r\n"),
		"types that cannot be":            replace(" 96\r\n", " 96 128 255 300 -1 x 99999999999999999999\r\n"),
		"encodings of other types":        good + "a=rid:h send pt=300;max-width=x\r\na=rid:l send\r\na=simulcast:send h;l;h;~m\r\n",
		"the same type in a section more": good + "m=audio 9 UDP/TLS/RTP/SAVPF 96\r\na=mid:1\r\na=rtpmap:96 opus/48000/2\r\na=sendonly\r\n",
	}
}

// An offer that lies about its payload types is refused, or yields what the packets
// make of it; others do not notice.
func TestOffersThatLieAboutPayloadTypesDisturbNobody(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	c := videoCall(t, peerOptions{})
	gapFree(t, c.remote, 10)
	codecs, _ := media.CodecsByName([]string{"vp8", "h264", "opus"})
	local := testTrack(t, media.Video)
	pc := newPeer(t, peerOptions{plain: true})
	sender, err := pc.AddTrack(local)
	if err != nil {
		t.Fatal(err)
	}
	go drain(sender)
	good := localOffer(t, pc, nil)
	if !strings.Contains(good, " 96\r\n") || !strings.Contains(good, "a=rtpmap:96 VP8/90000\r\n") {
		t.Fatalf("not the offer that is expected:\n%s", good)
	}
	engine := c.engine
	open := func() *UpConn {
		t.Helper()
		up, err := engine.NewUpConn(UpOptions{ID: "lies", Codecs: codecs})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(up.Close)
		return up
	}
	for what, lie := range lies(good) {
		if lie == good {
			t.Errorf("%s: nothing is changed", what)
		}
		up := open()
		if answer, err := up.Offer(lie); err == nil && strings.Count(answer, "\nm=") != strings.Count(lie, "\nm=") {
			t.Errorf("%s: answered by\n%s", what, answer)
		}
		gapFree(t, c.remote, 2)
		up.Close()
	}
	up := open()
	agree(t, up, pc, good)
	keepSending(t, local)
	eventually(t, "the picture of who has lied", func() bool { return len(up.Tracks()) == 1 })
	gapFree(t, c.remote, 20)
}

// Naming the address of somebody else in a candidate takes nothing from him.
func TestForeignCandidatesTakeNothing(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	c := videoCall(t, peerOptions{})
	e, p, remote := c.engine, c.publisher, c.remote
	gapFree(t, remote, 10)

	var victim string
	e.workers[0].do(func() { victim = p.up.path.Addr.String() })
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

	// Who restarts ICE has others.
	thief.offer(t, &webrtc.OfferOptions{ICERestart: true})
	if taken := thief.up.taken.Load(); taken >= maxCandidates {
		t.Errorf("%d candidates counted after a restart", taken)
	}
}

// eavesdropper keeps what a client sends.
type eavesdropper struct {
	net.PacketConn
	// mu guards heard.
	mu    sync.Mutex
	heard [][]byte
}

func (c *eavesdropper) WriteTo(p []byte, addr net.Addr) (int, error) {
	c.mu.Lock()
	if len(c.heard) < 2000 {
		c.heard = append(c.heard, bytes.Clone(p))
	}
	c.mu.Unlock()
	return c.PacketConn.WriteTo(p, addr)
}

// Who sends again what others have sent, cut short, changed, and from elsewhere,
// changes nothing of what arrives, nor where it goes.
func TestReplayedAndSpoofedPacketsDisturbNobody(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	e := testEngine(t)
	spy := &eavesdropper{}
	video := testTrack(t, media.Video)
	p := publish(t, e, peerOptions{wrap: func(c net.PacketConn) net.PacketConn {
		spy.PacketConn = c
		return spy
	}}, "stream", video)
	keepSending(t, video)
	receive(t, p.tracks, "the track")
	remote := subscribe(t, e, peerOptions{}, p.up, "video").track(t)
	gapFree(t, remote, 50)
	var path string
	e.workers[0].do(func() { path = p.up.path.Addr.String() })

	stranger, err := net.Dial("udp", e.Addresses()[0].String())
	if err != nil {
		t.Fatal(err)
	}
	defer stranger.Close()
	spy.mu.Lock()
	heard := spy.heard
	spy.mu.Unlock()
	random := rand.New(rand.NewPCG(9, 10))
	home := net.UDPAddrFromAddrPort(e.Addresses()[0])
	for i, datagram := range heard {
		changed := bytes.Clone(datagram)
		changed[random.IntN(len(changed))] ^= 1 << random.IntN(8)
		for _, d := range [][]byte{datagram, datagram[:random.IntN(len(datagram))], changed} {
			if _, err := stranger.Write(d); err != nil {
				t.Fatal(err)
			}
			if _, err := spy.PacketConn.WriteTo(d, home); err != nil {
				t.Fatal(err)
			}
		}
		if i%50 == 0 {
			gapFree(t, remote, 1)
		}
	}
	gapFree(t, remote, 50)
	e.workers[0].do(func() {
		if now := p.up.path.Addr.String(); now != path {
			t.Errorf("the publisher was followed from %s to %s", path, now)
		}
	})
}

func TestDatagramsThatAreTooLargeDisturbNobody(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	c := videoCall(t, peerOptions{})
	gapFree(t, c.remote, 10)
	stranger, err := net.Dial("udp", c.engine.Addresses()[0].String())
	if err != nil {
		t.Fatal(err)
	}
	defer stranger.Close()
	large := make([]byte, 65507) // as large as UDP has them
	for i := range 200 {
		large[0] = []byte{0, 22, 128, 144}[i%4]
		if _, err := stranger.Write(large); err != nil {
			t.Fatal(err)
		}
		gapFree(t, c.remote, 1)
	}
}

// Absurd lists of extensions and floods of sources are authentic, as a publisher
// could send them.
func TestFloodOfSourcesDisturbsNobody(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	b := newBench(t, 3, 100)
	b.understandExtensions()
	random := rand.New(rand.NewPCG(13, 14))
	for i := range 20_000 {
		packet := []byte{0x90, 96, byte(random.Uint32()), byte(random.Uint32()), 0, 0, 0, 0}
		packet = binary.BigEndian.AppendUint32(packet, random.Uint32())
		packet = binary.BigEndian.AppendUint16(packet, []uint16{0xBEDE, 0x1000, 0x100F, 0}[i%4])
		packet = append(packet, 0, 60)
		for range 60 * 4 {
			packet = append(packet, byte(random.Uint32()))
		}
		packet = append(packet, garbage(random)...)
		b.engine.workers[0].do(func() {
			b.up.receiveRTP(packet, b.now)
			b.engine.workers[0].fanOut(b.now)
		})
	}
	b.now += time.Minute // the publisher's encoder may begin anew by now
	b.packet.Payload[0], b.packet.Payload[1] = 0x10, 0
	b.send(t)
	before := b.sink.datagrams
	for range 100 {
		b.send(t)
	}
	if got := b.sink.datagrams - before; got != 300 {
		t.Errorf("%d datagrams for 3 subscribers and 100 packets", got)
	}
}
