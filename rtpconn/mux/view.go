package mux

import (
	"maps"
	"net"
	"net/netip"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pion/ice/v2"
)

const (
	// maxPeers bounds the remote addresses of one ICE generation: requests
	// from further ones are ignored, since pion keeps each for good.
	maxPeers = 64
	// maxTransactions bounds the requests, each way, that a view remembers.
	maxTransactions = 32
)

// View is what one peer connection sees of the sockets: an ice.UDPMux that
// carries STUN, and a net.PacketConn that carries DTLS.
type View struct {
	mux      *Mux
	receiver Receiver
	// rtt is that of the checks that were answered, in nanoseconds.
	rtt atomic.Int64

	// claimed, ufrags and gone are guarded by the table's lock: the first two are what
	// leads to the view there.
	claimed []Path
	ufrags  []string
	gone    bool

	// mu guards what follows. It is taken after the table's lock.
	mu     sync.Mutex
	closed bool
	// conns are the packet conns by ufrag and family; two ufrags live during
	// an ICE restart.
	conns map[connKey]*packetConn
	// ufrag is the latest one.
	ufrag string
	// peers says by which socket a remote address is reached.
	peers map[netip.AddrPort]route
	// requests are the peer's latest, which pion is about to answer.
	requests [maxTransactions]request
	// checks are pion's own latest requests.
	checks                 [maxTransactions]check
	nextRequest, nextCheck int
	// dtls is where DTLS goes, nil once it has been closed.
	dtls *DTLSConn
	// deaf is set when pion is to hear no more STUN.
	deaf bool
}

var _ ice.UDPMux = (*View)(nil)

type connKey struct {
	ufrag string
	ipv6  bool
}

// route is the socket by which a peer's address is reached; guessed means that
// nothing came from there yet.
type route struct {
	socket  int
	guessed bool
}

type request struct {
	id     transactionID
	socket int
}

type check struct {
	id   transactionID
	sent time.Duration
}

// NewView makes the view of one connection.
func (m *Mux) NewView(r Receiver) *View {
	v := &View{
		mux: m, receiver: r,
		conns: make(map[connKey]*packetConn),
		peers: make(map[netip.AddrPort]route),
	}
	v.dtls = newDTLSConn(v)
	return v
}

// DTLS returns the conn for DTLS, or nil if it has been closed.
func (v *View) DTLS() *DTLSConn {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.dtls
}

// Send sends a datagram of DTLS that DTLSConn.Held has returned.
func (v *View) Send(p Path, datagram []byte) { v.mux.send(p, datagram) }

// GetListenAddresses implements ice.UDPMux: one address for each family, since
// every candidate costs pion a goroutine and a buffer. All other addresses
// are announced in the SDP only.
func (v *View) GetListenAddresses() []net.Addr {
	var addrs []net.Addr
	var have4, have6 bool
	for _, s := range v.mux.sockets {
		a := s.LocalAddr()
		if a.Addr().Unmap().Is4() {
			if have4 {
				continue
			}
			have4 = true
		} else {
			if have6 {
				continue
			}
			have6 = true
		}
		addrs = append(addrs, net.UDPAddrFromAddrPort(a))
	}
	return addrs
}

// GetConn implements ice.UDPMux.
func (v *View) GetConn(ufrag string, addr net.Addr) (net.PacketConn, error) {
	local, ok := addr.(*net.UDPAddr)
	if !ok {
		return nil, net.InvalidAddrError("not a UDP address")
	}
	v.mux.table.addUfrag(ufrag, v)
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.closed {
		return nil, net.ErrClosed
	}
	k := connKey{ufrag, local.IP.To4() == nil}
	if c := v.conns[k]; c != nil {
		return c, nil
	}
	c := newPacketConn(v, k, local)
	v.conns[k] = c
	if v.ufrag != ufrag {
		// pion begins with no candidates.
		v.ufrag = ufrag
		clear(v.peers)
	}
	return c, nil
}

// RemoveConnByUfrag implements ice.UDPMux.
func (v *View) RemoveConnByUfrag(ufrag string) {
	v.mux.table.removeUfrag(ufrag, v)
	v.mu.Lock()
	defer v.mu.Unlock()
	for k, c := range v.conns {
		if k.ufrag == ufrag {
			c.end()
			delete(v.conns, k)
		}
	}
}

// Close implements io.Closer: nothing is routed to the view any more. The
// sockets stay open.
func (v *View) Close() error {
	v.mux.table.remove(v)
	v.mu.Lock()
	defer v.mu.Unlock()
	v.closed = true
	for k, c := range v.conns {
		c.end()
		delete(v.conns, k)
	}
	return nil
}

// IgnoreSTUN keeps connectivity checks from the library from now on, so that no
// pair succeeds while it is being closed. It waits until what the library was
// given before has been handled: afterwards, a pair that has not succeeded never
// will.
func (v *View) IgnoreSTUN() {
	v.mu.Lock()
	v.deaf = true
	conns := slices.Collect(maps.Values(v.conns))
	v.mu.Unlock()
	for _, c := range conns {
		c.settle()
	}
}

func (v *View) heedsSTUN() bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	return !v.deaf
}

// PathTo returns the path on which the peer's address is reached.
func (v *View) PathTo(addr netip.AddrPort) (Path, bool) {
	addr = netip.AddrPortFrom(addr.Addr().Unmap(), addr.Port())
	v.mu.Lock()
	known, ok := v.peers[addr]
	v.mu.Unlock()
	if ok {
		return Path{known.socket, addr}, true
	}
	i, ok := v.mux.route(addr)
	if !ok {
		return Path{}, false
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	if known, ok := v.peers[addr]; ok {
		i = known.socket
	} else if len(v.peers) < maxPeers {
		v.peers[addr] = route{i, true}
	}
	return Path{i, addr}, true
}

// RTT is the round-trip time of the connectivity checks that were answered, the
// last ones above all; 0 before the first.
func (v *View) RTT() time.Duration { return time.Duration(v.rtt.Load()) }

// dropClaimLocked forgets one claim; the table's lock is held.
func (v *View) dropClaimLocked(p Path) {
	for i, q := range v.claimed {
		if q == p {
			v.claimed = append(v.claimed[:i], v.claimed[i+1:]...)
			return
		}
	}
}

// dropUfragLocked forgets one fragment; the table's lock is held.
func (v *View) dropUfragLocked(ufrag string) {
	v.ufrags = slices.DeleteFunc(v.ufrags, func(u string) bool { return u == ufrag })
}

// latestChecks are the library's own latest requests: those that the table leads to the
// view by.
func (v *View) latestChecks() [maxTransactions]check {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.checks
}

func (v *View) receiveDTLS(d []byte, p Path) {
	if c := v.DTLS(); c != nil {
		c.receive(d, p)
	}
}

func (v *View) receiveSTUN(d []byte, s *stunMessage, p Path, now time.Duration) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.deaf {
		return
	}
	ufrag := v.ufrag
	switch s.class {
	case classRequest:
		ufrag = string(s.localUfrag())
		if _, known := v.peers[p.Addr]; !known && len(v.peers) >= maxPeers {
			return // pion keeps a candidate for every address
		}
		v.requests[v.nextRequest] = request{s.id, p.Socket}
		v.nextRequest = (v.nextRequest + 1) % maxTransactions
		// The peer's nomination decides by which of our addresses it wants to
		// be reached; before it, the first one that it tried will do, which
		// counts for more than our guess.
		if known, ok := v.peers[p.Addr]; !ok || known.guessed || s.useCandidate {
			v.peers[p.Addr] = route{socket: p.Socket}
		}
	case classSuccess:
		for i := range v.checks {
			if v.checks[i].id == s.id {
				v.measured(now - v.checks[i].sent)
			}
		}
	}
	v.passLocked(ufrag, d, p)
}

// measured takes a round-trip time in. A check that took longer than the ones
// before has usually waited for a processor, here or there; it counts for a
// quarter.
func (v *View) measured(rtt time.Duration) {
	if before := v.RTT(); before > 0 && rtt > before {
		rtt = before + (rtt-before)/4
	}
	v.rtt.Store(int64(rtt))
}

func (v *View) passLocked(ufrag string, d []byte, p Path) {
	if c := v.conns[connKey{ufrag, !p.Addr.Addr().Unmap().Is4()}]; c != nil {
		c.push(d, p.Addr)
	}
}

// write sends a datagram of the library, which is to be STUN.
func (v *View) write(d []byte, to netip.AddrPort) {
	switch {
	case len(d) == 0:
	case d[0] < 4:
		v.writeSTUN(d, to)
	default:
		v.mux.misdirected.Add(1)
	}
}

func (v *View) writeSTUN(d []byte, to netip.AddrPort) {
	s, ok := parseSTUN(d)
	if !ok {
		return
	}
	if s.class == classSuccess || s.class == classError {
		socketIndex, ok := v.requestSocket(s.id)
		if !ok {
			return
		}
		p := Path{socketIndex, to}
		if s.class == classSuccess {
			v.mux.table.claim(p, v, v.mux.clock())
		}
		v.mux.send(p, d)
		return
	}
	if s.class == classRequest {
		v.mux.table.addTransaction(s.id, v, v.mux.clock())
	}
	if p, ok := v.PathTo(to); ok {
		v.mux.send(p, d)
	}
}

// requestSocket returns the socket on which the peer's request came in.
func (v *View) requestSocket(id transactionID) (int, bool) {
	v.mu.Lock()
	defer v.mu.Unlock()
	for i := range v.requests {
		if v.requests[i].id == id {
			return v.requests[i].socket, true
		}
	}
	return 0, false
}

// noteCheck takes note of a request of the library's, and returns the one that makes room.
func (v *View) noteCheck(id transactionID, now time.Duration) (displaced transactionID) {
	v.mu.Lock()
	defer v.mu.Unlock()
	displaced = v.checks[v.nextCheck].id
	v.checks[v.nextCheck] = check{id, now}
	v.nextCheck = (v.nextCheck + 1) % maxTransactions
	return displaced
}
