package socket

import (
	"net/netip"
	"os"
	"sync"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// single is one datagram on its way to the system. Like maxCalls of them it does not
// go through the scheduler, which would wake a thread for it that watches over
// calls that block (runtime.sysmon).
type single struct {
	data  []byte
	name  unix.RawSockaddrInet6
	size  uint32
	errno syscall.Errno
	// call is send, made once. It returns false to be called again when there is
	// room.
	call func(fd uintptr) bool
}

// singles are used again: what is passed to the system is kept in memory that is not
// a stack.
var singles = sync.Pool{New: func() any {
	d := new(single)
	d.call = d.send
	return d
}}

// WriteTo implements Socket.
func (s *batched) WriteTo(p []byte, to netip.AddrPort) error {
	if to.Addr().Zone() != "" {
		// putAddress knows nothing of interfaces.
		return s.portable.WriteTo(p, to)
	}
	d := singles.Get().(*single)
	defer singles.Put(d)
	d.data = p
	defer func() { d.data = nil }()
	d.size = putAddress(&d.name, to, s.six)
	if err := s.raw.Write(d.call); err != nil {
		return err
	}
	if d.errno != 0 {
		return os.NewSyscallError("sendto", d.errno)
	}
	return nil
}

func (d *single) send(fd uintptr) bool {
	for {
		_, _, d.errno = syscall.RawSyscall6(unix.SYS_SENDTO, fd, uintptr(unsafe.Pointer(unsafe.SliceData(d.data))), uintptr(len(d.data)),
			unix.MSG_DONTWAIT, uintptr(unsafe.Pointer(&d.name)), uintptr(d.size))
		if d.errno != unix.EINTR {
			return d.errno != unix.EAGAIN
		}
	}
}
