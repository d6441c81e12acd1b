package loadtest

import (
	"context"
	"net"
	"sync/atomic"
	"testing"

	"github.com/pion/transport/v2"
	"github.com/pion/transport/v2/stdnet"

	"galene/group/leaktest"
)

// lossyNet makes sockets that lose each twentieth packet of media on its way
// in.
type lossyNet struct {
	*stdnet.Net
	lost *atomic.Int64
}

func (n lossyNet) ListenUDP(network string, address *net.UDPAddr) (transport.UDPConn, error) {
	conn, err := n.Net.ListenUDP(network, address)
	return &lossyConn{UDPConn: conn, lost: n.lost}, err
}

type lossyConn struct {
	transport.UDPConn
	lost  *atomic.Int64
	count atomic.Int64
}

func (c *lossyConn) ReadFrom(b []byte) (int, net.Addr, error) {
	for {
		n, address, err := c.UDPConn.ReadFrom(b)
		// Media have a first byte of 128 to 191 (RFC 7983, section 7).
		if err != nil || n == 0 || b[0]>>6 != 2 || c.count.Add(1)%20 != 0 {
			return n, address, err
		}
		c.lost.Add(1)
	}
}

func TestSubscribersAskForWhatIsLostAndGetIt(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	engine := testEngine(t)
	g, err := New(Options{Bitrate: 1_000_000})
	check(t, err)
	_, up, stop := publish(ctx, t, engine, g)
	shared, err := stdnet.NewNet()
	check(t, err)
	var lost atomic.Int64
	unlucky := *g
	unlucky.net = lossyNet{shared, &lost}
	s := subscribe(ctx, t, engine, &unlucky, up)
	until(ctx, t, func() bool { return lost.Load() >= 10 && s.Stats().Packets >= 200 })
	stop()
	until(ctx, t, func() bool { return s.Stats().Missing == 0 })
	if stats := s.Stats(); stats.Asked == 0 || stats.OutOfOrder == 0 {
		t.Errorf("after %d losses: asked for %d, %d out of order", lost.Load(), stats.Asked, stats.OutOfOrder)
	}
}
