package mux

import (
	"net"
	"net/netip"
)

// sourceAddress asks the kernel which of our addresses it would send from.
// Connecting a datagram socket sends nothing.
func sourceAddress(to netip.AddrPort) netip.Addr {
	c, err := net.DialUDP("udp", nil, net.UDPAddrFromAddrPort(to))
	if err != nil {
		return netip.Addr{}
	}
	defer c.Close()
	if a, ok := c.LocalAddr().(*net.UDPAddr); ok {
		return a.AddrPort().Addr().Unmap()
	}
	return netip.Addr{}
}
