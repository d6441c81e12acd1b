package mux

import (
	"bytes"
	"net"
	"net/netip"
	"testing"
	"time"

	"galene/group/leaktest"
	"galene/rtpconn/socket"

	"github.com/pion/stun"
)

func TestResponsesFindTheCheckThatTheyAnswer(t *testing.T) {
	leaktest.Check(t)
	n := newNetwork(t)
	a, b := n.member(t, "aaaa"), n.member(t, "bbbb")
	peer := netip.MustParseAddrPort("127.0.0.1:40000")
	request := bindingRequest(t, "peer:bbbb")
	if _, err := b.conn.WriteTo(request.Raw, net.UDPAddrFromAddrPort(peer)); err != nil {
		t.Fatal(err)
	}
	n.elapsed += 30 * time.Millisecond
	n.arrive(bindingSuccess(t, request.TransactionID).Raw, peer)
	if b.queued() != 1 || a.queued() != 0 {
		t.Error("the response went astray")
	}
	if got := b.view.RTT(); got != 30*time.Millisecond {
		t.Errorf("round trip of %v", got)
	}
}

// The library checks several addresses at once, and never hears of some of them.
func TestChecksOnTheirWayAreToldApartAndBounded(t *testing.T) {
	leaktest.Check(t)
	n := newNetwork(t)
	a := n.member(t, "aaaa")
	peer := netip.MustParseAddrPort("127.0.0.1:40000")
	var checks []*stun.Message
	for range maxTransactions + 1 {
		request := bindingRequest(t, "peer:aaaa")
		checks = append(checks, request)
		if _, err := a.conn.WriteTo(request.Raw, net.UDPAddrFromAddrPort(peer)); err != nil {
			t.Fatal(err)
		}
		n.elapsed += time.Millisecond
	}
	if got := len(n.mux.table.transactions); got != maxTransactions {
		t.Errorf("%d checks lead to the view", got)
	}
	for i, check := range []*stun.Message{checks[maxTransactions], checks[1], checks[0]} {
		n.arrive(bindingSuccess(t, check.TransactionID).Raw, peer)
		if got := a.queued(); got != min(i+1, 2) {
			t.Errorf("%d answers after answer %d, that to the oldest being the last", got, i)
		}
		if i == 0 && a.view.RTT() != time.Millisecond {
			t.Errorf("round trip of %v", a.view.RTT())
		}
	}
}

// The library answers when it comes to it.
func TestRequestsAreAnsweredThoughOthersCameMeanwhile(t *testing.T) {
	leaktest.Check(t)
	n := newNetwork(t)
	a := n.member(t, "aaaa")
	peer := listen(t)
	from := peer.LocalAddr().(*net.UDPAddr).AddrPort()
	first, second := bindingRequest(t, "aaaa:peer"), bindingRequest(t, "aaaa:peer")
	n.arrive(first.Raw, from)
	n.arrive(second.Raw, from)
	for _, request := range []*stun.Message{first, second} {
		answer := bindingSuccess(t, request.TransactionID).Raw
		if _, err := a.conn.WriteTo(answer, peer.LocalAddr()); err != nil {
			t.Fatal(err)
		}
		got := make([]byte, 1500)
		if err := peer.SetReadDeadline(time.Now().Add(10 * time.Second)); err != nil {
			t.Fatal(err)
		}
		if size, err := peer.Read(got); err != nil || !bytes.Equal(got[:size], answer) {
			t.Errorf("read %x, %v", got[:size], err)
		}
	}
}

func TestWhichSTUNTheLibraryHears(t *testing.T) {
	leaktest.Check(t)
	n := newNetwork(t)
	a := n.member(t, "aaaa")
	known, stranger := netip.MustParseAddrPort("127.0.0.1:40000"), netip.MustParseAddrPort("127.0.0.1:40001")
	n.check(t, a, "aaaa", known)
	<-a.conn.(*packetConn).queue
	build := func(kind stun.MessageType) []byte {
		m, err := stun.Build(kind, stun.TransactionID, stun.NewUsername("aaaa:peer"))
		if err != nil {
			t.Fatal(err)
		}
		return m.Raw
	}
	request := build(stun.BindingRequest)
	for _, tt := range []struct {
		name     string
		datagram []byte
		from     netip.AddrPort
		want     bool
	}{
		{"a request of another method", build(stun.NewType(stun.MethodAllocate, stun.ClassRequest)), known, false},
		{"half a request", request[:len(request)-4], known, false},
		{"a keepalive of the peer's", build(stun.NewType(stun.MethodBinding, stun.ClassIndication)), known, true},
		{"a keepalive of somebody's", build(stun.NewType(stun.MethodBinding, stun.ClassIndication)), stranger, false},
		{"an answer to nothing", build(stun.BindingSuccess), known, false},
		{"a refusal of nothing", build(stun.BindingError), known, false},
		{"a request", request, stranger, true},
	} {
		n.arrive(tt.datagram, tt.from)
		if got := a.queued() > 0; got != tt.want {
			t.Errorf("%s: heard %v", tt.name, got)
		}
		for a.queued() > 0 {
			<-a.conn.(*packetConn).queue
		}
	}
}

// In an ICE restart checks of both generations come, until the earlier one is dropped.
func TestTwoGenerationsOfICEAreKeptApart(t *testing.T) {
	leaktest.Check(t)
	n := newNetwork(t)
	a := n.member(t, "aaaa")
	conn, err := a.view.GetConn("bbbb", a.view.GetListenAddresses()[0])
	if err != nil {
		t.Fatal(err)
	}
	later := member{a.view, conn}
	peer := netip.MustParseAddrPort("127.0.0.1:40000")
	n.arrive(bindingRequest(t, "aaaa:peer").Raw, peer)
	if a.queued() != 1 || later.queued() != 0 {
		t.Fatalf("the check of the earlier generation: %d and %d", a.queued(), later.queued())
	}
	<-a.conn.(*packetConn).queue
	a.view.RemoveConnByUfrag("aaaa")
	if _, _, err := a.conn.ReadFrom(make([]byte, 1500)); err == nil {
		t.Error("the conn of the earlier generation goes on")
	}
	n.arrive(bindingRequest(t, "aaaa:peer").Raw, peer)
	n.arrive(bindingRequest(t, "bbbb:peer").Raw, peer)
	if a.queued() != 0 || later.queued() != 1 {
		t.Errorf("when it was gone: %d and %d", a.queued(), later.queued())
	}
	if _, _, err := conn.ReadFrom(make([]byte, 1500)); err != nil {
		t.Errorf("the later generation: %v", err)
	}
}

// TestIgnoringSTUNWaitsForWhatIsBeingHandled lets the library read two checks of
// three: it handles the second while the view becomes deaf.
func TestIgnoringSTUNWaitsForWhatIsBeingHandled(t *testing.T) {
	leaktest.Check(t)
	n := newNetwork(t)
	a := n.member(t, "aaaa")
	arrive := func() { n.arrive(bindingRequest(t, "aaaa:peer").Raw, netip.MustParseAddrPort("127.0.0.1:40000")) }
	read := func() error {
		_, _, err := a.conn.ReadFrom(make([]byte, 1500))
		return err
	}
	for range 3 {
		arrive()
	}
	for range 2 {
		if err := read(); err != nil {
			t.Fatal(err)
		}
	}
	deaf := make(chan struct{})
	go func() {
		defer close(deaf)
		a.view.IgnoreSTUN()
	}()
	for a.view.heedsSTUN() {
		time.Sleep(time.Millisecond)
	}
	select {
	case <-deaf:
		t.Fatal("did not wait for the check that is being handled")
	case <-time.After(20 * time.Millisecond):
	}
	arrive()
	next := make(chan error, 1)
	go func() { next <- read() }()
	<-deaf
	if err := a.view.Close(); err != nil {
		t.Fatal(err)
	}
	if err := <-next; err == nil {
		t.Error("a check was given to the library after it was to hear no more")
	}
}

func TestChecksFromEverNewAddressesAreBounded(t *testing.T) {
	leaktest.Check(t)
	n := newNetwork(t)
	a := n.member(t, "aaaa")
	reached := 0
	for port := uint16(20000); port < 21000; port++ {
		before := a.queued()
		n.arrive(bindingRequest(t, "aaaa:peer", stun.RawAttribute{Type: stun.AttrUseCandidate}).Raw, netip.AddrPortFrom(netip.MustParseAddr("127.0.0.1"), port))
		if a.queued() > before {
			reached++
			<-a.conn.(*packetConn).queue
		}
	}
	if reached != maxPeers || len(a.view.peers) != maxPeers {
		t.Errorf("%d requests reached pion, %d addresses are remembered", reached, len(a.view.peers))
	}
	latest := netip.MustParseAddrPort("127.0.0.1:30000")
	if path, ok := a.view.PathTo(latest); !ok || path != (Path{0, latest}) || len(a.view.peers) != maxPeers {
		t.Errorf("the way to another one is %v, %v; %d addresses are remembered", path, ok, len(a.view.peers))
	}
	// With the next generation pion begins anew.
	conn, err := a.view.GetConn("bbbb", a.view.GetListenAddresses()[0])
	if err != nil {
		t.Fatal(err)
	}
	n.arrive(bindingRequest(t, "bbbb:peer").Raw, latest)
	if got := (member{a.view, conn}).queued(); got != 1 {
		t.Error("after an ICE restart the peer is not heard")
	}
}

// Before anything has come from a peer, the socket that reaches it is a guess.
func TestPeersOwnRequestBeatsTheGuess(t *testing.T) {
	leaktest.Check(t)
	n := newNetwork(t)
	second, err := socket.Listen(netip.MustParseAddrPort("127.0.0.1:0"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { second.Close() })
	n.mux = New([]socket.Socket{n.socket, second}, func() time.Duration { return n.elapsed })
	a := n.member(t, "aaaa")
	peer := netip.MustParseAddrPort("127.0.0.1:4000")
	guess, ok := a.view.PathTo(peer)
	if !ok {
		t.Fatal("no way to a peer of the same family")
	}
	b := socket.NewBurst()
	b.Messages = append(b.Messages, socket.Message{Data: bindingRequest(t, "aaaa:peer").Raw, Addr: peer})
	other := 1 - guess.Socket
	n.mux.Route(other, b, 0, nil)
	if got, _ := a.view.PathTo(peer); got.Socket != other {
		t.Errorf("still by socket %d, though the peer came by %d", got.Socket, other)
	}
	// Only its nomination changes that.
	for _, tt := range []struct {
		extra []stun.Setter
		want  int
	}{{nil, other}, {[]stun.Setter{stun.RawAttribute{Type: stun.AttrUseCandidate}}, guess.Socket}, {nil, guess.Socket}} {
		b.Messages[0].Data = bindingRequest(t, "aaaa:peer", tt.extra...).Raw
		n.mux.Route(guess.Socket, b, 0, nil)
		if got, _ := a.view.PathTo(peer); got.Socket != tt.want {
			t.Errorf("by socket %d, not %d, after a check with %d attributes more", got.Socket, tt.want, len(tt.extra))
		}
	}
}

func TestOneSlowCheckIsNotTheRoundTripTime(t *testing.T) {
	leaktest.Check(t)
	v := &View{}
	for _, tt := range []struct{ measured, want time.Duration }{
		{40, 40}, {440, 140}, {40, 40}, {80, 50}, {80, 57}, {10, 10},
	} {
		if v.measured(tt.measured * time.Millisecond); v.RTT()/time.Millisecond != tt.want {
			t.Errorf("after %d ms: %v, want %d ms", tt.measured, v.RTT(), tt.want)
		}
	}
}
