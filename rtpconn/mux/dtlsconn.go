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
	// partPatience is far more than a reader takes for a datagram.
	partPatience = time.Second
)

// DTLSConn is the net.Conn that the DTLS of one view goes through. Whoever reads
// it gets what comes from addresses that the view has claimed. Its methods may be
// called from any goroutine.
type DTLSConn struct {
	view    *View
	arrived *packetio.Buffer

	// mu guards what follows; it is a leaf.
	mu sync.Mutex
	// path is where datagrams go: before ICE has chosen, where they come from.
	path Path
	// reading is set while a Read waits, parting when nothing but Close is to end
	// one, and closed by Close. turned tells of changes of reading and closed.
	reading, parting, closed bool
	turned                   *sync.Cond
	// holding is set when what is written is not to be sent.
	holding bool
	// held is the last datagram that was written meanwhile, or while there was no
	// path.
	held []byte
}

var _ net.Conn = (*DTLSConn)(nil)

func newDTLSConn(v *View) *DTLSConn {
	c := &DTLSConn{view: v, arrived: packetio.NewBuffer()}
	c.turned = sync.NewCond(&c.mu)
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
	c.view.watcher.Inbound(d)
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

// Part is to be called before the DTLS connection is closed: deadlines have no
// effect on reading any more. The library cancels its reader before it tells the
// peer of the end, and a reader that is cancelled closes us, perhaps first; so it
// has to be in a Read, which takes no longer than the handling of one datagram.
func (c *DTLSConn) Part() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.parting = true
	late := false
	timer := time.AfterFunc(partPatience, func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		late = true
		c.turned.Broadcast()
	})
	defer timer.Stop()
	for !c.reading && !c.closed && !late {
		c.turned.Wait()
	}
}

// Hold is Part, and keeps what is written from now on; Held returns the last
// datagram of it.
func (c *DTLSConn) Hold() {
	c.Part()
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

// Read implements net.Conn: one datagram.
func (c *DTLSConn) Read(p []byte) (int, error) {
	c.reads(true)
	defer c.reads(false)
	return c.arrived.Read(p)
}

// reads says whether a Read waits.
func (c *DTLSConn) reads(is bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.reading = is
	c.turned.Broadcast()
}

// Write implements net.Conn: one datagram. It does not wait for anything; while
// there is no way to the peer the last datagram waits for one.
func (c *DTLSConn) Write(p []byte) (int, error) {
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
	c.view.watcher.Outbound(datagram)
	c.view.mux.send(to, datagram)
}

// Close implements net.Conn: the view takes no DTLS any more.
func (c *DTLSConn) Close() error {
	c.view.mu.Lock()
	c.view.dtls = nil
	c.view.mu.Unlock()
	c.mu.Lock()
	c.closed = true
	c.turned.Broadcast()
	c.mu.Unlock()
	return c.arrived.Close()
}

// LocalAddr implements net.Conn: the socket's.
func (c *DTLSConn) LocalAddr() net.Addr {
	c.mu.Lock()
	defer c.mu.Unlock()
	return net.UDPAddrFromAddrPort(c.view.mux.sockets[c.path.Socket].LocalAddr())
}

// RemoteAddr implements net.Conn.
func (c *DTLSConn) RemoteAddr() net.Addr {
	c.mu.Lock()
	defer c.mu.Unlock()
	return net.UDPAddrFromAddrPort(c.path.Addr)
}

// SetDeadline implements net.Conn.
func (c *DTLSConn) SetDeadline(t time.Time) error { return c.SetReadDeadline(t) }

// SetReadDeadline implements net.Conn.
func (c *DTLSConn) SetReadDeadline(t time.Time) error {
	c.mu.Lock()
	parting := c.parting
	c.mu.Unlock()
	if parting {
		return nil
	}
	return c.arrived.SetReadDeadline(t)
}

// SetWriteDeadline implements net.Conn; writes do not wait.
func (c *DTLSConn) SetWriteDeadline(time.Time) error { return nil }
