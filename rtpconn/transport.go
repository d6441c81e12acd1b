package rtpconn

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"galene/group/media"
	"galene/rtpconn/keys"
	"galene/rtpconn/mux"
	"galene/rtpconn/srtp"

	"github.com/pion/ice/v2"
	"github.com/pion/interceptor"
	"github.com/pion/rtcp"
	pionsrtp "github.com/pion/srtp/v2"
	"github.com/pion/webrtc/v3"
)

// ICE and DTLS timing.
const (
	iceDisconnected = 10 * time.Second // without traffic until "disconnected"
	iceFailed       = 20 * time.Second // from there until "failed"
	iceKeepalive    = 2 * time.Second
	// quietKeepalives is how many times longer than a publisher a subscriber may
	// go without a check of ours: each costs as much as some twenty forwarded
	// packets, his own checks show that he is there, and his reports measure the
	// round-trip time as well.
	quietKeepalives = 2.5
	// gatherPatience is far more than gathering takes, beginPatience than ICE to
	// begin and DTLS after it; both take no network.
	gatherPatience = 10 * time.Second
	beginPatience  = 10 * time.Second
	// libraryReads is the size of the buffer in which the library waits for
	// everything but STUN, which nothing is passed to.
	libraryReads = 64
	// pathGuard is how long the current path must have been silent before
	// authenticated media from another one moves us there.
	pathGuard = time.Second
	// defaultRTT is assumed before the first measurement.
	defaultRTT = 100 * time.Millisecond
)

// errEnded is what calls on a connection return that has been closed.
var errEnded = errors.New("the connection is closed")

// transport is the part that both directions of connection have in common: a
// pion peer connection for SDP and ICE, the view by which it sees the sockets,
// DTLS, and our own cipher state and path for media.
type transport struct {
	// worker is that of the group, lane the one of it that the client has: the
	// first, for publishers.
	worker *worker
	lane   *lane

	// What follows, as far as lastHeard, is guarded by the worker's lock. First
	// comes what each packet needs.

	sealer            *srtp.Sealer
	path              mux.Path
	pathKnown, closed bool
	opener            *srtp.Opener
	profile           pionsrtp.ProtectionProfile
	// proof is closed, and nil from then on, when the peer has sent something that
	// is protected.
	proof     chan struct{}
	lastHeard time.Duration

	engine   *Engine
	log      *slog.Logger
	pc       *webrtc.PeerConnection
	api      *webrtc.API
	view     *mux.View
	security association
	onFailed func()
	onBroken func()
	// connected is called under the worker's lock as soon as media can flow,
	// and whenever the path changes; disconnected when it has failed. Either may be
	// nil.
	connected    func(now time.Duration)
	disconnected func()
	closing      sync.Once
	// negotiating is held by whoever uses pc, and makes its end wait for that: the
	// library does not guard what a restart of ICE writes against Close.
	// It guards what follows.
	negotiating sync.Mutex
	// ended is set when pc is about to be closed.
	ended bool
	// starting is set when ICE has begun or is bound to.
	starting bool
	// pending are the candidates that came before the peer's first
	// description, which sets described.
	pending   []Candidate
	described bool

	// begun is closed once the library wants DTLS to begin, which is after ICE.
	begun     chan struct{}
	beginning sync.Once
	// taken counts the peer's candidates of this ICE generation.
	taken atomic.Int32
	// checking is closed once ICE has begun to look for a path, and tells so.
	checking     chan struct{}
	checkingOnce sync.Once
	// silent is set while ICE gets no answers from the peer.
	silent atomic.Bool
}

// open makes the peer connection. receiver gets the media datagrams.
// Checks whether the peer is there are keepalive apart.
func (t *transport) open(e *Engine, receiver mux.Receiver, keepalive time.Duration, codecs []media.Codec, extensions map[media.Kind][]string) error {
	t.engine = e
	if t.log == nil {
		t.log = e.log
	}
	t.begun, t.checking = make(chan struct{}), make(chan struct{})
	t.view = e.mux.NewView(receiver)
	mediaEngine, err := newMediaEngine(codecs, extensions)
	if err != nil {
		return fmt.Errorf("register codecs: %w", err)
	}
	certificate, err := e.certificates.get()
	if err != nil {
		return fmt.Errorf("make a DTLS certificate: %w", err)
	}
	settings := webrtc.SettingEngine{LoggerFactory: pionLog{log: t.log}}
	settings.SetICEUDPMux(t.view)
	settings.SetReceiveMTU(libraryReads)
	settings.DisableMediaEngineCopy(true) // it is of this connection alone
	settings.SetNet(e.net)
	settings.SetNetworkTypes([]webrtc.NetworkType{webrtc.NetworkTypeUDP4, webrtc.NetworkTypeUDP6})
	settings.SetICETimeouts(e.options.ICE.Disconnected, e.options.ICE.Failed, keepalive)
	settings.DisableActiveTCP(true)
	settings.SetICEMulticastDNSMode(ice.MulticastDNSModeDisabled)
	if e.options.ResolveMDNS {
		settings.SetICEMulticastDNSMode(ice.MulticastDNSModeQueryOnly)
	}
	// Browsers hide their addresses, so the pair that works first is usually
	// peer-reflexive and there is nothing better to wait for.
	settings.SetPrflxAcceptanceMinWait(0)
	settings.SetSrflxAcceptanceMinWait(0)
	if err := settings.SetAnsweringDTLSRole(webrtc.DTLSRoleServer); err != nil {
		return fmt.Errorf("set the DTLS role: %w", err)
	}
	t.api = webrtc.NewAPI(
		webrtc.WithMediaEngine(mediaEngine),
		webrtc.WithSettingEngine(settings),
		webrtc.WithInterceptorRegistry(&interceptor.Registry{}),
	)
	pc, err := t.api.NewPeerConnection(webrtc.Configuration{
		Certificates: []webrtc.Certificate{certificate.described},
	})
	if err != nil {
		return fmt.Errorf("make a peer connection: %w", err)
	}
	t.pc = pc
	t.secureBy(certificate.dtls)
	t.listen()
	return nil
}

// secureBy prepares DTLS.
func (t *transport) secureBy(certificate tls.Certificate) {
	t.proof = make(chan struct{})
	a := &t.security
	a.log, a.conn, a.certificate = t.log, t.view.DTLS(), certificate
	a.proved, a.secured, a.broken = t.proof, t.takeKeys, t.broken
	a.ending, a.cancel = context.WithCancel(context.Background())
}

// listen hooks into what pion tells; its callbacks hold locks of pion's, so
// they take a lock of ours at most, and wait for nothing else.
func (t *transport) listen() {
	dtls := t.pc.SCTP().Transport()
	dtls.OnStateChange(func(s webrtc.DTLSTransportState) {
		if s == webrtc.DTLSTransportStateConnecting {
			t.beginning.Do(func() {
				t.security.begin()
				close(t.begun)
			})
		}
	})
	dtls.ICETransport().OnSelectedCandidatePairChange(func(p *webrtc.ICECandidatePair) {
		if p != nil && p.Remote != nil {
			t.selected(p.Remote.Address, p.Remote.Port)
		}
	})
	t.pc.OnICEConnectionStateChange(func(s webrtc.ICEConnectionState) {
		t.checkingOnce.Do(func() { close(t.checking) })
		t.silent.Store(s == webrtc.ICEConnectionStateDisconnected || s == webrtc.ICEConnectionStateFailed)
		if s != webrtc.ICEConnectionStateFailed {
			return
		}
		if !t.everConnected() {
			t.noPath()
		}
		// Nobody consents to traffic any more (RFC 7675).
		t.worker.do(func() {
			t.pathKnown = false
			if t.disconnected != nil {
				t.disconnected()
			}
		})
		if t.onFailed != nil {
			t.onFailed()
		}
	})
}

// Disconnected tells whether the peer, who was there, has not been heard of for
// ICETimeouts.Disconnected; it may come back.
func (t *transport) Disconnected() bool { return t.silent.Load() }

// broken reports that the connection can never carry media.
func (t *transport) broken(what string) {
	t.log.Info("connection cannot be set up", "failed", what)
	if t.onBroken != nil {
		t.onBroken()
	}
}

// takeKeys gives the worker the keys of the handshake that just ended; the
// fingerprint has been compared by now.
func (t *transport) takeKeys(k keys.Keys) {
	defer k.Erase()
	key, salt := k.Remote()
	opener, err := srtp.NewOpener(k.Profile, key, salt)
	if err != nil {
		t.broken("SRTP keys: " + err.Error())
		return
	}
	key, salt = k.Local()
	sealer, err := srtp.NewSealer(k.Profile, key, salt)
	if err != nil {
		t.broken("SRTP keys: " + err.Error())
		return
	}
	t.log.Debug("media is protected", "profile", k.Profile)
	t.worker.do(func() {
		t.profile, t.opener, t.sealer = k.Profile, opener, sealer
		t.ready()
	})
}

// selected moves media to the pair that ICE has chosen.
func (t *transport) selected(address string, port uint16) {
	addr, err := netip.ParseAddr(address)
	if err != nil {
		return
	}
	p, ok := t.view.PathTo(netip.AddrPortFrom(addr.WithZone(""), port))
	if !ok {
		return
	}
	if c := t.view.DTLS(); c != nil {
		c.Direct(p)
	}
	t.worker.do(func() {
		t.path, t.pathKnown = p, true
		t.ready()
	})
}

// ready is called under the worker's lock when keys or path have come.
func (t *transport) ready() {
	if t.sealer != nil && t.pathKnown && !t.closed && t.connected != nil {
		t.connected(t.engine.now())
	}
}

// canSend tells, under the worker's lock, whether media can flow.
func (t *transport) canSend() bool { return t.sealer != nil && t.pathKnown && !t.closed }

// heard notes, under the worker's lock, that an authentic packet came by a
// path, and follows the peer there when the current one has fallen silent.
func (t *transport) heard(from mux.Path, now time.Duration) {
	if from != t.path {
		if from.Addr != t.path.Addr && now-t.lastHeard <= pathGuard {
			return
		}
		t.path = from
	}
	t.lastHeard = now
	if t.proof != nil {
		close(t.proof)
		t.proof = nil
	}
}

// rtt estimates the round-trip time.
func (t *transport) rtt() time.Duration {
	if rtt := t.view.RTT(); rtt > 0 {
		return rtt
	}
	return defaultRTT
}

// sendRTCP seals and sends a compound packet; the worker's lock is held.
func (t *transport) sendRTCP(packets []rtcp.Packet) {
	if !t.canSend() || len(packets) == 0 {
		return
	}
	plain, err := rtcp.Marshal(packets)
	if err != nil {
		t.log.Warn("RTCP not sent", "error", err)
		return
	}
	buffer := t.lane.room(t.path.Socket, len(plain)+srtp.Overhead)
	if buffer == nil {
		return
	}
	copy(buffer, plain)
	t.commitRTCP(buffer, len(plain))
}

// commitRTCP seals and sends the n bytes of RTCP that stand at the beginning of
// the room; the worker's lock is held.
func (t *transport) commitRTCP(room []byte, n int) {
	n, err := t.sealer.RTCP(room, n)
	if err != nil {
		t.log.Warn("RTCP not sent", "error", err)
		return
	}
	t.lane.commit(t.path, n)
}

// negotiate runs f, which has the library parse or make SDP, when the engine has
// room for it; nothing else uses the library meanwhile.
func (t *transport) negotiate(f func() error) error {
	return t.engine.negotiate(func() error {
		t.negotiating.Lock()
		defer t.negotiating.Unlock()
		switch {
		case !t.ended:
			return f()
		case t.engine.over():
			return ErrClosed
		default:
			return errEnded
		}
	})
}

// setRemote applies a description of the peer's; negotiating is held. With the
// first one ICE begins.
func (t *transport) setRemote(d webrtc.SessionDescription) error {
	first := t.pc.CurrentRemoteDescription() == nil
	err := t.pc.SetRemoteDescription(d)
	if err == nil && first {
		t.starting = true
	}
	return err
}

// setLocal applies a description of ours and waits until pion has gathered its
// candidates, which takes no network: a restart must not overtake it. negotiating
// is held.
func (t *transport) setLocal(d webrtc.SessionDescription) error {
	gathered := webrtc.GatheringCompletePromise(t.pc)
	if err := t.pc.SetLocalDescription(d); err != nil {
		return err
	}
	select {
	case <-gathered:
		return nil
	case <-time.After(gatherPatience):
		return errors.New("gather candidates: it takes too long")
	}
}

// shut ends the connection; calls after the first do nothing. release is
// called under the worker's lock.
func (t *transport) shut(c closer, release func()) {
	t.closing.Do(func() {
		t.worker.do(func() {
			t.closed = true
			release()
		})
		t.engine.goroutines.Go(func() {
			t.negotiating.Lock()
			t.ended = true
			starting := t.starting
			t.negotiating.Unlock()
			t.view.IgnoreSTUN()
			if starting {
				t.awaitBeginning()
			}
			t.part()
			if err := t.pc.Close(); err != nil {
				t.log.Debug("peer connection closed", "error", err)
			}
			_ = t.view.Close() // never fails
			t.engine.remove(c)
		})
	})
}

// part ends DTLS and tells the peer so.
func (t *transport) part() {
	farewell := t.security.end()
	if farewell == nil {
		return
	}
	var path mux.Path
	t.worker.do(func() { path = t.path })
	t.view.Send(path, farewell)
}

// awaitBeginning waits until ICE, which is bound to begin, has said that it has,
// and, if it has found a path, until DTLS has begun: in between the library cannot
// be closed, since it would go on with what has been closed (ICETransport.Start of
// v3.3.6 takes a state that ICE reports late for that of a transport which nobody
// has stopped). Paths are not found any more when it is called.
func (t *transport) awaitBeginning() {
	patience := time.NewTimer(beginPatience)
	defer patience.Stop()
	select {
	case <-t.checking:
	case <-patience.C:
		return // asking for the pair would race with the beginning
	}
	if pair, err := t.pc.SCTP().Transport().ICETransport().GetSelectedCandidatePair(); err != nil || pair == nil {
		return
	}
	select {
	case <-t.begun:
	case <-patience.C:
	}
}
