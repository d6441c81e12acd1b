package mux

import (
	"bytes"
	"io"
	"net"
	"net/netip"
	"testing"
	"time"

	"galene/group/leaktest"
	"galene/rtpconn/socket"
)

// network is a mux on one loopback socket, with a clock that the test moves.
type network struct {
	mux     *Mux
	socket  socket.Socket
	elapsed time.Duration
}

func newNetwork(t *testing.T) *network {
	t.Helper()
	s, err := socket.Listen(netip.MustParseAddrPort("127.0.0.1:0"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	n := &network{socket: s}
	n.mux = New([]socket.Socket{s}, func() time.Duration { return n.elapsed })
	return n
}

// arrive routes one datagram and returns the media that came out.
func (n *network) arrive(d []byte, from netip.AddrPort) []Media {
	b := socket.NewBurst()
	b.Messages = append(b.Messages, socket.Message{Data: d, Addr: from})
	return n.mux.Route(0, b, n.elapsed, nil)
}

// nobody has a size, so that each has an address of its own.
type nobody struct{ _ byte }

func (*nobody) Receive([]byte, Path, time.Duration) {}

// member is one connection and the packet conn that pion would read.
type member struct {
	view *View
	conn net.PacketConn
}

func (n *network) member(t *testing.T, ufrag string) member {
	t.Helper()
	v := n.mux.NewView(&nobody{})
	t.Cleanup(func() { v.Close() })
	addrs := v.GetListenAddresses()
	if len(addrs) != 1 {
		t.Fatalf("%d local addresses for one family", len(addrs))
	}
	c, err := v.GetConn(ufrag, addrs[0])
	if err != nil {
		t.Fatal(err)
	}
	return member{v, c}
}

// queued tells how many datagrams wait for pion.
func (m member) queued() int { return len(m.conn.(*packetConn).queue) }

// handshakes tells how many datagrams of DTLS wait to be read.
func (m member) handshakes() int { return m.view.DTLS().arrived.Count() }

// listen opens the socket of a peer.
func listen(t *testing.T) *net.UDPConn {
	t.Helper()
	peer, err := net.ListenUDP("udp", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { peer.Close() })
	return peer
}

// check lets a peer's connectivity check arrive and be answered with success,
// as pion does when its integrity holds.
func (n *network) check(t *testing.T, m member, ufrag string, from netip.AddrPort) {
	t.Helper()
	request := bindingRequest(t, ufrag+":peer")
	n.arrive(request.Raw, from)
	if _, err := m.conn.WriteTo(bindingSuccess(t, request.TransactionID).Raw, net.UDPAddrFromAddrPort(from)); err != nil {
		t.Fatal(err)
	}
}

var (
	media = []byte{0x80, 96, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1}
	dtls  = []byte{22, 254, 253, 0, 0, 0, 0}
)

func TestMediaBelongsToTheConnectionThatAnsweredTheCheck(t *testing.T) {
	leaktest.Check(t)
	n := newNetwork(t)
	a, b := n.member(t, "aaaa"), n.member(t, "bbbb")
	peer := netip.MustParseAddrPort("127.0.0.1:40000")

	if got := n.arrive(media, peer); len(got) != 0 {
		t.Fatal("media of an unknown address is passed on")
	}
	n.arrive(dtls, peer)
	if a.handshakes()+b.handshakes() != 0 {
		t.Fatal("DTLS of an unknown address is passed on")
	}
	n.check(t, b, "bbbb", peer)
	got := n.arrive(media, peer)
	if len(got) != 1 || got[0].To != b.view.receiver || got[0].From != (Path{0, peer}) {
		t.Fatalf("routed to %v", got)
	}
	n.arrive(dtls, peer)
	if b.handshakes() != 1 || a.handshakes() != 0 {
		t.Error("DTLS went astray")
	}
}

func TestFirstFlightWaitsUntilItIsRead(t *testing.T) {
	leaktest.Check(t)
	n := newNetwork(t)
	a := n.member(t, "aaaa")
	peer := netip.MustParseAddrPort("127.0.0.1:40000")
	n.check(t, a, "aaaa", peer)
	for range 2 * dtlsQueueLength {
		n.arrive(dtls, peer)
	}
	if got := a.handshakes(); got != dtlsQueueLength {
		t.Errorf("%d datagrams were kept", got)
	}
	got := make([]byte, 100)
	size, _, err := a.view.DTLS().ReadFrom(got)
	if err != nil || !bytes.Equal(got[:size], dtls) {
		t.Errorf("read %x, %v", got[:size], err)
	}
}

func TestDTLSGoesWhereItComesFromUntilItIsDirected(t *testing.T) {
	leaktest.Check(t)
	n := newNetwork(t)
	a := n.member(t, "aaaa")
	var peers [2]*net.UDPConn
	var addresses [2]netip.AddrPort
	for i := range peers {
		var err error
		if peers[i], err = net.ListenUDP("udp", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)}); err != nil {
			t.Fatal(err)
		}
		defer peers[i].Close()
		addresses[i] = peers[i].LocalAddr().(*net.UDPAddr).AddrPort()
		n.check(t, a, "aaaa", addresses[i])
		// The answer to the check.
		if _, err := peers[i].Read(make([]byte, 1500)); err != nil {
			t.Fatal(err)
		}
	}
	conn := a.view.DTLS()
	write := func(to int) {
		t.Helper()
		if _, err := conn.WriteTo(dtls, nil); err != nil {
			t.Fatal(err)
		}
		got := make([]byte, 100)
		size, err := peers[to].Read(got)
		if err != nil || !bytes.Equal(got[:size], dtls) {
			t.Errorf("peer %d read %x, %v", to, got[:size], err)
		}
	}
	n.arrive(dtls, addresses[0])
	n.arrive(dtls, addresses[1])
	write(0)
	conn.Direct(Path{0, addresses[1]})
	write(1)
}

func TestDTLSWaitsForAWay(t *testing.T) {
	leaktest.Check(t)
	n := newNetwork(t)
	a := n.member(t, "aaaa")
	peer := listen(t)
	conn := a.view.DTLS()
	last := []byte{22, 2}
	for _, datagram := range [][]byte{{22, 1}, last} {
		if _, err := conn.WriteTo(datagram, nil); err != nil {
			t.Fatal(err)
		}
	}
	conn.Direct(Path{0, peer.LocalAddr().(*net.UDPAddr).AddrPort()})
	got := make([]byte, 100)
	if size, err := peer.Read(got); err != nil || !bytes.Equal(got[:size], last) {
		t.Errorf("read %x, %v", got[:size], err)
	}
}

func TestWhatIsHeldIsNotSent(t *testing.T) {
	leaktest.Check(t)
	n := newNetwork(t)
	a := n.member(t, "aaaa")
	peer := listen(t)
	path := Path{0, peer.LocalAddr().(*net.UDPAddr).AddrPort()}
	conn := a.view.DTLS()
	conn.Direct(path)
	conn.Hold()
	held, sent := []byte{21, 1}, []byte{21, 2}
	if _, err := conn.WriteTo(held, nil); err != nil {
		t.Fatal(err)
	}
	conn.Direct(path)
	if !bytes.Equal(conn.Held(), held) {
		t.Errorf("%x is held", conn.Held())
	}
	a.view.Send(path, sent)
	got := make([]byte, 100)
	if size, err := peer.Read(got); err != nil || !bytes.Equal(got[:size], sent) {
		t.Errorf("the first datagram is %x (%v)", got[:size], err)
	}
}

func TestViewTakesNoDTLSAfterItsEnd(t *testing.T) {
	leaktest.Check(t)
	n := newNetwork(t)
	a := n.member(t, "aaaa")
	peer := netip.MustParseAddrPort("127.0.0.1:40000")
	n.check(t, a, "aaaa", peer)
	conn := a.view.DTLS()
	if err := conn.Close(); err != nil {
		t.Fatal(err)
	}
	n.arrive(dtls, peer)
	if size, _, err := conn.ReadFrom(make([]byte, 100)); err != io.EOF {
		t.Errorf("read %d bytes, %v", size, err)
	}
	if a.view.DTLS() != nil {
		t.Error("the conn is kept")
	}
}

func TestRequestWithoutAnswerClaimsNothing(t *testing.T) {
	leaktest.Check(t)
	n := newNetwork(t)
	a := n.member(t, "aaaa")
	peer := netip.MustParseAddrPort("127.0.0.1:40000")
	n.arrive(bindingRequest(t, "aaaa:peer").Raw, peer)
	if a.queued() != 1 {
		t.Fatal("the request did not reach pion")
	}
	if got := n.arrive(media, peer); len(got) != 0 {
		t.Error("the address was claimed before the integrity check")
	}
}

func TestAddressOfALiveConnectionCannotBeTakenOver(t *testing.T) {
	leaktest.Check(t)
	n := newNetwork(t)
	a, b := n.member(t, "aaaa"), n.member(t, "bbbb")
	peer := netip.MustParseAddrPort("127.0.0.1:40000")
	n.check(t, a, "aaaa", peer)
	n.elapsed += claimGuard / 2
	n.check(t, b, "bbbb", peer)
	if got := n.arrive(media, peer); len(got) != 1 || got[0].To != a.view.receiver {
		t.Fatal("taken over while alive")
	}
	// Whatever comes from there shows that it is alive.
	for _, sign := range [][]byte{media, dtls, bindingRequest(t, "aaaa:peer").Raw} {
		n.elapsed += 2 * claimGuard
		n.arrive(sign, peer)
		n.elapsed += claimGuard - 1
		n.check(t, b, "bbbb", peer)
		if got := n.arrive(media, peer); len(got) != 1 || got[0].To != a.view.receiver {
			t.Fatalf("taken over shortly after %x", sign)
		}
		n.elapsed += claimLifetime
		n.mux.Expire()
	}
	n.elapsed += claimGuard
	n.check(t, b, "bbbb", peer)
	if got := n.arrive(media, peer); len(got) != 1 || got[0].To != b.view.receiver {
		t.Error("not taken over after silence")
	}
	if err := a.view.Close(); err != nil {
		t.Fatal(err)
	}
	if got := n.arrive(media, peer); len(got) != 1 || got[0].To != b.view.receiver {
		t.Error("who had it before takes it along at his end")
	}
}

func TestClaimsOfOneConnectionAreBoundedAndLapse(t *testing.T) {
	leaktest.Check(t)
	n := newNetwork(t)
	a := n.member(t, "aaaa")
	lively := netip.MustParseAddrPort("127.0.0.1:40000")
	for port := uint16(40000); port < 40060; port++ {
		n.check(t, a, "aaaa", netip.AddrPortFrom(netip.MustParseAddr("127.0.0.1"), port))
		n.elapsed += time.Millisecond
		if got := n.arrive(media, lively); len(got) != 1 {
			t.Fatal("the claim by which media comes was displaced")
		}
	}
	if got := len(n.mux.table.claims); got != maxClaims {
		t.Errorf("%d claims", got)
	}
	newest := netip.MustParseAddrPort("127.0.0.1:40059")
	if got := n.arrive(media, newest); len(got) != 1 {
		t.Error("the newest claim was displaced")
	}
	n.elapsed += 2 * claimLifetime
	n.mux.Expire()
	if got := len(n.mux.table.claims) + len(a.view.claimed); got != 0 {
		t.Errorf("%d claims outlive their time", got)
	}
}

// RFC 7983: the first byte says what a datagram is.
func TestDatagramsAreToldApartByTheirFirstByte(t *testing.T) {
	leaktest.Check(t)
	n := newNetwork(t)
	a := n.member(t, "aaaa")
	peer := netip.MustParseAddrPort("127.0.0.1:40000")
	n.check(t, a, "aaaa", peer)
	n.arrive(nil, peer)
	for first := range 256 {
		var found string
		before, unclaimed := a.handshakes(), n.mux.Unclaimed()
		if got := n.arrive([]byte{byte(first), 0, 0}, peer); len(got) > 0 {
			found = "media"
		}
		if a.handshakes() > before {
			found += "DTLS"
			if _, _, err := a.view.DTLS().ReadFrom(make([]byte, 100)); err != nil {
				t.Fatal(err)
			}
		}
		want := ""
		switch {
		case first >= 20 && first <= 63:
			want = "DTLS"
		case first >= 128 && first <= 191:
			want = "media"
		}
		if found != want || n.mux.Unclaimed() != unclaimed {
			t.Errorf("%d: %q, want %q; %d datagrams unclaimed", first, found, want, n.mux.Unclaimed()-unclaimed)
		}
		n.arrive([]byte{byte(first), 0, 0}, netip.MustParseAddrPort("127.0.0.1:40001"))
		if got := n.mux.Unclaimed() - unclaimed; (got == 1) != (want != "") {
			t.Errorf("%d from a stranger: %d unclaimed", first, got)
		}
	}
}

func TestViewSendsOnlySTUNOfTheLibrary(t *testing.T) {
	leaktest.Check(t)
	n := newNetwork(t)
	a := n.member(t, "aaaa")
	peer := listen(t)
	check := bindingRequest(t, "peer:aaaa").Raw
	for _, datagram := range [][]byte{media, dtls, check} {
		if _, err := a.conn.WriteTo(datagram, peer.LocalAddr()); err != nil {
			t.Fatal(err)
		}
	}
	buffer := make([]byte, 1500)
	size, _, err := peer.ReadFrom(buffer)
	if err != nil || !bytes.Equal(buffer[:size], check) {
		t.Errorf("the first datagram is %x (%v)", buffer[:size], err)
	}
	if n.mux.Misdirected() != 2 {
		t.Errorf("%d datagrams counted", n.mux.Misdirected())
	}
}

func TestRoutingMediaDoesNotAllocate(t *testing.T) {
	leaktest.Check(t)
	n := newNetwork(t)
	a := n.member(t, "aaaa")
	peer := netip.MustParseAddrPort("127.0.0.1:40000")
	n.check(t, a, "aaaa", peer)
	b := socket.NewBurst()
	b.Messages = append(b.Messages, socket.Message{Data: media, Addr: peer})
	into := make([]Media, 0, 32)
	if got := testing.AllocsPerRun(100, func() { into = n.mux.Route(0, b, n.elapsed, into[:0]) }); got != 0 {
		t.Errorf("%v allocations for each burst", got)
	}
}
