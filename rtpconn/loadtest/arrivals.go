package loadtest

import (
	"encoding/binary"
	"net"
	"sync"
	"time"

	piontransport "github.com/pion/transport/v2"
)

// arrivals remembers when the latest packets of a subscriber reached this
// machine. The clients of a load test share processors with each other, and
// often with the server: when they get round to a packet says more about them
// than about who forwarded it.
type arrivals struct {
	// mu guards what follows; it is taken twice for each packet.
	mu     sync.Mutex
	recent [rememberedArrivals]arrival
}

// rememberedArrivals is far more than wait to be looked at, a power of two.
const rememberedArrivals = 1024

type arrival struct {
	ssrc     uint32
	sequence uint16
	time     time.Duration
}

func slotOf(ssrc uint32, sequence uint16) uint32 {
	return (ssrc ^ uint32(sequence)) % rememberedArrivals
}

// note remembers when an RTP datagram, whose header nobody encrypts, came.
func (a *arrivals) note(datagram []byte, at time.Duration) {
	const header = 12
	if len(datagram) < header || datagram[0]>>6 != 2 {
		return
	}
	n := arrival{binary.BigEndian.Uint32(datagram[8:]), binary.BigEndian.Uint16(datagram[2:]), at}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.recent[slotOf(n.ssrc, n.sequence)] = n
}

// of returns when a packet came, or now where that is not known.
func (a *arrivals) of(ssrc uint32, sequence uint16, now time.Duration) time.Duration {
	a.mu.Lock()
	defer a.mu.Unlock()
	if n := a.recent[slotOf(ssrc, sequence)]; n.ssrc == ssrc && n.sequence == sequence && n.time > 0 {
		return n.time
	}
	return now
}

// timedNet makes UDP sockets that tell arrivals when each datagram came.
type timedNet struct {
	piontransport.Net
	arrivals *arrivals
	epoch    time.Time
}

// ListenUDP implements the library's Net.
func (n timedNet) ListenUDP(network string, address *net.UDPAddr) (piontransport.UDPConn, error) {
	c, err := n.Net.ListenUDP(network, address)
	if err != nil {
		return nil, err
	}
	system, ok := c.(*net.UDPConn)
	if !ok || !stampArrivals(system) {
		return c, nil
	}
	return &timedConn{UDPConn: system, net: n, control: make([]byte, controlSize)}, nil
}

// timedConn is read by one goroutine.
type timedConn struct {
	*net.UDPConn
	net     timedNet
	control []byte
}

// ReadFrom implements net.PacketConn.
func (c *timedConn) ReadFrom(p []byte) (int, net.Addr, error) {
	n, controlled, _, from, err := c.ReadMsgUDP(p, c.control)
	if err != nil {
		return n, nil, err
	}
	if stamp, ok := stampIn(c.control[:controlled]); ok {
		// The stamp is of the wall clock: how long ago it was is what counts.
		now := time.Now()
		if ago := now.Sub(stamp); ago >= 0 && ago < time.Second {
			c.net.arrivals.note(p[:n], now.Sub(c.net.epoch)-ago)
		}
	}
	return n, from, nil
}
