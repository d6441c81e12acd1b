package mux

import (
	"bytes"
	"net"
	"sync"
	"time"

	"github.com/pion/transport/v2/packetio"
)

const (
	// dtlsQueueLength and dtlsQueueSize bound the DTLS datagrams, in number and in
	// bytes, that wait to be read; a handshake of a browser has five of at most 1.5
	// KB, and a first flight may come before anybody reads it.
	dtlsQueueLength = 16
	dtlsQueueSize   = 32 << 10
)

// DTLSConn is the net.PacketConn that the DTLS of one view goes through. Whoever reads
// it gets what comes from addresses that the view has claimed. Its methods may be
// called from any goroutine.
type DTLSConn struct {
	view    *View
	arrived *packetio.Buffer

	// mu guards what follows; it is a leaf.
	mu sync.Mutex
	// path is where datagrams go: before ICE has chosen, where they come from.
	path Path
	// holding is set when what is written is not to be sent.
	holding bool
	// held is the last datagram that was written meanwhile, or while there was no
	// path.
	held []byte
}

var _ net.PacketConn = (*DTLSConn)(nil)

func newDTLSConn(v *View) *DTLSConn {
	c := &DTLSConn{view: v, arrived: packetio.NewBuffer()}
	c.arrived.SetLimitCount(dtlsQueueLength)
	c.arrived.SetLimitSize(dtlsQueueSize)
	return c
}

// receive puts a copy of a datagram into the queue and never blocks.
func (c *DTLSConn) receive(d []byte, p Path) {
	c.mu.Lock()
	if !c.path.Addr.IsValid() {
		c.path = p
	}
	c.mu.Unlock()
	// What does not fit is a lost datagram: DTLS repeats.
	_, _ = c.arrived.Write(d)
}

// Direct says where datagrams go from now on.
func (c *DTLSConn) Direct(p Path) {
	c.mu.Lock()
	c.path = p
	var waiting []byte
	if !c.holding {
		waiting, c.held = c.held, nil
	}
	c.mu.Unlock()
	if waiting != nil {
		c.send(p, waiting)
	}
}

// Hold keeps what is written from now on; Held returns the last datagram of it.
func (c *DTLSConn) Hold() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.holding, c.held = true, nil
}

// Held returns the last datagram that was written since Hold, or nil.
func (c *DTLSConn) Held() []byte {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.held
}

// ReadFrom implements net.PacketConn.
func (c *DTLSConn) ReadFrom(p []byte) (int, net.Addr, error) {
	n, err := c.arrived.Read(p)
	return n, c.RemoteAddr(), err
}

// WriteTo implements net.PacketConn; whom the datagram is for is known. It does not
// wait for anything; while there is no way to the peer the last datagram waits for one.
func (c *DTLSConn) WriteTo(p []byte, _ net.Addr) (int, error) {
	c.mu.Lock()
	path, held := c.path, c.holding || !c.path.Addr.IsValid()
	if held {
		c.held = bytes.Clone(p)
	}
	c.mu.Unlock()
	if !held {
		c.send(path, p)
	}
	return len(p), nil
}

func (c *DTLSConn) send(to Path, datagram []byte) {
	c.view.mux.send(to, datagram)
}

// Close implements net.PacketConn: the view takes no DTLS any more.
func (c *DTLSConn) Close() error {
	c.view.mu.Lock()
	c.view.dtls = nil
	c.view.mu.Unlock()
	return c.arrived.Close()
}

// LocalAddr implements net.PacketConn: the socket's.
func (c *DTLSConn) LocalAddr() net.Addr {
	c.mu.Lock()
	defer c.mu.Unlock()
	return net.UDPAddrFromAddrPort(c.view.mux.sockets[c.path.Socket].LocalAddr())
}

// RemoteAddr is where datagrams go.
func (c *DTLSConn) RemoteAddr() net.Addr {
	c.mu.Lock()
	defer c.mu.Unlock()
	return net.UDPAddrFromAddrPort(c.path.Addr)
}

// SetDeadline implements net.PacketConn.
func (c *DTLSConn) SetDeadline(t time.Time) error { return c.SetReadDeadline(t) }

// SetReadDeadline implements net.PacketConn.
func (c *DTLSConn) SetReadDeadline(t time.Time) error { return c.arrived.SetReadDeadline(t) }

// SetWriteDeadline implements net.PacketConn; writes do not wait.
func (c *DTLSConn) SetWriteDeadline(time.Time) error { return nil }
