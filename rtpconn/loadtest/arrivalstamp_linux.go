package loadtest

import (
	"net"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// controlSize is room for one time stamp.
const controlSize = 64

// stampArrivals has the system say when each datagram came; false if it cannot.
func stampArrivals(c *net.UDPConn) bool {
	raw, err := c.SyscallConn()
	if err != nil {
		return false
	}
	stamps := false
	err = raw.Control(func(fd uintptr) {
		stamps = unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_TIMESTAMPNS, 1) == nil
	})
	return err == nil && stamps
}

// stampIn returns the time stamp in ancillary data.
func stampIn(control []byte) (at time.Time, ok bool) {
	const want = unix.SizeofCmsghdr + int(unsafe.Sizeof(unix.Timespec{}))
	if len(control) < want {
		return at, false
	}
	header := (*unix.Cmsghdr)(unsafe.Pointer(unsafe.SliceData(control)))
	if header.Level != unix.SOL_SOCKET || header.Type != unix.SCM_TIMESTAMPNS || int(header.Len) < want {
		return at, false
	}
	stamp := (*unix.Timespec)(unsafe.Pointer(&control[unix.SizeofCmsghdr]))
	return time.Unix(stamp.Unix()), true
}
