package nonblocking

import (
	"io"
	"net"
	"os"
	"sync"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// maxTransfer is how many bytes one call moves at most. A call does not give its
// processor to others, so it is to be short.
const maxTransfer = 64 << 10

// conn is a TCP connection that reads and writes by system calls of its own.
type conn struct {
	*net.TCPConn
	raw syscall.RawConn
	// reading and writing are for one call at a time each, as in package net.
	reading, writing transfer
}

// wrap returns c itself if the system does not let it be got at.
func wrap(c *net.TCPConn) net.Conn {
	raw, err := c.SyscallConn()
	if err != nil {
		return c
	}
	w := &conn{TCPConn: c, raw: raw}
	w.reading.call, w.writing.call = w.reading.read, w.writing.write
	return w
}

// transfer is a Read or a Write in progress.
type transfer struct {
	// mu guards what follows, but for call, which never changes. It is held for
	// as long as the connection is waited for: by then the next of its kind would
	// have to wait in any case. What ends waiting, a deadline or Close, takes no lock.
	mu    sync.Mutex
	data  []byte
	moved int
	err   error
	// call is read or write. It returns false to be called again once the socket
	// is ready.
	call func(fd uintptr) bool
}

// Read implements net.Conn.
func (c *conn) Read(p []byte) (int, error) {
	t := &c.reading
	t.mu.Lock()
	defer t.mu.Unlock()
	if err := t.run(c.raw.Read, p); err != nil {
		return 0, c.operationError("read", err)
	}
	if t.moved == 0 && len(p) > 0 {
		return 0, io.EOF
	}
	return t.moved, nil
}

// Write implements net.Conn.
func (c *conn) Write(p []byte) (int, error) {
	t := &c.writing
	t.mu.Lock()
	defer t.mu.Unlock()
	if err := t.run(c.raw.Write, p); err != nil {
		return t.moved, c.operationError("write", err)
	}
	return t.moved, nil
}

// run has the connection call t when it is ready, until that is done. The caller
// holds t.mu.
func (t *transfer) run(wait func(func(fd uintptr) bool) error, p []byte) error {
	t.data, t.moved, t.err = p, 0, nil
	defer func() { t.data = nil }()
	if err := wait(t.call); err != nil {
		return cause(err)
	}
	return t.err
}

// read takes what is there.
func (t *transfer) read(fd uintptr) bool {
	n, errno := once(unix.SYS_READ, fd, t.data)
	if errno == unix.EAGAIN {
		return false
	}
	t.moved, t.err = n, failure("read", errno)
	return true
}

// write passes on as much as there is room for.
func (t *transfer) write(fd uintptr) bool {
	for t.moved < len(t.data) {
		n, errno := once(unix.SYS_WRITE, fd, t.data[t.moved:])
		if errno == unix.EAGAIN {
			return false
		}
		if t.err = failure("write", errno); t.err != nil {
			return true
		}
		t.moved += n
	}
	return true
}

// once reads or writes some of p. It does not wait: the socket is a non-blocking
// one.
func once(number, fd uintptr, p []byte) (int, syscall.Errno) {
	p = p[:min(len(p), maxTransfer)]
	for {
		n, _, errno := syscall.RawSyscall(number, fd, uintptr(unsafe.Pointer(unsafe.SliceData(p))), uintptr(len(p)))
		switch errno {
		case 0:
			return int(n), 0
		case unix.EINTR:
		default:
			return 0, errno
		}
	}
}

func failure(call string, errno syscall.Errno) error {
	if errno == 0 {
		return nil
	}
	return os.NewSyscallError(call, errno)
}

// cause is what package net says of the waiting, without the name of the
// operation that it has for it.
func cause(err error) error {
	if o, ok := err.(*net.OpError); ok {
		return o.Err
	}
	return err
}

// operationError is an error as package net would have it.
func (c *conn) operationError(operation string, err error) error {
	return &net.OpError{Op: operation, Net: "tcp", Source: c.LocalAddr(), Addr: c.RemoteAddr(), Err: err}
}
