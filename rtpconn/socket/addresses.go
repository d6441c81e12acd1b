package socket

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"syscall"
)

// ephemeralAttempts is how often an ephemeral port is drawn until one is free
// on all addresses.
const ephemeralAttempts = 64

// Addresses returns the addresses at which this machine can be reached: those
// of the interfaces that are up, IPv4 first, without link-local ones. Loopback
// addresses count only where there is nothing else.
func Addresses() ([]netip.Addr, error) {
	interfaces, err := net.Interfaces()
	if err != nil {
		return nil, fmt.Errorf("list network interfaces: %w", err)
	}
	var all []netip.Addr
	for _, i := range interfaces {
		if i.Flags&net.FlagUp == 0 {
			continue
		}
		addrs, err := i.Addrs()
		if err != nil {
			continue // the interface has gone in the meantime
		}
		for _, a := range addrs {
			if n, ok := a.(*net.IPNet); ok {
				if addr, ok := netip.AddrFromSlice(n.IP); ok {
					all = append(all, addr.Unmap())
				}
			}
		}
	}
	return reachable(all), nil
}

// reachable is the rule of Addresses.
func reachable(all []netip.Addr) []netip.Addr {
	var v4, v6, loopback []netip.Addr
	seen := make(map[netip.Addr]bool)
	for _, a := range all {
		if seen[a] {
			continue
		}
		seen[a] = true
		switch {
		case a.IsLoopback():
			loopback = append(loopback, a)
		case !a.IsGlobalUnicast(): // link-local, multicast, broadcast, unspecified
		case a.Is4():
			v4 = append(v4, a)
		default:
			v6 = append(v6, a)
		}
	}
	if len(v4)+len(v6) == 0 {
		return loopback
	}
	return append(v4, v6...)
}

// Listener is Listen or ListenPortable.
type Listener func(netip.AddrPort) (Socket, error)

// ListenAll opens one socket per address, all on the same port: the first of
// minPort to maxPort that is free on all of them, or an ephemeral one if both
// are 0. Where there is none, the error wraps syscall.EADDRINUSE.
//
// An address that cannot be bound at all, because it is going or not ready yet,
// is left out, unless none remains.
func ListenAll(listen Listener, addrs []netip.Addr, minPort, maxPort uint16) ([]Socket, error) {
	switch {
	case len(addrs) == 0:
		return nil, errors.New("listen: no addresses")
	case minPort > maxPort || minPort == 0 && maxPort != 0:
		return nil, fmt.Errorf("listen: bad port range %d-%d", minPort, maxPort)
	case maxPort == 0:
		return listenEphemeral(listen, addrs)
	}
	for port := int(minPort); port <= int(maxPort); port++ {
		sockets, err := listenOn(listen, addrs, uint16(port))
		if err == nil || !errors.Is(err, syscall.EADDRINUSE) {
			return sockets, err
		}
	}
	return nil, fmt.Errorf("no UDP port from %d to %d is free on every address: %w", minPort, maxPort, syscall.EADDRINUSE)
}

// listenEphemeral lets the system choose a port and tries it everywhere.
func listenEphemeral(listen Listener, addrs []netip.Addr) ([]Socket, error) {
	for range ephemeralAttempts {
		sockets, err := listenOn(listen, addrs, 0)
		if err == nil || !errors.Is(err, syscall.EADDRINUSE) {
			return sockets, err
		}
	}
	return nil, fmt.Errorf("no ephemeral UDP port is free on every address: %w", syscall.EADDRINUSE)
}

// listenOn opens one socket per address on one port; port 0 is replaced by the
// one that the first socket gets.
func listenOn(listen Listener, addrs []netip.Addr, port uint16) (sockets []Socket, err error) {
	var last error
	for _, a := range addrs {
		s, err := listen(netip.AddrPortFrom(a, port))
		switch {
		case err == nil:
			sockets = append(sockets, s)
			port = s.LocalAddr().Port()
		case errors.Is(err, syscall.EADDRNOTAVAIL), errors.Is(err, syscall.EAFNOSUPPORT):
			last = err
		default:
			for _, s := range sockets {
				_ = s.Close() // nothing was sent: nothing can be lost
			}
			return nil, err
		}
	}
	if len(sockets) == 0 {
		return nil, last
	}
	return sockets, nil
}
