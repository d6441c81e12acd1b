package ws_test

import (
	"context"
	"net"
	"net/netip"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"galene/group/leaktest"
	"galene/rtpconn"
)

// wire carries the datagrams of one peer to the server and back, as long as it
// is not cut.
type wire struct {
	t *testing.T
	// inner is where the peer sends to, outer what the server sees of it.
	inner, outer *net.UDPConn
	cut          atomic.Bool
	// peer and server are where datagrams go to, once that is known.
	peer, server atomic.Pointer[netip.AddrPort]
	running      sync.WaitGroup
}

func newWire(t *testing.T) *wire {
	t.Helper()
	w := &wire{t: t}
	for _, end := range []**net.UDPConn{&w.inner, &w.outer} {
		conn, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
		if err != nil {
			t.Fatal(err)
		}
		*end = conn
	}
	w.running.Go(func() { w.carry(w.inner, w.outer, &w.peer, &w.server) })
	w.running.Go(func() { w.carry(w.outer, w.inner, &w.server, &w.peer) })
	t.Cleanup(func() {
		w.inner.Close()
		w.outer.Close()
		w.running.Wait()
	})
	return w
}

// carry passes on what one socket reads from whoever it learns to be there.
func (w *wire) carry(from, to *net.UDPConn, source, target *atomic.Pointer[netip.AddrPort]) {
	buffer := make([]byte, 2000)
	for {
		n, address, err := from.ReadFromUDPAddrPort(buffer)
		if err != nil {
			return
		}
		source.Store(&address)
		if t := target.Load(); t != nil && !w.cut.Load() {
			// A datagram that is lost is what a wire is allowed to do.
			_, _ = to.WriteToUDPAddrPort(buffer[:n], *t)
		}
	}
}

var candidateLine = regexp.MustCompile(`a=candidate:(\S+) \d udp (\d+) (\S+) (\d+) [^\r\n]*\r\n`)

// fromServer puts the wire's address in the place of the server's.
func (w *wire) fromServer(sdp string) string {
	w.t.Helper()
	m := candidateLine.FindStringSubmatch(sdp)
	if m == nil {
		w.t.Fatalf("no candidate in %q", sdp)
	}
	server, err := netip.ParseAddrPort(m[3] + ":" + m[4])
	if err != nil {
		w.t.Fatal(err)
	}
	w.server.Store(&server)
	port := w.inner.LocalAddr().(*net.UDPAddr).Port
	return strings.ReplaceAll(sdp, m[3]+" "+m[4]+" typ", "127.0.0.1 "+strconv.Itoa(port)+" typ")
}

// toServer leaves the peer's own addresses out.
func (w *wire) toServer(sdp string) string { return candidateLine.ReplaceAllString(sdp, "") }

// TestICEThatFailsIsRestarted cuts the wires of a publisher and of a subscriber
// until the server takes the initiative, and mends them.
func TestICEThatFailsIsRestarted(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	k := newMediaCallWith(t, rtpconn.ICETimeouts{
		Disconnected: 500 * time.Millisecond, Failed: 500 * time.Millisecond, Keepalive: 100 * time.Millisecond,
	})
	alice := k.seat("guest", "guest")
	bob := k.seat("x", "")
	bob.expect(message{"type": "user", "kind": "add", "id": alice.ID})
	alice.expect(message{"type": "user", "kind": "add", "id": bob.ID})
	bob.Send(message{"type": "request", "request": message{"": []string{"audio", "video"}}})

	up, down := newWire(t), newWire(t)
	p, err := k.generator.NewPublisher()
	k.check(err)
	t.Cleanup(func() { k.check(p.Close()) })
	offer := func(sdp string, err error) {
		t.Helper()
		k.check(err)
		alice.Send(message{"type": "offer", "id": "s", "label": "camera", "sdp": up.toServer(sdp)})
		k.check(p.Answer(up.fromServer(alice.expect(message{"type": "answer", "id": "s"})["sdp"].(string))))
	}
	offer(p.Offer(k.ctx))
	sending, stop := context.WithCancel(k.ctx)
	ended := make(chan error, 1)
	go func() { ended <- p.Run(sending) }()
	t.Cleanup(func() {
		stop()
		k.check(<-ended)
	})
	s, err := k.generator.NewSubscriber()
	k.check(err)
	t.Cleanup(func() { k.check(s.Close()) })
	answer := func() {
		t.Helper()
		sdp, err := s.Answer(k.ctx, down.fromServer(bob.expect(message{"type": "offer", "id": "s"})["sdp"].(string)))
		k.check(err)
		bob.Send(message{"type": "answer", "id": "s", "sdp": down.toServer(sdp)})
	}
	answer()
	k.await(s.Video())
	k.flow(s, 20)

	up.cut.Store(true)
	alice.expect(message{"type": "renegotiate", "id": "s"})
	up.cut.Store(false)
	offer(p.Restart(k.ctx))
	k.flow(s, 20)

	down.cut.Store(true)
	answer()
	down.cut.Store(false)
	k.flow(s, 20)
}
