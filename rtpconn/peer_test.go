package rtpconn

import (
	"context"
	"math/rand/v2"
	"net"
	"net/netip"
	"sync"
	"testing"
	"time"

	"galene/group/media"
	"galene/rtpconn/ending"

	"github.com/pion/dtls/v2"
	"github.com/pion/ice/v2"
	"github.com/pion/interceptor"
	"github.com/pion/interceptor/pkg/nack"
	"github.com/pion/transport/v2/vnet"
	"github.com/pion/webrtc/v3"
)

// testEngine starts an engine on the loopback interface.
func testEngine(t testing.TB) *Engine {
	t.Helper()
	return startEngine(t, Options{Addresses: []netip.Addr{netip.MustParseAddr("127.0.0.1")}, Logger: quiet})
}

// startEngine starts an engine that ends with the test.
func startEngine(t testing.TB, o Options) *Engine {
	t.Helper()
	e, err := NewEngine(o)
	if err != nil {
		t.Fatal(err)
	}
	e.losses, e.minCache = untiring, unforgetting
	t.Cleanup(func() {
		if n := e.mux.Misdirected(); n != 0 {
			t.Errorf("pion tried to send %d media packets by itself", n)
		}
		if err := e.Close(); err != nil {
			t.Error(err)
		}
	})
	return e
}

// lossyConn drops a share of the datagrams of either direction.
type lossyConn struct {
	net.PacketConn
	share float64
	// mu guards random.
	mu     sync.Mutex
	random *rand.Rand
}

func (c *lossyConn) drops() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.random.Float64() < c.share
}

func (c *lossyConn) ReadFrom(p []byte) (int, net.Addr, error) {
	for {
		n, addr, err := c.PacketConn.ReadFrom(p)
		if err != nil || !c.drops() {
			return n, addr, err
		}
	}
}

func (c *lossyConn) WriteTo(p []byte, addr net.Addr) (int, error) {
	if c.drops() {
		return len(p), nil
	}
	return c.PacketConn.WriteTo(p, addr)
}

// peerOptions say what kind of client a test peer is.
type peerOptions struct {
	// loss is the share of datagrams lost each way.
	loss float64
	// profiles are the SRTP profiles offered; nil means pion's own.
	profiles []dtls.SRTPProtectionProfile
	codecs   []media.Codec
	// wrap, if set, stands between the client and its socket.
	wrap func(net.PacketConn) net.PacketConn
	// net is the simulated network that the client is in; nil for the real one.
	net *vnet.Net
	// group is the name of the client's.
	group string
	// plain leaves out the interceptors that answer and send NACKs.
	plain bool
	// numbered has the client tell of the arrival of packets by their transport-wide
	// numbers.
	numbered bool
	// six has the client use IPv6.
	six bool
	// passive has the client wait for us to begin DTLS, where it may choose.
	passive bool
	// uplink, if set, is called with what the publisher is told of its uplink.
	uplink func(bitrate int)
}

// newPeer makes a client's peer connection with a socket of its own.
func newPeer(t testing.TB, o peerOptions) *webrtc.PeerConnection {
	t.Helper()
	if o.codecs == nil {
		o.codecs, _ = media.CodecsByName(nil)
	}
	extensions := map[media.Kind][]string{
		media.Audio: {extensionMID}, media.Video: {extensionMID, extensionRID, extensionRepairedRID},
	}
	if o.numbered {
		for kind := range extensions {
			extensions[kind] = append(extensions[kind], extensionTransportCC)
		}
	}
	engine, err := newMediaEngine(o.codecs, extensions)
	if err != nil {
		t.Fatal(err)
	}
	settings := webrtc.SettingEngine{}
	release := func() {}
	var sockets ending.Sockets
	if o.net != nil {
		settings.SetNet(sockets.Net(o.net))
	} else {
		var mux ice.UDPMux
		mux, release = realSocket(t, o)
		settings.SetICEUDPMux(sockets.Mux(mux))
	}
	settings.SetNetworkTypes([]webrtc.NetworkType{map[bool]webrtc.NetworkType{false: webrtc.NetworkTypeUDP4, true: webrtc.NetworkTypeUDP6}[o.six]})
	settings.SetICEMulticastDNSMode(ice.MulticastDNSModeDisabled)
	settings.SetIncludeLoopbackCandidate(true)
	settings.SetSRTPReplayProtectionWindow(1 << 14)
	if o.passive {
		if err := settings.SetAnsweringDTLSRole(webrtc.DTLSRoleServer); err != nil {
			t.Fatal(err)
		}
	}
	if o.profiles != nil {
		settings.SetSRTPProtectionProfiles(o.profiles...)
	}
	registry := &interceptor.Registry{}
	if !o.plain {
		// By default the library gives up after a thousand packets, which on a busy
		// machine is less than it may be held up.
		generator, err := nack.NewGeneratorInterceptor(nack.GeneratorSize(1<<14), nack.GeneratorInterval(50*time.Millisecond))
		if err != nil {
			t.Fatal(err)
		}
		responder, err := nack.NewResponderInterceptor(nack.ResponderSize(1 << 14))
		if err != nil {
			t.Fatal(err)
		}
		registry.Add(responder)
		registry.Add(generator)
		if err := webrtc.ConfigureRTCPReports(registry); err != nil {
			t.Fatal(err)
		}
	}
	api := webrtc.NewAPI(webrtc.WithMediaEngine(engine), webrtc.WithSettingEngine(settings), webrtc.WithInterceptorRegistry(registry))
	pc, err := api.NewPeerConnection(webrtc.Configuration{})
	if err != nil {
		t.Fatal(err)
	}
	end := ending.Of(pc, &sockets)
	t.Cleanup(func() {
		_ = end.Close()
		release()
	})
	return pc
}

// realSocket has a client use a socket of its own.
func realSocket(t testing.TB, o peerOptions) (m ice.UDPMux, release func()) {
	t.Helper()
	address := &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)}
	if o.six {
		address.IP = net.IPv6loopback
	}
	udp, err := net.ListenUDP("udp", address)
	if err != nil {
		t.Fatal(err)
	}
	_ = udp.SetReadBuffer(4 << 20)
	var conn net.PacketConn = &lossyConn{PacketConn: udp, share: o.loss, random: rand.New(rand.NewPCG(1, uint64(udp.LocalAddr().(*net.UDPAddr).Port)))}
	if o.wrap != nil {
		conn = o.wrap(conn)
	}
	mux := ice.NewUDPMuxDefault(ice.UDPMuxParams{UDPConn: conn})
	return mux, func() {
		_ = mux.Close()
		_ = udp.Close()
	}
}

// publisher is a client that sends one stream.
type publisher struct {
	pc     *webrtc.PeerConnection
	up     *UpConn
	tracks chan struct{}
}

// publish negotiates an up connection for the given local tracks.
func publish(t testing.TB, e *Engine, o peerOptions, id string, tracks ...webrtc.TrackLocal) *publisher {
	t.Helper()
	p := &publisher{pc: newPeer(t, o), tracks: make(chan struct{}, 16)}
	codecs := o.codecs
	if codecs == nil {
		codecs, _ = media.CodecsByName(nil)
	}
	for _, track := range tracks {
		sender, err := p.pc.AddTrack(track)
		if err != nil {
			t.Fatal(err)
		}
		go drain(sender)
	}
	up, err := e.NewUpConn(UpOptions{
		ID: id, Label: "camera", OwnerID: "owner", OwnerName: "Olga", Group: o.group, Codecs: codecs,
		OnTracks: func() { p.tracks <- struct{}{} }, OnUplink: o.uplink,
	})
	if err != nil {
		t.Fatal(err)
	}
	p.up = up
	t.Cleanup(up.Close)
	p.offer(t, nil)
	return p
}

// localOffer makes a client offer, and returns it with its candidates.
func localOffer(t testing.TB, pc *webrtc.PeerConnection, o *webrtc.OfferOptions) (sdp string) {
	t.Helper()
	offer, err := pc.CreateOffer(o)
	if err != nil {
		t.Fatal(err)
	}
	return described(t, pc, offer)
}

// localAnswer makes a client answer an offer, and returns that with its candidates.
func localAnswer(t testing.TB, pc *webrtc.PeerConnection, offer string) (sdp string) {
	t.Helper()
	if err := pc.SetRemoteDescription(webrtc.SessionDescription{Type: webrtc.SDPTypeOffer, SDP: offer}); err != nil {
		t.Fatal(err)
	}
	answer, err := pc.CreateAnswer(nil)
	if err != nil {
		t.Fatal(err)
	}
	return described(t, pc, answer)
}

// described has a client take a description of its own, and returns that with its
// candidates.
func described(t testing.TB, pc *webrtc.PeerConnection, own webrtc.SessionDescription) (sdp string) {
	t.Helper()
	gathered := webrtc.GatheringCompletePromise(pc)
	if err := pc.SetLocalDescription(own); err != nil {
		t.Fatal(err)
	}
	<-gathered
	return pc.LocalDescription().SDP
}

// agree has a connection of ours take the offer of a client, and the client the answer.
func agree(t testing.TB, ours interface {
	Offer(sdp string) (answer string, err error)
}, pc *webrtc.PeerConnection, offer string) (answer string) {
	t.Helper()
	answer, err := ours.Offer(offer)
	if err != nil {
		t.Fatal(err)
	}
	if err := pc.SetRemoteDescription(webrtc.SessionDescription{Type: webrtc.SDPTypeAnswer, SDP: answer}); err != nil {
		t.Fatal(err)
	}
	return answer
}

// offer makes and applies an offer of the publisher's.
func (p *publisher) offer(t testing.TB, o *webrtc.OfferOptions) (answer string) {
	t.Helper()
	return agree(t, p.up, p.pc, localOffer(t, p.pc, o))
}

// drain reads what comes back to a sender, which drives its interceptors.
func drain(s *webrtc.RTPSender) {
	buffer := make([]byte, 1500)
	for {
		if _, _, err := s.Read(buffer); err != nil {
			return
		}
	}
}

// subscriber is a client that receives one stream.
type subscriber struct {
	pc     *webrtc.PeerConnection
	down   *DownConn
	tracks chan *webrtc.TrackRemote
}

// subscribe negotiates a down connection for what the words ask for.
func subscribe(t testing.TB, e *Engine, o peerOptions, up *UpConn, words ...string) *subscriber {
	t.Helper()
	s := &subscriber{pc: newPeer(t, o), tracks: make(chan *webrtc.TrackRemote, 16)}
	s.pc.OnTrack(func(track *webrtc.TrackRemote, r *webrtc.RTPReceiver) {
		go func() {
			buffer := make([]byte, 1500)
			for {
				if _, _, err := r.Read(buffer); err != nil {
					return
				}
			}
		}()
		s.tracks <- track
	})
	down, err := e.NewDownConn(up, DownOptions{Group: o.group})
	if err != nil {
		t.Fatal(err)
	}
	s.down = down
	t.Cleanup(down.Close)
	if s.request(t, up, words...) {
		s.answer(t, false)
	}
	return s
}

// request changes what the subscriber gets.
func (s *subscriber) request(t testing.TB, up *UpConn, words ...string) (renegotiate bool) {
	t.Helper()
	renegotiate, err := s.down.SetTracks(media.Select(words, up.Tracks()))
	if err != nil {
		t.Fatal(err)
	}
	return renegotiate
}

// answer makes one round of offer and answer, and returns the offer.
func (s *subscriber) answer(t testing.TB, restart bool) (offer string) {
	t.Helper()
	return s.answerAltered(t, restart, func(answer string) string { return answer })
}

// answerAltered is answer, but the server is given another one than was made.
func (s *subscriber) answerAltered(t testing.TB, restart bool, alter func(answer string) string) (offer string) {
	t.Helper()
	offer, err := s.down.Offer(restart)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.down.Answer(alter(localAnswer(t, s.pc, offer))); err != nil {
		t.Fatal(err)
	}
	return offer
}

// call is one publisher that sends video, and one subscriber that gets it.
type call struct {
	engine     *Engine
	publisher  *publisher
	subscriber *subscriber
	remote     *webrtc.TrackRemote
}

// videoCall brings a call about, key frames only.
func videoCall(t testing.TB, o peerOptions) call {
	t.Helper()
	c := call{engine: testEngine(t)}
	video := testTrack(t, media.Video)
	c.publisher = publish(t, c.engine, o, "stream", video)
	keepSending(t, video)
	receive(t, c.publisher.tracks, "the track")
	c.subscriber = subscribe(t, c.engine, o, c.publisher.up, "video")
	c.remote = c.subscriber.track(t)
	return c
}

// fullCall is a call with sound; it returns the publisher.
func fullCall(t testing.TB) (*Engine, *publisher) {
	t.Helper()
	e := testEngine(t)
	audio, video := testTrack(t, media.Audio), testTrack(t, media.Video)
	p := publish(t, e, peerOptions{}, "stream", audio, video)
	keepSending(t, audio, video)
	receive(t, p.tracks, "the tracks")
	return e, p
}

// track waits for the next track of the subscriber.
func (s *subscriber) track(t testing.TB) *webrtc.TrackRemote {
	t.Helper()
	return receive(t, s.tracks, "a track")
}

// receive waits for a value, for longer than anything here should take.
func receive[T any](t testing.TB, c <-chan T, what string) T {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	select {
	case v := <-c:
		return v
	case <-ctx.Done():
		t.Fatalf("waited in vain for %s", what)
		panic("unreachable")
	}
}
