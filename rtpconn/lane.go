package rtpconn

import (
	"slices"
	"sync/atomic"
	"time"

	"galene/rtpconn/mux"
	"galene/rtpconn/socket"
)

// laneLines is how many clients a lane has before another one is used: below
// that, what a burst is to one lane is done before anybody else has woken up.
const laneLines = 100

// lane is a part of a worker's clients, whose rows may be served at the same time
// as those of another lane. A client with all its connections belongs to one for
// good.
//
// The worker's lock guards everything. While it is shared out (see crew), the
// goroutine that has claimed the lane has what belongs to its clients, and may
// read what belongs to publishers and worker: that is why nobody asks a publisher
// for a key frame there, but has the lane take a note of it.
type lane struct {
	index int
	// sockets are where its datagrams leave, and batches where they wait for that,
	// one for each address.
	sockets []socket.Socket
	batches []*socket.Batch
	// lines counts the clients, dropped the datagrams that the system did not take.
	lines   int
	dropped uint64
	// pacing are the lines where packets wait for their turn.
	pacing []*line
	// wishes are the encodings of which a key frame is to be asked for.
	wishes []*encoding
	// open is set while the lane may be claimed.
	open atomic.Bool
}

func newLane(index int, sockets []socket.Socket) *lane {
	l := &lane{index: index, sockets: sockets}
	for range sockets {
		l.batches = append(l.batches, socket.NewBatch())
	}
	return l
}

// emptiestLane is the lane for another client: the first one where there is room,
// else the one with the fewest.
func (w *worker) emptiestLane() *lane {
	emptiest := w.lanes[0]
	for _, l := range w.lanes {
		if l.lines < w.laneLines {
			return l
		}
		if l.lines < emptiest.lines {
			emptiest = l
		}
	}
	return emptiest
}

// room returns space for one datagram in the batch of a socket, nil when it is
// larger than a batch can be.
func (l *lane) room(socketIndex, size int) []byte {
	b := l.batches[socketIndex]
	if buffer := b.Next(size); buffer != nil {
		return buffer
	}
	l.send(socketIndex)
	return b.Next(size)
}

// commit adds the datagram of n bytes that was written into room.
func (l *lane) commit(to mux.Path, n int) { l.batches[to.Socket].Commit(n, to.Addr) }

func (l *lane) flush() {
	for i, b := range l.batches {
		if b.Len() > 0 {
			l.send(i)
		}
	}
}

// send passes what waits for a socket to the system.
func (l *lane) send(socketIndex int) {
	l.dropped += uint64(l.sockets[socketIndex].Flush(l.batches[socketIndex]))
}

// wish takes a note that a key frame of an encoding is needed.
func (l *lane) wish(e *encoding) {
	if !slices.Contains(l.wishes, e) {
		l.wishes = append(l.wishes, e)
	}
}

// grant asks for the key frames that are needed.
func (l *lane) grant(now time.Duration) {
	for _, e := range l.wishes {
		e.requestKeyframe(now)
	}
	clear(l.wishes)
	l.wishes = l.wishes[:0]
}

// rowsOf are the rows of a lane's clients.
func (t *UpTrack) rowsOf(lane int) []*DownTrack {
	if len(t.rows) == 0 {
		return nil
	}
	start := 0
	if lane > 0 {
		start = t.laneEnds[lane-1]
	}
	return t.rows[start:t.laneEnds[lane]]
}

// addRow puts a row among those of its lane.
func (t *UpTrack) addRow(r *DownTrack) {
	if t.laneEnds == nil {
		t.laneEnds = make([]int, len(t.conn.worker.lanes))
	}
	i := r.conn.lane.index
	t.rows = slices.Insert(t.rows, t.laneEnds[i], r)
	for ; i < len(t.laneEnds); i++ {
		t.laneEnds[i]++
	}
}

// removeRow takes a row out again.
func (t *UpTrack) removeRow(r *DownTrack) {
	at := slices.Index(t.rows, r)
	if at < 0 {
		return
	}
	t.rows = slices.Delete(t.rows, at, at+1)
	for i := r.conn.lane.index; i < len(t.laneEnds); i++ {
		t.laneEnds[i]--
	}
}
