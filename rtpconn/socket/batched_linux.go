package socket

import (
	"encoding/binary"
	"fmt"
	"net"
	"net/netip"
	"sync/atomic"
	"syscall"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// maxCalls bounds the messages of one recvmmsg or sendmmsg. These calls do not
// go through the scheduler, which more of them would keep waiting.
const maxCalls = 32

// maxRefusals is how many runs may be refused, none taken in between, before a
// socket sends datagrams one by one for good.
const maxRefusals = 16

// mmsghdr is the structure of the same name of recvmmsg(2); the padding that C
// has behind it is what Go gives it too.
type mmsghdr struct {
	header unix.Msghdr
	length uint32
}

// batched is a Socket that reads and sends many datagrams a call, and lets the
// kernel cut runs of equal ones to one receiver into datagrams (UDP_SEGMENT),
// and those that arrive in such runs into one (UDP_GRO), where it can.
type batched struct {
	portable
	raw syscall.RawConn
	// aside is where RTCP arrives; nil where it arrives with all else.
	aside *aside
	// six tells an IPv6 socket.
	six bool
	// coalesced is set where received datagrams may come glued together.
	coalesced bool
	// segmented is set while runs are sent in one piece.
	segmented atomic.Bool
	refusals  atomic.Int32
	// transmit is sendmmsg, but for tests.
	transmit func(b *batched, s *sendState) error
}

var _ Socket = (*batched)(nil)

// newSocket makes the best Socket of the system out of a connection.
func newSocket(c *net.UDPConn) (Socket, error) {
	s, err := newBatched(c)
	if err != nil {
		return nil, err
	}
	s.aside = layAside(c)
	return s, nil
}

// newBatched is newSocket, but RTCP arrives with all else.
func newBatched(c *net.UDPConn) (*batched, error) {
	raw, err := c.SyscallConn()
	if err != nil {
		return nil, fmt.Errorf("get at the socket: %w", err)
	}
	s := &batched{
		portable: portable{conn: udpConn{c}, closed: make(chan struct{})},
		raw:      raw, transmit: sendmmsg,
	}
	s.six = s.LocalAddr().Addr().Is6()
	if err := raw.Control(func(fd uintptr) {
		_, err := unix.GetsockoptInt(int(fd), unix.IPPROTO_UDP, unix.UDP_SEGMENT)
		s.segmented.Store(err == nil)
		s.coalesced = unix.SetsockoptInt(int(fd), unix.IPPROTO_UDP, unix.UDP_GRO, 1) == nil
	}); err != nil {
		return nil, fmt.Errorf("get at the socket: %w", err)
	}
	return s, nil
}

// control is the ancillary data of a message: the size of its segments. The
// kernel reads two bytes of it and writes four.
type control struct {
	header unix.Cmsghdr
	size   [8]byte
}

// receiveState is what one Read hands to the system. It belongs to a Burst.
type receiveState struct {
	headers  []mmsghdr
	vectors  []unix.Iovec
	names    []unix.RawSockaddrInet6
	controls []control
	arena    []byte
	slot     int
	// call is receive, made once.
	call  func(fd uintptr) bool
	count int
	err   error
}

// prepare lays out the memory for a socket: room for whatever UDP_GRO makes of
// datagrams, or for single ones. Pages that no datagram reaches are never
// touched.
func (r *receiveState) prepare(coalesced bool) {
	if r.call != nil {
		return
	}
	n := maxCalls
	r.slot = MaxDatagram + 1
	if coalesced {
		n, r.slot = maxCalls/2, 1<<16
	}
	r.headers, r.vectors = make([]mmsghdr, n), make([]unix.Iovec, n)
	r.names, r.controls = make([]unix.RawSockaddrInet6, n), make([]control, n)
	r.arena = make([]byte, n*r.slot)
	for i := range r.headers {
		r.vectors[i].Base = &r.arena[i*r.slot]
		r.vectors[i].SetLen(r.slot)
		h := &r.headers[i].header
		h.Iov = &r.vectors[i]
		h.SetIovlen(1)
		h.Name = (*byte)(unsafe.Pointer(&r.names[i]))
		h.Control = (*byte)(unsafe.Pointer(&r.controls[i]))
	}
	r.count = n
	r.call = r.receive
}

// receive takes what has arrived; it returns false if that is nothing, to be
// called again when there is something.
func (r *receiveState) receive(fd uintptr) bool {
	for i := range r.headers[:r.count] {
		h := &r.headers[i].header
		h.Namelen = unix.SizeofSockaddrInet6
		h.SetControllen(int(unsafe.Sizeof(control{})))
		h.Flags = 0
	}
	r.count = 0
	for {
		n, _, errno := syscall.RawSyscall6(unix.SYS_RECVMMSG, fd, uintptr(unsafe.Pointer(&r.headers[0])),
			uintptr(len(r.headers)), unix.MSG_DONTWAIT, 0, 0)
		switch errno {
		case 0:
			r.count, r.err = int(n), nil
			return true
		case unix.EINTR:
		case unix.EAGAIN:
			return false
		default:
			r.err = errno
			return true
		}
	}
}

// Read implements Socket.
func (s *batched) Read(b *Burst) error {
	r := &b.system
	r.prepare(s.coalesced)
	for pause := time.Duration(0); ; {
		b.Messages = b.Messages[:0]
		err := s.raw.Read(r.call)
		if err == nil {
			err = r.err
		}
		if err != nil {
			if err := s.endOfReading(err); err != nil {
				return err
			}
			s.rest(pause)
			pause = min(2*pause+time.Millisecond, maxPause)
			continue
		}
		for i := range r.headers[:r.count] {
			b.Messages = r.split(b.Messages, i)
		}
		if len(b.Messages) > 0 {
			return nil
		}
	}
}

// split appends the datagrams of the received message i.
func (r *receiveState) split(messages []Message, i int) []Message {
	h := &r.headers[i]
	from, ok := address(&r.names[i])
	if !ok || h.header.Flags&unix.MSG_TRUNC != 0 {
		return messages
	}
	length := int(h.length)
	data := r.arena[i*r.slot:][:length:length]
	size := length
	if c := &r.controls[i]; h.header.Controllen > 0 && c.header.Level == unix.IPPROTO_UDP && c.header.Type == unix.UDP_GRO {
		size = int(binary.NativeEndian.Uint32(c.size[:]))
	}
	if size > MaxDatagram || size <= 0 && length > 0 {
		return messages
	}
	if length == 0 {
		return append(messages, Message{Data: data, Addr: from})
	}
	for start := 0; start < length; start += size {
		end := min(start+size, length)
		messages = append(messages, Message{Data: data[start:end:end], Addr: from})
	}
	return messages
}

// sendState is what one Flush hands to the system. It belongs to a Batch.
type sendState struct {
	headers  [maxCalls]mmsghdr
	vectors  [maxCalls]unix.Iovec
	names    [maxCalls]unix.RawSockaddrInet6
	controls [maxCalls]control
	// runs are the numbers of datagrams of each message; length is how many
	// messages there are.
	runs   [maxCalls]int
	length int
	// call is send, made once; sent and errno are its results.
	call  func(fd uintptr)
	sent  int
	errno syscall.Errno
}

// fill makes messages of as many datagrams as there is room for. The first
// singly datagrams are not joined to runs, nor is any if segmented is false.
func (s *sendState) fill(messages []Message, six, segmented bool, singly int) {
	s.length = 0
	for len(messages) > 0 && s.length < maxCalls {
		i, n := s.length, 1
		if segmented && singly <= 0 {
			n = run(messages)
		}
		size := len(messages[0].Data)
		total := 0
		for j := range n {
			total += len(messages[j].Data)
		}
		s.vectors[i].Base = unsafe.SliceData(messages[0].Data)
		s.vectors[i].SetLen(total)
		h := &s.headers[i].header
		*h = unix.Msghdr{Iov: &s.vectors[i], Name: (*byte)(unsafe.Pointer(&s.names[i]))}
		h.SetIovlen(1)
		h.Namelen = putAddress(&s.names[i], messages[0].Addr, six)
		if n > 1 {
			c := &s.controls[i]
			c.header.Level, c.header.Type = unix.IPPROTO_UDP, unix.UDP_SEGMENT
			c.header.SetLen(unix.CmsgLen(2))
			binary.NativeEndian.PutUint16(c.size[:], uint16(size))
			h.Control = (*byte)(unsafe.Pointer(c))
			h.SetControllen(unix.CmsgSpace(2))
		}
		s.runs[i] = n
		s.length++
		messages = messages[n:]
		singly -= n
	}
}

// send passes the messages to the system, which takes some of them.
func (s *sendState) send(fd uintptr) {
	n, _, errno := syscall.RawSyscall6(unix.SYS_SENDMMSG, fd, uintptr(unsafe.Pointer(&s.headers[0])),
		uintptr(s.length), unix.MSG_DONTWAIT, 0, 0)
	s.sent, s.errno = int(n), errno
	if errno != 0 {
		s.sent = 0
	}
}

// sendmmsg sends what s holds: sent says how many messages were taken, errno
// what is wrong with the first one where that is none.
func sendmmsg(b *batched, s *sendState) error {
	if s.call == nil {
		s.call = s.send
	}
	return b.raw.Control(s.call)
}

// Flush implements Socket. It never waits: what does not fit the buffer of the
// system is lost.
func (s *batched) Flush(b *Batch) (dropped int) {
	state := &b.system
	singly := 0
	for rest := b.messages; len(rest) > 0; {
		state.fill(rest, s.six, s.segmented.Load(), singly)
		if err := s.transmit(s, state); err != nil {
			dropped += len(rest)
			break
		}
		for i := range state.sent {
			n := state.runs[i]
			if n > 1 {
				s.refusals.Store(0)
			}
			rest = rest[n:]
			singly = max(0, singly-n)
		}
		if state.sent > 0 {
			continue
		}
		n := state.runs[0]
		switch {
		case state.errno == unix.EINTR:
		case state.errno == unix.EAGAIN || state.errno == unix.ENOBUFS:
			dropped += len(rest)
			rest = nil
		case n > 1 && s.refuses(state.errno):
			singly = n
		default:
			dropped += n
			rest = rest[n:]
			singly = max(0, singly-n)
		}
	}
	b.Reset()
	return dropped
}

// refuses tells whether an error may be about a run being one. EIO is a device
// that cannot do without checksums of its own; others may concern one path
// only, where segments are larger than it takes.
func (s *batched) refuses(errno syscall.Errno) bool {
	switch errno {
	case unix.EIO:
		s.segmented.Store(false)
		return true
	case unix.EINVAL, unix.EMSGSIZE:
		if s.refusals.Add(1) >= maxRefusals {
			s.segmented.Store(false)
		}
		return true
	}
	return false
}

// address reads a socket address; ok is false if it is neither IPv4 nor IPv6.
// Sockets are not bound to link-local addresses, so there is no zone.
func address(name *unix.RawSockaddrInet6) (a netip.AddrPort, ok bool) {
	switch name.Family {
	case unix.AF_INET:
		four := (*unix.RawSockaddrInet4)(unsafe.Pointer(name))
		return netip.AddrPortFrom(netip.AddrFrom4(four.Addr), swapped(four.Port)), true
	case unix.AF_INET6:
		return netip.AddrPortFrom(netip.AddrFrom16(name.Addr).Unmap(), swapped(name.Port)), true
	}
	return netip.AddrPort{}, false
}

// putAddress writes the address for a socket of its kind and returns its size;
// one of the other kind becomes one that the system refuses.
func putAddress(name *unix.RawSockaddrInet6, a netip.AddrPort, six bool) uint32 {
	ip := a.Addr()
	switch {
	case six && ip.Is6():
		*name = unix.RawSockaddrInet6{Family: unix.AF_INET6, Port: swapped(a.Port()), Addr: ip.As16()}
		return unix.SizeofSockaddrInet6
	case !six && ip.Is4():
		four := (*unix.RawSockaddrInet4)(unsafe.Pointer(name))
		*four = unix.RawSockaddrInet4{Family: unix.AF_INET, Port: swapped(a.Port()), Addr: ip.As4()}
		return unix.SizeofSockaddrInet4
	}
	*name = unix.RawSockaddrInet6{Family: unix.AF_UNIX}
	return unix.SizeofSockaddrInet6
}

// swapped turns a port between the order of this machine and that of the
// network.
func swapped(port uint16) uint16 {
	var b [2]byte
	binary.BigEndian.PutUint16(b[:], port)
	return binary.NativeEndian.Uint16(b[:])
}
