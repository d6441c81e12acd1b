package rtpconn

import (
	"encoding/binary"
	"fmt"
	"net/netip"
	"slices"
	"testing"
	"time"

	"galene/group/leaktest"
	"galene/rtpconn/socket"
	"galene/rtpconn/transportcc"
)

// crewBench is a publisher of an engine with three workers, whose subscribers are
// in lanes of ten, and what its sockets have sent.
func crewBench(t *testing.T, subscribers int) (b *bench, sent func() map[netip.AddrPort][]uint16) {
	t.Helper()
	// Each lane has a socket of its own, so nobody else writes to its map.
	var maps []map[netip.AddrPort][]uint16
	newSink := func() *sink {
		arrived := make(map[netip.AddrPort][]uint16)
		maps = append(maps, arrived)
		return &sink{closed: make(chan struct{}), keep: func(m socket.Message) {
			arrived[m.Addr] = append(arrived[m.Addr], binary.BigEndian.Uint16(m.Data[2:]))
		}}
	}
	first := newSink()
	first.siblings = []socket.Socket{newSink(), newSink()}
	e, err := newEngine(Options{Logger: quiet, Workers: 3}, []socket.Socket{first})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = e.Close() })
	e.pulse.still()
	b = newBenchOn(t, e.workers[0], e, benchSection, 200)
	b.worker.do(func() { b.worker.laneLines = 10 })
	for i := range subscribers {
		b.subscribe(t, b.up.sources[0], uint16(1000+i))
	}
	return b, func() map[netip.AddrPort][]uint16 {
		all := make(map[netip.AddrPort][]uint16)
		b.worker.do(func() {
			for _, m := range maps {
				for to, numbers := range m {
					all[to] = append(all[to], numbers...)
				}
			}
		})
		return all
	}
}

// thin has a client, who tells of arrivals, say that its line takes so many bits a
// second.
func thin(d *DownConn, rate float64, now time.Duration) {
	d.line.estimator.Feedback(&d.gradient, []transportcc.Result{{Sent: now, Arrival: now, Size: 1000, Received: true}}, now)
	d.receiveREMB(rate, now)
	d.line.limit(now)
}

func TestEverySubscriberOfALargeGroupGetsEverythingInOrder(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	const packets = 300
	for _, subscribers := range []int{1, 10, 11, 25, 200} {
		t.Run(fmt.Sprint(subscribers), func(t *testing.T) {
			t.Parallel()
			b, sent := crewBench(t, subscribers)
			b.worker.do(func() { b.worker.shareWork = 1 })
			before := sent()
			for range packets {
				b.send(t)
			}
			after := sent()
			if len(after) != subscribers {
				t.Fatalf("%d subscribers get something", len(after))
			}
			for to, numbers := range after {
				numbers = numbers[len(before[to]):]
				if len(numbers) != packets {
					t.Fatalf("%v gets %d packets", to, len(numbers))
				}
				for i, n := range numbers[1:] {
					if n != numbers[i]+1 {
						t.Fatalf("%v gets packet %d after %d", to, n, numbers[i])
					}
				}
			}
		})
	}
}

// A picture that has broken off begins anew: whichever lane it is in, the
// publisher is asked for a key frame.
func TestKeyFramesAreAskedForFromEveryLane(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	for lane := range 3 {
		t.Run(fmt.Sprint(lane), func(t *testing.T) {
			t.Parallel()
			b, _ := crewBench(t, 30)
			e := b.up.sources[0].encodings[0]
			wanted := func() (is bool) {
				b.worker.do(func() { is = e.wantKeyframe })
				return is
			}
			b.worker.do(func() { b.worker.shareWork, e.wantKeyframe = 1, false })
			if b.send(t); wanted() {
				t.Fatal("it is asked for without need")
			}
			b.worker.do(func() { b.up.sources[0].rowsOf(lane)[0].forwarder.Break() })
			if b.send(t); !wanted() {
				t.Error("it is not asked for")
			}
		})
	}
}

func TestClientsFillOneLaneAfterTheOther(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	b, _ := crewBench(t, 34)
	track := b.up.sources[0]
	lines := func() (n []int) {
		for _, l := range b.worker.lanes {
			n = append(n, l.lines)
			for _, r := range track.rowsOf(l.index) {
				if r.conn.lane != l {
					t.Errorf("a row of lane %d is among those of lane %d", r.conn.lane.index, l.index)
				}
			}
			if rows := len(track.rowsOf(l.index)); rows != l.lines {
				t.Errorf("lane %d has %d rows of %d clients", l.index, rows, l.lines)
			}
		}
		return n
	}
	b.worker.do(func() {
		if got := lines(); !slices.Equal(got, []int{12, 11, 11}) {
			t.Errorf("%v", got)
		}
		leave := func(r *DownTrack) {
			r.leave()
			b.worker.detach(r.conn)
		}
		for range 3 {
			leave(track.rowsOf(1)[0])
		}
		leave(track.rowsOf(0)[5])
		if got := lines(); !slices.Equal(got, []int{11, 8, 11}) {
			t.Errorf("%v", got)
		}
	})
	b.subscribe(t, track, 2000)
	b.worker.do(func() {
		if got := lines(); !slices.Equal(got, []int{11, 9, 11}) {
			t.Errorf("%v", got)
		}
	})
}

// The pacers of other lanes than the first let go of what waits, too.
func TestWhatWaitsInAnyLaneIsSentInItsTurn(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	b, sent := crewBench(t, 30)
	rows := []*DownTrack{b.up.sources[0].rowsOf(0)[0], b.up.sources[0].rowsOf(1)[0], b.up.sources[0].rowsOf(2)[0]}
	b.worker.do(func() {
		b.worker.shareWork = 1
		for _, r := range rows {
			thin(r.conn, 200_000, b.now)
		}
	})
	before := sent()
	const packets = 60
	for range packets {
		b.send(t)
	}
	for _, r := range rows {
		if !r.conn.line.pacer.waits() {
			t.Errorf("lane %d: nothing waits", r.conn.lane.index)
		}
	}
	for range 100 {
		b.now += 10 * time.Millisecond
		b.worker.tick(b.now)
	}
	after := sent()
	for _, r := range rows {
		to := r.conn.path.Addr
		if got := len(after[to]) - len(before[to]); got != packets {
			t.Errorf("lane %d: %d packets of %d", r.conn.lane.index, got, packets)
		}
	}
}
