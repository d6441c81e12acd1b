package transportcc

import (
	"encoding/binary"
	"math"
	"time"
)

const (
	// window is how many packets a Recorder remembers, and a History at most: at
	// 25 Mbit/s a second.
	window = 2048
	// maxPackets is how many packets one message tells of.
	maxPackets = 400
	// repeated is how much later a number that has come comes again at the most where it
	// is of a packet that is sent again; where it is later, packets are numbered anew.
	repeated = 2 * time.Second
	// absent marks a packet that has not been received.
	absent = time.Duration(math.MinInt64)
)

// Recorder notes when packets arrived. The zero value is ready.
type Recorder struct {
	arrivals [window]time.Duration
	// next is the first number that no message has told of, highest the highest
	// received, both unwrapped; late is the lowest that came after it had been
	// told of as lost, next if none did.
	next, highest, late int64
	started             bool
	// stray is the number behind that of the last packet if that was of long ago, else -1.
	stray int32
	// fresh counts the packets since the last message.
	fresh int
	count uint8
}

// Received notes the arrival of the packet with a transport-wide sequence
// number.
func (r *Recorder) Received(sequence uint16, now time.Duration) {
	if !r.started {
		r.begin(sequence)
	}
	n := r.highest + int64(int16(sequence-uint16(r.highest)))
	if r.longAgo(n, now) {
		// One that is so old is late; two in a row are of a sender that has started
		// anew (RFC 3550, appendix A.1).
		if int32(sequence) != r.stray {
			r.stray = int32(sequence + 1)
			return
		}
		r.begin(sequence)
		n = r.next
	}
	r.stray = -1
	if n > r.highest {
		for i := max(r.highest+1, n-window+1); i <= n; i++ {
			r.arrivals[i&(window-1)] = absent
		}
		r.highest = n
	} else if r.arrivals[n&(window-1)] != absent {
		return
	}
	r.arrivals[n&(window-1)] = now
	r.late = min(r.late, n)
	r.fresh++
}

// longAgo tells whether a number belongs to a packet of long ago, as far as is known.
func (r *Recorder) longAgo(n int64, now time.Duration) bool {
	if n <= r.highest-window {
		return true
	}
	at := r.arrivals[n&(window-1)]
	return n <= r.highest && at != absent && now-at > repeated
}

// begin forgets everything; the packet with a number is the first one.
func (r *Recorder) begin(sequence uint16) {
	for i := range r.arrivals {
		r.arrivals[i] = absent
	}
	r.started, r.stray, r.fresh = true, -1, 0
	r.next = int64(sequence)
	r.highest, r.late = r.next-1, r.next
}

// Pending returns the number of packets that no message has told of.
func (r *Recorder) Pending() int { return r.fresh }

// Append appends one feedback message about what has been received since the
// last one, an RTCP packet with its header, to b and returns it; more tells
// whether there is enough for another. There is nothing to tell of while
// Pending is 0.
func (r *Recorder) Append(b []byte, sender, media uint32) (message []byte, more bool) {
	if r.fresh == 0 {
		return b, false
	}
	first := max(min(r.next, r.late), r.highest-window+1)
	w := writer{start: len(b), buffer: b}
	last := w.message(r, first, min(r.highest, first+maxPackets-1))
	r.next = max(r.next, last+1)
	r.late = r.next
	for n := last + 1; n < r.next; n++ {
		if r.arrivals[n&(window-1)] != absent {
			r.late = n
			break
		}
	}
	head := w.buffer[w.start:]
	head[0], head[1] = 2<<6|format, payloadType
	binary.BigEndian.PutUint32(head[4:], sender)
	binary.BigEndian.PutUint32(head[8:], media)
	head[19] = r.count
	r.count++
	w.pad()
	more = r.next <= r.highest
	if !more {
		r.fresh = 0
	}
	return w.buffer, more
}

// writer builds one message at the end of a buffer.
type writer struct {
	buffer []byte
	start  int
	// symbols are those that no chunk holds yet.
	symbols [7]byte
	waiting int
	// run is the length of the run that all of them belong to, if they do.
	run int
}

// message writes the packets first to last, fewer if there is too much time between two
// of them, and returns the last one that it told of.
func (w *writer) message(r *Recorder, first, last int64) int64 {
	// The highest number has been received, so there is one.
	known := first
	for r.arrivals[known&(window-1)] == absent {
		known++
	}
	reference := r.arrivals[known&(window-1)] / referenceUnit
	var deltas [2 * maxPackets]byte
	size := 0
	w.buffer = append(w.buffer, make([]byte, headerSize)...)
	at := reference * referenceUnit
	n := first
	for ; n <= last; n++ {
		arrival := r.arrivals[n&(window-1)]
		if arrival == absent {
			w.add(notReceived)
			continue
		}
		delta := (arrival - at) / deltaUnit
		if delta < math.MinInt16 || delta > math.MaxInt16 {
			break
		}
		at += delta * deltaUnit
		if delta >= 0 && delta <= math.MaxUint8 {
			w.add(smallDelta)
			deltas[size] = byte(delta)
			size++
			continue
		}
		w.add(largeDelta)
		binary.BigEndian.PutUint16(deltas[size:], uint16(delta))
		size += 2
	}
	w.finish()
	w.buffer = append(w.buffer, deltas[:size]...)
	head := w.buffer[w.start:]
	binary.BigEndian.PutUint16(head[12:], uint16(first))
	binary.BigEndian.PutUint16(head[14:], uint16(n-first))
	binary.BigEndian.PutUint32(head[16:], uint32(reference)<<8)
	return n - 1
}

// maxRun is the longest run that a chunk holds, which is more than maxPackets.
const maxRun = 1<<13 - 1

// add takes one more symbol. Runs of seven and more become chunks of their own,
// the rest vectors of seven.
func (w *writer) add(symbol byte) {
	if w.waiting > 0 && w.symbols[0] == symbol && w.run >= w.waiting {
		w.run++
		if w.waiting < len(w.symbols) {
			w.symbols[w.waiting] = symbol
			w.waiting++
		}
		return
	}
	if w.waiting == len(w.symbols) {
		w.flush()
	}
	if w.waiting == 0 {
		w.run = 1
	}
	w.symbols[w.waiting] = symbol
	w.waiting++
	if w.waiting == len(w.symbols) && w.run < w.waiting {
		w.flush()
	}
}

// flush writes what is waiting as one chunk.
func (w *writer) flush() {
	var chunk uint16
	if w.run >= w.waiting {
		chunk = uint16(w.symbols[0])<<13 | uint16(w.run)
	} else {
		chunk = 3 << 14
		for i, symbol := range w.symbols {
			chunk |= uint16(symbol) << (12 - 2*i)
		}
	}
	w.buffer = binary.BigEndian.AppendUint16(w.buffer, chunk)
	w.waiting, w.run = 0, 0
	w.symbols = [7]byte{}
}

func (w *writer) finish() {
	if w.waiting > 0 {
		w.flush()
	}
}

// pad fills the message up to a multiple of four bytes and writes its length.
func (w *writer) pad() {
	n := -(len(w.buffer) - w.start) & 3
	for i := range n {
		b := byte(0)
		if i == n-1 {
			b = byte(n)
		}
		w.buffer = append(w.buffer, b)
	}
	head := w.buffer[w.start:]
	if n > 0 {
		head[0] |= 1 << 5
	}
	binary.BigEndian.PutUint16(head[2:], uint16(len(head)/4-1))
}
