package transportcc

import (
	"encoding/binary"
	"errors"
	"time"
	"unsafe"

	"galene/rtpconn/prefetch"
)

// ErrMalformed is returned for feedback that contradicts itself.
var ErrMalformed = errors.New("malformed transport feedback")

// Result is what has become of one packet that was sent.
type Result struct {
	// Sent is when it left, by our clock; Arrival is when it arrived, by a
	// clock that has another zero, and means nothing where Received is false.
	Sent, Arrival time.Duration
	// Size is in bytes; Offset is how many had been sent before it to the same
	// client, in all its connections, modulo 2^32.
	Size     int
	Offset   uint32
	Received bool
	// Again tells that it was sent more than once: Sent is the first time, and
	// Arrival that of any.
	Again bool
	// Late tells of a packet received that had been told of as lost: others had
	// overtaken it.
	Late bool
	// Probe is the cluster of a probe that it belonged to, 0 if none.
	Probe uint8
}

// sent is a packet that was sent. One that has been told of as received has the
// size 0.
type sent struct {
	at     time.Duration
	offset uint32
	size   uint16
	probe  uint8
	marks  marks
}

// marks are what has become of a packet, in one byte: many packets are remembered.
type marks uint8

const (
	// again: it was sent more than once.
	again marks = 1 << iota
	// lost: it has been told of as lost.
	lost
)

const (
	// firstWindow is how many packets a History remembers at first: one that
	// nobody needs longer than that takes little memory.
	firstWindow = 256
	// remembered is how long a packet that has not been told of as received
	// should be remembered: where more waits on the way than that, nothing would be
	// known of a line just when there is too much for it.
	remembered = 3 * time.Second
)

// History remembers what was sent: the last 256 packets, and more, up to 2048,
// where that is less than three seconds'. The zero value is ready.
type History struct {
	// packets are by number modulo their length, a power of two.
	packets []sent
	// next is the next number to be given out, unwrapped.
	next int64
	// reference is the last reference time, in its unit, unwrapped.
	reference int64
}

// Next gives out the number of a packet that leaves now, of size bytes, at most 65,535, and
// at an offset in what the client has been sent.
func (h *History) Next(size int, offset uint32, probe uint8, now time.Duration) uint16 {
	n := h.next
	if len(h.packets) < window && h.full(now) {
		h.grow()
	}
	h.next++
	*h.slot(n) = sent{at: now, offset: offset, size: uint16(size), probe: probe}
	return uint16(n)
}

// Prefetch asks the processor for where the next packet will be remembered. See
// package prefetch.
func (h *History) Prefetch() {
	if len(h.packets) > 0 {
		prefetch.Range(h.slot(h.next), 0, unsafe.Sizeof(sent{}))
	}
}

// slot is where a packet is remembered.
func (h *History) slot(n int64) *sent { return &h.packets[n&int64(len(h.packets)-1)] }

// full tells whether the next packet would take the place of one that should
// still be remembered.
func (h *History) full(now time.Duration) bool {
	if len(h.packets) == 0 {
		return true
	}
	oldest := h.slot(h.next)
	return oldest.size != 0 && now-oldest.at < remembered
}

// grow makes room for twice as many packets, which happens three times at most.
func (h *History) grow() {
	old := *h
	h.packets = make([]sent, max(firstWindow, 2*len(old.packets)))
	for n := max(0, h.next-int64(len(old.packets))); n < h.next; n++ {
		*h.slot(n) = *old.slot(n)
	}
}

// Again says that the packet of a number leaves again, as it was. Which of the two
// arrived cannot be told.
func (h *History) Again(number uint16) {
	n := h.next - 1 + int64(int16(number-uint16(h.next-1)))
	if n >= h.next-int64(len(h.packets)) && n < h.next {
		h.slot(n).marks |= again
	}
}

// Statuses is how many packets that may be remembered a message, an RTCP packet with its
// header that IsFeedback has accepted, claims to tell of.
func Statuses(packet []byte) int {
	return min(int(binary.BigEndian.Uint16(packet[14:])), window)
}

// Feedback reads a message, an RTCP packet with its header, and appends what
// has become of the packets that it tells of, in the order of their numbers, to
// results. Packets that are not remembered, or of which it has been told that
// they were received, are left out, and so is what is told again of lost ones. What a
// message says of ever so many that are not remembered takes no time.
func (h *History) Feedback(packet []byte, results []Result) ([]Result, error) {
	packet, err := body(packet)
	if err != nil {
		return results, err
	}
	base, count := binary.BigEndian.Uint16(packet[12:]), int(binary.BigEndian.Uint16(packet[14:]))
	at := h.unwrap(binary.BigEndian.Uint32(packet[16:])>>8) * int64(referenceUnit)
	deltas, err := chunks(packet[headerSize:], count)
	if err != nil {
		return results, err
	}
	n := h.next - 1 + int64(int16(base-uint16(h.next-1)))
	oldest := h.next - int64(len(h.packets))
	reader := symbolReader{data: packet[headerSize:]}
	for end := n + int64(count); n < min(end, h.next); {
		if passed := reader.pass(oldest - n); passed > 0 {
			n += passed
			continue
		}
		symbol := reader.next()
		switch symbol {
		case smallDelta:
			if len(deltas) < 1 {
				return results, ErrMalformed
			}
			at += int64(deltas[0]) * int64(deltaUnit)
			deltas = deltas[1:]
		case largeDelta:
			if len(deltas) < 2 {
				return results, ErrMalformed
			}
			at += int64(int16(binary.BigEndian.Uint16(deltas))) * int64(deltaUnit)
			deltas = deltas[2:]
		case reserved:
			return results, ErrMalformed
		}
		results = h.report(results, n, symbol != notReceived, time.Duration(at))
		n++
	}
	return results, nil
}

// report appends what has become of packet n, which has been sent.
func (h *History) report(results []Result, n int64, received bool, at time.Duration) []Result {
	if n < h.next-int64(len(h.packets)) {
		return results
	}
	p := h.slot(n) // one that holds nothing yet has the size 0 as well
	if p.size == 0 || p.marks&lost != 0 && !received {
		return results
	}
	results = append(results, Result{
		Sent: p.at, Arrival: at, Size: int(p.size), Offset: p.offset, Received: received,
		Again: p.marks&again != 0, Late: p.marks&lost != 0, Probe: p.probe,
	})
	if received {
		p.size = 0
	} else {
		p.marks |= lost
	}
	return results
}

// unwrap extends a reference time of 24 bits.
func (h *History) unwrap(reference uint32) int64 {
	// The difference, extended from 24 bits.
	step := int32((reference-uint32(h.reference))<<8) >> 8
	h.reference += int64(step)
	return h.reference
}

// body checks the lengths of a message and takes the padding off.
func body(packet []byte) ([]byte, error) {
	if !IsFeedback(packet) {
		return nil, ErrMalformed
	}
	if length := 4 * (int(binary.BigEndian.Uint16(packet[2:])) + 1); length > len(packet) || length < headerSize {
		return nil, ErrMalformed
	} else {
		packet = packet[:length]
	}
	if packet[0]&(1<<5) != 0 {
		n := int(packet[len(packet)-1])
		if n == 0 || n > len(packet)-headerSize {
			return nil, ErrMalformed
		}
		packet = packet[:len(packet)-n]
	}
	return packet, nil
}

// chunks passes over the chunks for count packets and returns what follows.
func chunks(data []byte, count int) (deltas []byte, err error) {
	for count > 0 {
		if len(data) < 2 {
			return nil, ErrMalformed
		}
		chunk := binary.BigEndian.Uint16(data)
		data = data[2:]
		n := 7
		switch {
		case chunk&0x8000 == 0:
			if n = int(chunk & maxRun); n == 0 {
				return nil, ErrMalformed
			}
		case chunk&0x4000 == 0:
			n = 14
		}
		count -= n
	}
	return data, nil
}

// symbolReader reads the symbols of chunks that have been checked.
type symbolReader struct {
	data  []byte
	chunk uint16
	// left is how many symbols are left of the chunk.
	left int
}

// load reads the next chunk if nothing is left of the one before.
func (r *symbolReader) load() {
	if r.left > 0 {
		return
	}
	r.chunk = binary.BigEndian.Uint16(r.data)
	r.data = r.data[2:]
	switch {
	case r.chunk&0x8000 == 0:
		r.left = int(r.chunk & maxRun)
	case r.chunk&0x4000 == 0:
		r.left = 14
	default:
		r.left = 7
	}
}

// pass passes over at most so many packets of a run that has not been received, if
// that is what comes next, and returns how many.
func (r *symbolReader) pass(most int64) int64 {
	if most <= 0 {
		return 0
	}
	r.load()
	if r.chunk>>13 != notReceived {
		return 0
	}
	n := min(most, int64(r.left))
	r.left -= int(n)
	return n
}

func (r *symbolReader) next() byte {
	r.load()
	r.left--
	switch {
	case r.chunk&0x8000 == 0:
		return byte(r.chunk >> 13 & 3)
	case r.chunk&0x4000 == 0:
		return byte(r.chunk >> r.left & 1)
	}
	return byte(r.chunk >> (2 * r.left) & 3)
}
