package socket

import (
	"context"
	"net"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// The sockets of one port make a group (SO_REUSEPORT), numbered in the order in
// which they were bound. A program of ours tells the system which of them gets
// a datagram: 0 is the first socket, asideNumber that of RTCP, what follows are
// the siblings of the first.
const asideNumber = 1

// Where a program finds the header of IP, and in it the sender's address (its
// last four bytes) and what follows that header, which begins with the sender's
// port. A header with options has something else there, which differs less
// between senders and does no harm.
const (
	networkHeader = 0x100000000 - 0x100000 // SKF_NET_OFF of linux/filter.h
	address4      = networkHeader + 12
	port4         = networkHeader + 20
	address6      = networkHeader + 20
	port6         = networkHeader + 40
)

// spread is the multiplier of Fibonacci hashing: the upper half of a product
// with it depends on all bits of the other factor.
const spread = 0x9E3779B1

// dealing returns the program of a group that has the given number of sockets
// for media, one of which each sender is dealt: RTCP (RFC 5761, section 4; RFC
// 7983, section 7) is laid aside.
func dealing(sockets int, six bool) []unix.SockFilter {
	const (
		loadByte = unix.BPF_LD | unix.BPF_B | unix.BPF_ABS
		atLeast  = unix.BPF_JMP | unix.BPF_JGE | unix.BPF_K
		answer   = unix.BPF_RET | unix.BPF_K
	)
	program := []unix.SockFilter{
		{Code: loadByte, K: 0},
		{Code: atLeast, K: 128, Jt: 0, Jf: 5},
		{Code: atLeast, K: 192, Jt: 4, Jf: 0},
		{Code: loadByte, K: 1},
		{Code: atLeast, K: 192, Jt: 0, Jf: 2},
		{Code: atLeast, K: 224, Jt: 1, Jf: 0},
		{Code: answer, K: asideNumber},
	}
	if sockets <= 1 {
		return append(program, unix.SockFilter{Code: answer, K: 0})
	}
	address, port := uint32(address4), uint32(port4)
	if six {
		address, port = address6, port6
	}
	return append(program,
		unix.SockFilter{Code: unix.BPF_LD | unix.BPF_W | unix.BPF_ABS, K: address},
		unix.SockFilter{Code: unix.BPF_ALU | unix.BPF_MUL | unix.BPF_K, K: spread},
		unix.SockFilter{Code: unix.BPF_MISC | unix.BPF_TAX},
		unix.SockFilter{Code: unix.BPF_LD | unix.BPF_H | unix.BPF_ABS, K: port},
		unix.SockFilter{Code: unix.BPF_ALU | unix.BPF_ADD | unix.BPF_X},
		unix.SockFilter{Code: unix.BPF_ALU | unix.BPF_MUL | unix.BPF_K, K: spread},
		unix.SockFilter{Code: unix.BPF_ALU | unix.BPF_RSH | unix.BPF_K, K: 16},
		unix.SockFilter{Code: unix.BPF_ALU | unix.BPF_MOD | unix.BPF_K, K: uint32(sockets)},
		unix.SockFilter{Code: unix.BPF_JMP | unix.BPF_JEQ | unix.BPF_K, K: 0, Jt: 1, Jf: 0},
		unix.SockFilter{Code: unix.BPF_ALU | unix.BPF_ADD | unix.BPF_K, K: asideNumber},
		unix.SockFilter{Code: unix.BPF_RET | unix.BPF_A},
	)
}

// deal gives the group of a socket its program.
func deal(fd int, instructions []unix.SockFilter) error {
	program := unix.SockFprog{Len: uint16(len(instructions)), Filter: unsafe.SliceData(instructions)}
	return unix.SetsockoptSockFprog(fd, unix.SOL_SOCKET, unix.SO_ATTACH_REUSEPORT_CBPF, &program)
}

// Siblings implements Socket.
func (s *batched) Siblings(n int) []Socket {
	if s.aside == nil || n <= 0 {
		return nil
	}
	var siblings []Socket
	for range n {
		sibling, err := s.sibling()
		if err != nil {
			break
		}
		siblings = append(siblings, sibling)
	}
	dealt := false
	if len(siblings) == n {
		// Until then they get nothing.
		err := s.raw.Control(func(fd uintptr) { dealt = deal(int(fd), dealing(n+1, s.six)) == nil })
		dealt = dealt && err == nil
	}
	if !dealt {
		for _, sibling := range siblings {
			_ = sibling.Close() // nothing was sent: nothing can be lost
		}
		return nil
	}
	return siblings
}

// sibling opens one more socket of the group.
func (s *batched) sibling() (*batched, error) {
	config := net.ListenConfig{Control: func(_, _ string, c syscall.RawConn) error {
		var failed error
		err := c.Control(func(fd uintptr) {
			failed = unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_REUSEPORT, 1)
		})
		if err != nil {
			return err
		}
		return failed
	}}
	network := "udp4"
	if s.six {
		network = "udp6"
	}
	c, err := config.ListenPacket(context.Background(), network, s.LocalAddr().String())
	if err != nil {
		return nil, err
	}
	udp := c.(*net.UDPConn)
	enlargeBuffers(udp)
	sibling, err := newBatched(udp)
	if err != nil {
		_ = udp.Close() // nothing was sent: nothing can be lost
		return nil, err
	}
	return sibling, nil
}
