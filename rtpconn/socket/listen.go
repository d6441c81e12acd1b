package socket

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"syscall"
)

// kernelBuffer is what is asked of the system for each direction, in bytes: a
// second of a few megabits to each of fifty subscribers. The system may grant
// less.
const kernelBuffer = 4 << 20

// Listen opens a UDP socket, of the kind that costs least on this system. An
// IPv6 socket, even on the unspecified address, takes no IPv4. The error of a
// port that is taken wraps syscall.EADDRINUSE.
func Listen(addr netip.AddrPort) (Socket, error) {
	c, err := listenUDP(addr)
	if err != nil {
		return nil, err
	}
	s, err := newSocket(c)
	if err != nil {
		_ = c.Close() // nothing was sent: nothing can be lost
		return nil, err
	}
	return s, nil
}

// ListenPortable is Listen, but with one datagram a call, as on systems that
// know no better.
func ListenPortable(addr netip.AddrPort) (Socket, error) {
	c, err := listenUDP(addr)
	if err != nil {
		return nil, err
	}
	return &portable{conn: udpConn{c}, closed: make(chan struct{})}, nil
}

func listenUDP(addr netip.AddrPort) (*net.UDPConn, error) {
	network := "udp6"
	if addr.Addr().Unmap().Is4() {
		network = "udp4"
		addr = netip.AddrPortFrom(addr.Addr().Unmap(), addr.Port())
	}
	c, err := net.ListenUDP(network, net.UDPAddrFromAddrPort(addr))
	if err != nil {
		return nil, fmt.Errorf("listen on UDP %v: %w", addr, named(err))
	}
	enlargeBuffers(c)
	return c, nil
}

// wsaAddressInUse is how Windows says that a port is taken (WSAEADDRINUSE): what package
// syscall calls EADDRINUSE there is a number that no system ever returns.
const wsaAddressInUse = syscall.Errno(10048)

// named returns an error under the name by which it goes on other systems.
func named(err error) error {
	if errors.Is(err, wsaAddressInUse) {
		return syscall.EADDRINUSE
	}
	return err
}

// enlargeBuffers asks for more than the default, which loses bursts. What the
// system does not grant is done without.
func enlargeBuffers(c *net.UDPConn) {
	_ = c.SetReadBuffer(kernelBuffer)
	_ = c.SetWriteBuffer(kernelBuffer)
}
