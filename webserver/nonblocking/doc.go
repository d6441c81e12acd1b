// Package nonblocking makes TCP connections whose system calls are cheap for a
// server that is mostly idle.
//
// A socket of package net never blocks in the kernel: what it cannot do at once
// is waited for elsewhere. Package syscall announces each call to the scheduler
// all the same, lest it should block. Where the program was idle this wakes
// a thread that watches over such calls, and then looks every 20 µs for as long as
// anything runs (runtime.sysmon): a tenth of the processor time of a client's joining.
//
// The package knows nothing of what the connections carry.
package nonblocking

import "net"

// Listener wraps l: the TCP connections that it accepts read and write without
// telling the scheduler, where the system has a way to do so. They are like those
// of l in everything else; connections of other kinds are handed on as they are.
func Listener(l net.Listener) net.Listener { return listener{l} }

type listener struct{ net.Listener }

// Accept implements net.Listener.
func (l listener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	if c, ok := c.(*net.TCPConn); ok {
		return wrap(c), nil
	}
	return c, nil
}
