package ws

import (
	"encoding/json"
	"net"
	"strings"
	"testing"
	"time"

	"galene/group"
	"galene/group/leaktest"
)

func TestQueueKeepsOrderAndCloses(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	q := newQueue[int](10)
	for i := range 10 {
		if !q.put(i, 1) {
			t.Fatalf("no room for element %d", i)
		}
	}
	if q.put(10, 1) {
		t.Fatal("there is no bound")
	}
	for i := range 10 {
		if e, ok, open := q.pop(); e != i || !ok || open {
			t.Fatalf("element %d is %d, %v, %v", i, e, ok, open)
		}
	}
	if q.put(0, 1) {
		t.Error("a queue that has overflown took something")
	}
	if _, ok, open := q.pop(); ok || open {
		t.Error("the queue is not closed")
	}
}

// Who reads is woken a moment later for elements that can wait, and at once for one that
// cannot, behind which nothing is held back.
func TestQueueHoldsBackNothingForLong(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	q := newQueue[int](1000)
	for i := range 500 {
		if !q.putUnhurried(i, 1) {
			t.Fatalf("no room for element %d", i)
		}
	}
	<-q.ready
	for i := range 500 {
		if e, ok, _ := q.pop(); e != i || !ok {
			t.Fatalf("element %d is %d, %v", i, e, ok)
		}
	}
	q.putUnhurried(0, 1)
	<-q.ready // again
	q.putUnhurried(1, 1)
	q.put(2, 1)
	select {
	case <-q.ready:
	default:
		t.Error("what is urgent waits")
	}
	for i := range 3 {
		if e, ok, _ := q.pop(); e != i || !ok {
			t.Errorf("element %d is %d, %v", i, e, ok)
		}
	}
	q.putUnhurried(3, 1)
	q.close()
	select {
	case <-q.ready:
	default:
		t.Error("nobody was told of the end")
	}
}

func TestQueueIsBoundedInBytes(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	q := newQueue[string](10)
	if !q.put("one that is larger than the bound passes alone", 2*maxQueuedBytes) {
		t.Fatal("no room")
	}
	q.pop()
	for range 2 {
		if !q.put("", maxQueuedBytes/2) {
			t.Fatal("no room for what fits")
		}
	}
	if q.put("", 1) {
		t.Error("there is no bound")
	}
	select {
	case <-q.ready:
	default:
		t.Error("nobody was told")
	}
}

func TestClosedQueueIgnoresWhatIsPut(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	q := newQueue[int](10)
	q.put(1, 1)
	q.close()
	if !q.put(2, 1) {
		t.Error("a closed queue says that it is full")
	}
	if e, ok, open := q.pop(); e != 1 || !ok || open {
		t.Errorf("got %d, %v, %v", e, ok, open)
	}
	if _, ok, _ := q.pop(); ok {
		t.Error("a closed queue took something")
	}
}

func TestQueueTellsWhenItIsLongNoMore(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	q := newQueue[int](2 * longQueue)
	for range longQueue {
		q.put(0, 0)
	}
	if !q.long() {
		t.Fatal("the queue is not long")
	}
	q.pop()
	<-q.drained
	if q.long() {
		t.Error("the queue is still long")
	}
}

func TestRateLimit(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	now := time.Unix(1000, 0)
	l := newRateLimit(now)
	for i := range rateBurst {
		if d := l.take(now, 0); d != 0 {
			t.Fatalf("message %d of the burst has to wait %v", i, d)
		}
	}
	if d := l.take(now, 0); d != rateInterval {
		t.Errorf("the one after the burst waits %v", d)
	}
	for i := range 1000 {
		now = now.Add(rateInterval)
		if d := l.take(now, 0); d > rateInterval {
			t.Fatalf("message %d of a steady stream waits %v", i, d)
		}
	}
	now = now.Add(time.Hour)
	for range rateBurst {
		if d := l.take(now, 0); d != 0 {
			t.Fatal("after an hour there is no allowance")
		}
	}
	now = now.Add(time.Hour)
	for i := range 10 {
		if d := l.take(now, spreadRate); d != 0 {
			t.Fatalf("what others are sent in second %d of the burst has to wait %v", i, d)
		}
	}
	if d := l.take(now, spreadRate/2); d != time.Second/2 {
		t.Errorf("what others are sent after the burst waits %v", d)
	}
}

func TestNegotiation(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	var n negotiation
	for i, step := range []struct {
		got  func() need
		want need
	}{
		{func() need { return n.want(needTracks) }, needTracks},
		{func() need { return n.want(needTracks) }, needNothing},
		{func() need { return n.want(needRestart) }, needNothing},
		{func() need { return n.want(needTracks) }, needNothing},
		{n.answered, needRestart},
		{n.answered, needNothing},
		{func() need { return n.want(needRestart) }, needRestart},
		{func() need { return n.want(needTracks) }, needNothing},
		{n.answered, needTracks},
	} {
		if got := step.got(); got != step.want {
			t.Errorf("step %d: got %v, want %v", i, got, step.want)
		}
	}
	if n.offers != 4 || !n.outstanding {
		t.Errorf("ended as %+v", n)
	}
}

func TestMailboxCountsWhatEventsCarry(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	const size = 64 << 10
	long := strings.Repeat("x", size)
	member := group.Member{Data: group.Data{"x": json.RawMessage(long)}}
	for _, event := range []group.Event{
		group.UserAdded{Member: member}, group.UserChanged{Member: member},
		group.Chat{Post: group.Post{Value: json.RawMessage(long)}}, group.UserMessage{Post: group.Post{Kind: long}},
		group.Kicked{Message: long},
	} {
		near, far := net.Pipe()
		conn := &Conn{
			wire: &batchConn{Conn: near, buffers: new(buffers)}, out: newQueue[outgoing](maxQueued), closing: make(chan struct{}),
		}
		c := newClient(&Handler{}, conn)
		for range maxQueuedBytes / size {
			c.Deliver(event)
		}
		if !conn.dropped.Load() {
			t.Errorf("more than allowed waits for the client: %T", event)
		}
		near.Close()
		far.Close()
	}
}
