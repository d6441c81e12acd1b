package mux

import (
	"net/netip"
	"sync/atomic"
	"time"

	"galene/rtpconn/socket"
)

// Receiver is a connection that media datagrams belong to.
type Receiver interface {
	// Receive takes one datagram of media, which it may change in place and
	// must not keep. The caller of Route decides under which lock.
	Receive(datagram []byte, from Path, now time.Duration)
}

// Media is one datagram of media and whose it is.
type Media struct {
	To       Receiver
	Datagram []byte
	From     Path
}

// Mux routes the datagrams of a set of sockets that all listen on one port.
// Its methods may be called from any goroutine.
type Mux struct {
	sockets []socket.Socket
	// clock returns the time since the start of the engine.
	clock func() time.Duration
	table table
	// misdirected counts what the library tried to send by itself besides STUN.
	misdirected atomic.Uint64
	// unclaimed counts datagrams that belong to nobody.
	unclaimed atomic.Uint64
}

// New makes a mux for the sockets; it does not read them, see Route.
func New(sockets []socket.Socket, clock func() time.Duration) *Mux {
	return &Mux{sockets: sockets, clock: clock, table: newTable()}
}

// Misdirected is the number of datagrams other than STUN that the library behind
// the views tried to send and that were dropped: it should stay 0.
func (m *Mux) Misdirected() uint64 { return m.misdirected.Load() }

// Unclaimed is the number of datagrams that were dropped because they belong
// to no connection.
func (m *Mux) Unclaimed() uint64 { return m.unclaimed.Load() }

// Route hands the STUN and DTLS datagrams of a burst from the given socket to
// their views, and appends the media to into, in order of arrival.
func (m *Mux) Route(socketIndex int, b *socket.Burst, now time.Duration, into []Media) []Media {
	m.table.mu.RLock()
	defer m.table.mu.RUnlock()
	for i := range b.Messages {
		d := b.Messages[i].Data
		p := Path{socketIndex, b.Messages[i].Addr}
		if len(d) == 0 {
			continue
		}
		switch {
		case d[0] >= 128 && d[0] < 192:
			c := m.table.claims[p]
			if c == nil {
				m.unclaimed.Add(1)
				continue
			}
			c.seen(now)
			into = append(into, Media{c.view.receiver, d, p})
		case d[0] >= 20 && d[0] < 64:
			c := m.table.claims[p]
			if c == nil {
				m.unclaimed.Add(1)
				continue
			}
			c.seen(now)
			c.view.receiveDTLS(d, p)
		case d[0] < 4:
			m.routeSTUN(d, p, now)
		}
	}
	return into
}

// routeSTUN is called with the table's lock held for reading.
func (m *Mux) routeSTUN(d []byte, p Path, now time.Duration) {
	s, ok := parseSTUN(d)
	if !ok || s.method != methodBinding {
		return
	}
	var v *View
	switch s.class {
	case classRequest:
		v = m.table.ufrags[string(s.localUfrag())]
	case classSuccess, classError:
		v = m.table.transactions[s.id]
	case classIndication:
		if c := m.table.claims[p]; c != nil {
			v = c.view
		}
	}
	if v == nil {
		m.unclaimed.Add(1)
		return
	}
	if c := m.table.claims[p]; c != nil && c.view == v {
		c.seen(now)
	}
	v.receiveSTUN(d, &s, p, now)
}

// Expire forgets claims of addresses that have long been silent; to be called
// every few seconds.
func (m *Mux) Expire() { m.table.expire(m.clock()) }

// send writes what the library sends; errors are those of an unreliable
// network.
func (m *Mux) send(p Path, datagram []byte) {
	// A datagram that cannot be sent is a lost datagram: STUN and DTLS repeat.
	_ = m.sockets[p.Socket].WriteTo(datagram, p.Addr)
}

// route chooses a socket for an address that nothing came from yet: the only one
// of its family, or of several the one with the source address that the kernel
// would choose, else the first. ok is false when there is none.
func (m *Mux) route(to netip.AddrPort) (socketIndex int, ok bool) {
	var family []int
	for i, s := range m.sockets {
		if s.LocalAddr().Addr().Unmap().Is4() == to.Addr().Unmap().Is4() {
			family = append(family, i)
		}
	}
	switch len(family) {
	case 0:
		return 0, false
	case 1:
		return family[0], true
	}
	source := sourceAddress(to)
	for _, i := range family {
		if m.sockets[i].LocalAddr().Addr().Unmap() == source {
			return i, true
		}
	}
	return family[0], true
}
