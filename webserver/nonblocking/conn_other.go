//go:build !linux

package nonblocking

import "net"

func wrap(c *net.TCPConn) net.Conn { return c }
