package ws

import (
	"encoding/json"
	"net"
	"net/netip"
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
		if d := l.take(now); d != 0 {
			t.Fatalf("message %d of the burst has to wait %v", i, d)
		}
	}
	if d := l.take(now); d != rateInterval {
		t.Errorf("the one after the burst waits %v", d)
	}
	for i := range 1000 {
		now = now.Add(rateInterval)
		if d := l.take(now); d > rateInterval {
			t.Fatalf("message %d of a steady stream waits %v", i, d)
		}
	}
	now = now.Add(time.Hour)
	for range rateBurst {
		if d := l.take(now); d != 0 {
			t.Fatal("after an hour there is no allowance")
		}
	}
}

func TestSpreadLimits(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	now := time.Unix(1000, 0)
	limits := newSpreadLimits()
	at := func(address string) *spreadLimit { return limits.limit(netip.MustParseAddr(address)) }
	there := at("2001:db8::1")
	l := at("2001:db8::2")
	for i := range 10 {
		l.add(now, spreadRate)
		if d := l.wait(now); d != 0 {
			t.Fatalf("what others are sent in second %d of the burst has to wait %v", i, d)
		}
	}
	l.add(now, spreadRate/2)
	for _, tt := range []struct {
		who  string
		l    *spreadLimit
		want time.Duration
	}{
		{"who had them sent it", l, time.Second / 2},
		{"who comes from there now", at("2001:db8::3"), time.Second / 2},
		{"who was there before", there, 0},
		{"who comes from elsewhere", at("2001:db8:0:1::2"), 0},
	} {
		if d := tt.l.wait(now); d != tt.want {
			t.Errorf("%s waits %v, want %v", tt.who, d, tt.want)
		}
	}
	short := at("192.0.2.1")
	for range rateBurst {
		short.add(now, 1)
	}
	if d := short.wait(now); d > rateInterval {
		t.Errorf("after %d short messages the wait is %v", rateBurst, d)
	}
	if short.add(now, 1); short.wait(now) == 0 {
		t.Error("short messages cost nothing")
	}
	for i := range 10 * fewSpreaders {
		now = now.Add(time.Second)
		at(netip.AddrFrom4([4]byte{10, byte(i >> 16), byte(i >> 8), byte(i)}).String()).add(now, spreadRate)
	}
	if n := len(limits.full); n > fewSpreaders {
		t.Errorf("%d addresses are remembered", n)
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
