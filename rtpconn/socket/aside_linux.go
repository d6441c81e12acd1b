package socket

import (
	"net"
	"net/netip"
	"sync"

	"golang.org/x/sys/unix"
)

// asideBuffer is what is asked of the system for datagrams that have been laid
// aside, in bytes.
const asideBuffer = 1 << 20

// aside is a second socket on the port of another one, to which the system
// gives what is RTCP: nobody waits for it, so it wakes nobody.
type aside struct {
	// mu guards what follows.
	mu sync.Mutex
	// fd is -1 once it is closed.
	fd int
}

// layAside opens the second socket of c, nil where the system cannot.
//
// The first one was bound for itself alone, so a port that is in use was an
// error; only then it is said that it shares the port, which makes the two a
// group (SO_REUSEPORT). Another program cannot join it unless it does the same
// and is the same user's.
func layAside(c *net.UDPConn) *aside {
	raw, err := c.SyscallConn()
	if err != nil {
		return nil
	}
	local := addrPort(c.LocalAddr())
	if local.Addr().Zone() != "" {
		return nil
	}
	var a *aside
	if err := raw.Control(func(fd uintptr) {
		if unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_REUSEPORT, 1) != nil {
			return
		}
		if a = openAside(local); a == nil {
			_ = unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_REUSEPORT, 0)
		}
	}); err != nil {
		return nil
	}
	return a
}

// openAside returns nil if anything fails.
func openAside(local netip.AddrPort) *aside {
	family := unix.AF_INET
	var address unix.Sockaddr = &unix.SockaddrInet4{Port: int(local.Port())}
	if local.Addr().Is4() {
		address = &unix.SockaddrInet4{Port: int(local.Port()), Addr: local.Addr().As4()}
	} else {
		family, address = unix.AF_INET6, &unix.SockaddrInet6{Port: int(local.Port()), Addr: local.Addr().As16()}
	}
	fd, err := unix.Socket(family, unix.SOCK_DGRAM|unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil
	}
	steps := []func() error{
		func() error { return unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_REUSEPORT, 1) },
		func() error {
			if family == unix.AF_INET6 {
				return unix.SetsockoptInt(fd, unix.IPPROTO_IPV6, unix.IPV6_V6ONLY, 1)
			}
			return nil
		},
		func() error { return unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_RCVBUF, asideBuffer) },
		func() error { return unix.Bind(fd, address) },
		// Until then either socket gets anything, which is no harm.
		func() error { return deal(fd, dealing(1, family == unix.AF_INET6)) },
	}
	for _, step := range steps {
		if step() != nil {
			_ = unix.Close(fd)
			return nil
		}
	}
	return &aside{fd: fd}
}

// read takes what is there into the burst, and tells whether there may be more.
func (a *aside) read(b *Burst) (more bool) {
	r := &b.system
	r.prepare(false)
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.fd < 0 || !r.receive(uintptr(a.fd)) || r.err != nil {
		return false
	}
	for i := range r.headers[:r.count] {
		b.Messages = r.split(b.Messages, i)
	}
	return r.count == len(r.headers)
}

func (a *aside) close() {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.fd >= 0 {
		_ = unix.Close(a.fd) // nothing was sent: nothing can be lost
		a.fd = -1
	}
}

// ReadAside implements Socket.
func (s *batched) ReadAside(b *Burst) (more bool) {
	b.Messages = b.Messages[:0]
	return s.aside != nil && s.aside.read(b)
}

// Close implements Socket.
func (s *batched) Close() error {
	if s.aside != nil {
		s.aside.close()
	}
	return s.portable.Close()
}
