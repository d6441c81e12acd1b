package rtpconn

import (
	"crypto/rand"
	"net"
	"net/netip"
	"strings"
	"sync/atomic"
	"testing"

	"galene/group/leaktest"
	"galene/group/media"

	"github.com/pion/mdns"
	"golang.org/x/net/ipv4"
)

// shyConn says nothing before it is spoken to, as if behind a strict firewall.
type shyConn struct {
	net.PacketConn
	heard atomic.Bool
}

func (c *shyConn) ReadFrom(p []byte) (int, net.Addr, error) {
	n, addr, err := c.PacketConn.ReadFrom(p)
	c.heard.Store(err == nil || c.heard.Load())
	return n, addr, err
}

func (c *shyConn) WriteTo(p []byte, addr net.Addr) (int, error) {
	if !c.heard.Load() {
		return len(p), nil
	}
	return c.PacketConn.WriteTo(p, addr)
}

// multicastAddress is one of this machine that others on its network could have
// asked for by name.
func multicastAddress(t *testing.T) net.IP {
	t.Helper()
	interfaces, err := net.Interfaces()
	if err != nil {
		t.Fatal(err)
	}
	for _, i := range interfaces {
		if i.Flags&(net.FlagUp|net.FlagMulticast|net.FlagLoopback) != net.FlagUp|net.FlagMulticast {
			continue
		}
		addresses, _ := i.Addrs()
		for _, a := range addresses {
			if prefix, ok := a.(*net.IPNet); ok && prefix.IP.To4() != nil {
				return prefix.IP.To4()
			}
		}
	}
	t.Skip("no network with multicast here")
	return nil
}

// nameOf has the network know an address by a name that only it can resolve.
func nameOf(t *testing.T, address net.IP) string {
	t.Helper()
	group, err := net.ResolveUDPAddr("udp4", mdns.DefaultAddress)
	if err != nil {
		t.Fatal(err)
	}
	socket, err := net.ListenUDP("udp4", group)
	if err != nil {
		t.Skipf("no multicast here: %v", err)
	}
	name := strings.ToLower(rand.Text()) + ".local"
	server, err := mdns.Server(ipv4.NewPacketConn(socket), &mdns.Config{LocalNames: []string{name}, LocalAddress: address})
	if err != nil {
		_ = socket.Close()
		t.Skipf("no multicast here: %v", err)
	}
	t.Cleanup(func() {
		if err := server.Close(); err != nil {
			t.Error(err)
		}
	})
	return name
}

// A client that names itself and cannot speak first is only reached by who
// resolves its name.
func TestNamesOfClientsAreResolved(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	address := multicastAddress(t)
	name := nameOf(t, address)
	local, _ := netip.AddrFromSlice(address)
	e := startEngine(t, Options{Addresses: []netip.Addr{local}, Logger: quiet, ResolveMDNS: true})
	video := testTrack(t, media.Video)
	socket, err := net.ListenUDP("udp4", &net.UDPAddr{IP: address})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = socket.Close() })
	pc := newPeer(t, peerOptions{wrap: func(net.PacketConn) net.PacketConn { return &shyConn{PacketConn: socket} }})
	sender, err := pc.AddTrack(video)
	if err != nil {
		t.Fatal(err)
	}
	go drain(sender)
	codecs, _ := media.CodecsByName(nil)
	tracks := make(chan struct{}, 16)
	up, err := e.NewUpConn(UpOptions{ID: "stream", Codecs: codecs, OnTracks: func() { tracks <- struct{}{} }})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(up.Close)
	offer := localOffer(t, pc, nil)
	named := strings.ReplaceAll(offer, " "+address.String()+" ", " "+name+" ")
	if named == offer {
		t.Fatalf("no candidate in %s", offer)
	}
	agree(t, up, pc, named)
	keepSending(t, video)
	receive(t, tracks, "the track")
}
