package socket

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"sync"
	"syscall"
	"time"
)

// maxPause is the longest pause after a read error that may pass.
const maxPause = 100 * time.Millisecond

// conn is what portable needs of a socket of the net package.
type conn interface {
	readFrom(p []byte) (int, netip.AddrPort, error)
	writeTo(p []byte, to netip.AddrPort) error
	localAddr() netip.AddrPort
	Close() error
}

// portable is a Socket that runs wherever Go does: one datagram a call.
type portable struct {
	conn   conn
	closed chan struct{}
	once   sync.Once
	err    error // of Close; written once
}

var _ Socket = (*portable)(nil)

// Wrap makes a Socket of any connection whose addresses are *net.UDPAddr, such
// as one of a simulated network. The Socket owns the connection.
func Wrap(c net.PacketConn) Socket {
	return &portable{conn: packetConn{c}, closed: make(chan struct{})}
}

// Read implements Socket.
func (s *portable) Read(b *Burst) error {
	b.Messages = b.Messages[:0]
	buffer := b.single[:]
	for pause := time.Duration(0); ; {
		n, from, err := s.conn.readFrom(buffer)
		switch {
		case err != nil:
			if err := s.endOfReading(err); err != nil {
				return err
			}
			// A lasting condition must not spin; one that passes costs
			// nothing the first time.
			s.rest(pause)
			pause = min(2*pause+time.Millisecond, maxPause)
		case n > MaxDatagram:
			// Truncated, so of no use to anybody.
		default:
			b.Messages = append(b.Messages, Message{Data: buffer[:n:n], Addr: unmap(from)})
			return nil
		}
	}
}

// ReadAside implements Socket.
func (*portable) ReadAside(b *Burst) (more bool) {
	b.Messages = b.Messages[:0]
	return false
}

// rest waits for d or until the socket is closed.
func (s *portable) rest(d time.Duration) {
	if d == 0 {
		return
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-s.closed:
	}
}

// endOfReading returns the error that ends reading, or nil where err says
// something about the network or one datagram only.
func (s *portable) endOfReading(err error) error {
	select {
	case <-s.closed:
		return net.ErrClosed
	default:
	}
	var number syscall.Errno
	var timeout net.Error
	switch {
	case errors.Is(err, net.ErrClosed), errors.Is(err, io.EOF), errors.Is(err, io.ErrClosedPipe):
		return net.ErrClosed
	case errors.As(err, &number) && number != syscall.EBADF:
		return nil
	case errors.As(err, &timeout) && timeout.Timeout(), errors.Is(err, io.ErrShortBuffer):
		return nil
	}
	return fmt.Errorf("read from %v: %w", s.LocalAddr(), err)
}

// Flush implements Socket.
func (s *portable) Flush(b *Batch) (dropped int) {
	for i := range b.messages {
		m := &b.messages[i]
		if s.conn.writeTo(m.Data, m.Addr) != nil {
			dropped++
		}
	}
	b.Reset()
	return dropped
}

// WriteTo implements Socket.
func (s *portable) WriteTo(p []byte, to netip.AddrPort) error { return s.conn.writeTo(p, to) }

// Siblings implements Socket.
func (*portable) Siblings(int) []Socket { return nil }

// LocalAddr implements Socket.
func (s *portable) LocalAddr() netip.AddrPort { return s.conn.localAddr() }

// Close implements Socket.
func (s *portable) Close() error {
	s.once.Do(func() {
		close(s.closed)
		s.err = s.conn.Close()
	})
	return s.err
}

// unmap turns an IPv4 address that comes as IPv6 into what it is.
func unmap(a netip.AddrPort) netip.AddrPort { return netip.AddrPortFrom(a.Addr().Unmap(), a.Port()) }

// udpConn reads and writes without allocating.
type udpConn struct{ *net.UDPConn }

func (c udpConn) readFrom(p []byte) (int, netip.AddrPort, error) { return c.ReadFromUDPAddrPort(p) }

func (c udpConn) writeTo(p []byte, to netip.AddrPort) error {
	_, err := c.WriteToUDPAddrPort(p, to)
	return err
}

func (c udpConn) localAddr() netip.AddrPort { return addrPort(c.LocalAddr()) }

// packetConn is any other connection.
type packetConn struct{ net.PacketConn }

func (c packetConn) readFrom(p []byte) (int, netip.AddrPort, error) {
	n, from, err := c.ReadFrom(p)
	return n, addrPort(from), err
}

func (c packetConn) writeTo(p []byte, to netip.AddrPort) error {
	_, err := c.WriteTo(p, net.UDPAddrFromAddrPort(to))
	return err
}

func (c packetConn) localAddr() netip.AddrPort { return addrPort(c.LocalAddr()) }

// addrPort is the address in a *net.UDPAddr, or none.
func addrPort(a net.Addr) netip.AddrPort {
	if u, ok := a.(*net.UDPAddr); ok && u != nil {
		return unmap(u.AddrPort())
	}
	return netip.AddrPort{}
}
