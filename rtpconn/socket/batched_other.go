//go:build !linux

package socket

import "net"

// receiveState and sendState are of use on Linux.
type (
	receiveState struct{}
	sendState    struct{}
)

// newSocket makes the best Socket of the system out of a connection.
func newSocket(c *net.UDPConn) (Socket, error) {
	return &portable{conn: udpConn{c}, closed: make(chan struct{})}, nil
}
