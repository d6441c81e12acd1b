package socket

import "net/netip"

const (
	// MaxDatagram is the size in bytes of the largest datagram that is
	// received whole; longer ones are discarded. It exceeds what fits an
	// Ethernet frame.
	MaxDatagram = 2047
)

// Message is one datagram: one that has arrived from Addr, or one to be sent
// there. Addr is never an IPv4 address in IPv6 clothing; it has a zone only
// where the address is link-local.
type Message struct {
	Data []byte
	Addr netip.AddrPort
}

// Burst is what one Read has brought, and the memory it lies in. It belongs to
// one reader. Messages, and the Data in them, are valid until the next Read;
// Data may be overwritten in place until then.
type Burst struct {
	Messages []Message

	// single is where a socket reads that takes one datagram a call. It has
	// one byte more than MaxDatagram, by which a truncated one shows.
	single [MaxDatagram + 1]byte
	system receiveState
}

// NewBurst returns an empty burst.
func NewBurst() *Burst { return &Burst{} }

// Socket is a place from which datagrams leave and at which they arrive: one
// local address and port, for good.
//
// Read is called by one goroutine at a time; everything else may be called
// from any.
type Socket interface {
	// Read waits until at least one datagram has arrived, and returns what is
	// there. It returns an error only when the socket cannot be read any more:
	// net.ErrClosed after Close. What the network reports about datagrams
	// sent earlier (an ICMP message, say) is not an error.
	Read(*Burst) error
	// ReadAside takes what has arrived that Read does not wait for: RTCP, where
	// the system can tell it apart. Whoever reads media reads it next to them, and
	// is not woken for each report. It waits for nothing; on other systems there
	// never is anything. It is called by one goroutine at a time, with a Burst for
	// this alone, and tells whether there may be more.
	ReadAside(*Burst) (more bool)
	// Flush sends what the batch holds, in order, and empties it. It returns
	// how many datagrams the system did not take; they are lost, as
	// datagrams are. It waits for nothing but, where the system knows no
	// other way, room in its send buffer. A batch is flushed to sockets of one
	// kind.
	Flush(*Batch) (dropped int)
	// WriteTo sends one datagram.
	WriteTo(p []byte, to netip.AddrPort) error
	// LocalAddr is the address and the port that the socket is bound to.
	LocalAddr() netip.AddrPort
	// Siblings opens n more sockets on the same address and port. The system then
	// deals the senders out among all of them; what one sender sends arrives at one
	// of them, always the same. It returns nil where the system cannot do that, and
	// is called at most once, before Read. They are closed singly.
	Siblings(n int) []Socket
	// Close closes the socket and ends a Read in progress. It is idempotent.
	Close() error
}
