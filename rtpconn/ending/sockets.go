package ending

import (
	"net"
	"sync"
	"sync/atomic"

	"github.com/pion/ice/v2"
	"github.com/pion/transport/v2"
)

// Sockets are those of one peer connection, which can be made deaf. The zero
// value has none.
type Sockets struct {
	deaf atomic.Bool
	// mu guards ears.
	mu   sync.Mutex
	ears []*ear
}

// Net returns a network whose UDP sockets are among s.
func (s *Sockets) Net(n transport.Net) transport.Net { return network{n, s} }

// Mux returns a mux whose conns are among s.
func (s *Sockets) Mux(m ice.UDPMux) ice.UDPMux { return mux{m, s} }

// close makes the sockets deaf, and waits until the library has handled what it
// has been given by them.
func (s *Sockets) close() {
	s.deaf.Store(true)
	s.mu.Lock()
	ears := s.ears
	s.mu.Unlock()
	for _, e := range ears {
		e.settle()
	}
}

func (s *Sockets) listen() *ear {
	e := &ear{deaf: &s.deaf}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ears = append(s.ears, e)
	return e
}

// ear is where one socket is read, by one goroutine.
type ear struct {
	deaf *atomic.Bool
	// handling is locked while the library handles a datagram that it has been
	// given; given says so to the goroutine that reads.
	handling sync.Mutex
	given    bool
}

// read reads what the library is to be given. Whoever calls it has handled what
// it was given by the call before.
func (e *ear) read(from net.PacketConn, p []byte) (int, net.Addr, error) {
	if e.given {
		e.given = false
		e.handling.Unlock()
	}
	for {
		n, addr, err := from.ReadFrom(p)
		if err != nil {
			return n, addr, err
		}
		e.handling.Lock()
		if !e.deaf.Load() {
			e.given = true
			return n, addr, nil
		}
		e.handling.Unlock()
	}
}

func (e *ear) settle() {
	e.handling.Lock()
	defer e.handling.Unlock()
}

type network struct {
	transport.Net
	sockets *Sockets
}

// ListenUDP implements transport.Net.
func (n network) ListenUDP(family string, address *net.UDPAddr) (transport.UDPConn, error) {
	c, err := n.Net.ListenUDP(family, address)
	if err != nil {
		return nil, err
	}
	return &udpConn{c, n.sockets.listen()}, nil
}

type udpConn struct {
	transport.UDPConn
	ear *ear
}

// ReadFrom implements net.PacketConn.
func (c *udpConn) ReadFrom(p []byte) (int, net.Addr, error) { return c.ear.read(c.UDPConn, p) }

type mux struct {
	ice.UDPMux
	sockets *Sockets
}

// GetConn implements ice.UDPMux.
func (m mux) GetConn(ufrag string, address net.Addr) (net.PacketConn, error) {
	c, err := m.UDPMux.GetConn(ufrag, address)
	if err != nil {
		return nil, err
	}
	return &packetConn{c, m.sockets.listen()}, nil
}

type packetConn struct {
	net.PacketConn
	ear *ear
}

// ReadFrom implements net.PacketConn.
func (c *packetConn) ReadFrom(p []byte) (int, net.Addr, error) { return c.ear.read(c.PacketConn, p) }
