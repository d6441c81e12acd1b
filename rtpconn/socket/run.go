package socket

const (
	// maxSegments is how many datagrams the system cuts one call's data into
	// at the most (UDP_MAX_SEGMENTS of Linux).
	maxSegments = 64
	// maxRunBytes is the largest payload of one call: what an IPv6 datagram
	// holds, less its headers.
	maxRunBytes = 65535 - 48
)

// run returns how many of the messages, from the first on, may leave in one
// call, as segments of one large datagram: they go to the same place and are of
// one size, except that the last may be shorter. Messages of a batch lie one
// behind the other in memory, as that demands.
func run(messages []Message) int {
	first := &messages[0]
	size := len(first.Data)
	if size == 0 {
		return 1
	}
	most := min(len(messages), maxSegments, max(1, maxRunBytes/size))
	for n := 1; n < most; n++ {
		m := &messages[n]
		if m.Addr != first.Addr || len(m.Data) > size || len(m.Data) == 0 {
			return n
		}
		if len(m.Data) < size {
			return n + 1
		}
	}
	return most
}
