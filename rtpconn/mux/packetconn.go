package mux

import (
	"bytes"
	"net"
	"net/netip"
	"sync"
	"time"
)

// queueLength bounds the datagrams that wait for pion to read them; what
// comes in beyond that is dropped, as a full socket buffer would.
const queueLength = 16

// packetConn is the net.PacketConn of one local candidate of a view.
type packetConn struct {
	view  *View
	key   connKey
	local *net.UDPAddr
	queue chan datagram
	done  chan struct{}
	once  sync.Once
	// handling is locked while the library handles a datagram that ReadFrom has
	// given it; given says so to the one goroutine that reads.
	handling sync.Mutex
	given    bool
}

var _ net.PacketConn = (*packetConn)(nil)

type datagram struct {
	data []byte
	from *net.UDPAddr
}

func newPacketConn(v *View, k connKey, local *net.UDPAddr) *packetConn {
	return &packetConn{
		view: v, key: k, local: local,
		queue: make(chan datagram, queueLength),
		done:  make(chan struct{}),
	}
}

// push copies a datagram into the queue and never blocks.
func (c *packetConn) push(d []byte, from netip.AddrPort) {
	select {
	case c.queue <- datagram{bytes.Clone(d), net.UDPAddrFromAddrPort(from)}:
	default:
	}
}

func (c *packetConn) end() { c.once.Do(func() { close(c.done) }) }

// ReadFrom implements net.PacketConn. Whoever calls it has handled what it was
// given by the call before.
func (c *packetConn) ReadFrom(p []byte) (int, net.Addr, error) {
	if c.given {
		c.given = false
		c.handling.Unlock()
	}
	for {
		select {
		case d := <-c.queue:
			c.handling.Lock()
			if c.view.heedsSTUN() {
				c.given = true
				return copy(p, d.data), d.from, nil
			}
			c.handling.Unlock()
		case <-c.done:
			return 0, nil, net.ErrClosed
		}
	}
}

// settle waits until the library has handled what it was given.
func (c *packetConn) settle() {
	c.handling.Lock()
	defer c.handling.Unlock()
}

// WriteTo implements net.PacketConn. It does not wait for anything.
func (c *packetConn) WriteTo(p []byte, to net.Addr) (int, error) {
	select {
	case <-c.done:
		return 0, net.ErrClosed
	default:
	}
	a, ok := to.(*net.UDPAddr)
	if !ok {
		return 0, net.InvalidAddrError("not a UDP address")
	}
	addr := a.AddrPort()
	c.view.write(p, netip.AddrPortFrom(addr.Addr().Unmap(), addr.Port()))
	return len(p), nil
}

// Close implements net.PacketConn: the candidate is gone, the view stays.
func (c *packetConn) Close() error {
	c.end()
	c.view.mu.Lock()
	defer c.view.mu.Unlock()
	if c.view.conns[c.key] == c {
		delete(c.view.conns, c.key)
	}
	return nil
}

// LocalAddr implements net.PacketConn.
func (c *packetConn) LocalAddr() net.Addr { return c.local }

// SetDeadline implements net.PacketConn; reads end by Close alone.
func (c *packetConn) SetDeadline(time.Time) error { return nil }

// SetReadDeadline implements net.PacketConn; reads end by Close alone.
func (c *packetConn) SetReadDeadline(time.Time) error { return nil }

// SetWriteDeadline implements net.PacketConn; writes do not wait.
func (c *packetConn) SetWriteDeadline(time.Time) error { return nil }
