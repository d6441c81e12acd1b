//go:build !linux

package loadtest

import (
	"net"
	"time"
)

const controlSize = 0

// stampArrivals says that datagrams count as arriving when they are read.
func stampArrivals(*net.UDPConn) bool { return false }

func stampIn([]byte) (at time.Time, ok bool) { return at, false }
