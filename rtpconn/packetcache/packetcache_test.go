package packetcache

import (
	"reflect"
	"slices"
	"testing"
	"time"

	"galene/group/leaktest"
	"galene/group/media"
	"galene/rtpconn/rtptest"
)

var keyframe = media.FrameInfo{Keyframe: true, Start: true}

func store(c *Cache, pool *media.Pool, sequence uint16, frame media.FrameInfo) bool {
	return c.Store(rtptest.Packet(pool, sequence, uint32(sequence)*10, frame))
}

func since(c *Cache, sequence uint16) (numbers []uint16) {
	c.Since(sequence, func(p *media.Packet) bool {
		numbers = append(numbers, p.SequenceNumber)
		return true
	})
	return numbers
}

func TestRecentPacketsAreKept(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	var pool media.Pool
	c := New(100, 1024)
	if c.Size() != 128 {
		t.Fatalf("size %d", c.Size())
	}
	first := uint16(65500) // across the roll-over
	for i := range uint16(300) {
		if !store(c, &pool, first+i, media.FrameInfo{}) {
			t.Fatalf("packet %d refused", i)
		}
		if store(c, &pool, first+i, media.FrameInfo{}) {
			t.Fatalf("packet %d stored twice", i)
		}
	}
	for i := range uint16(300) {
		p := c.Get(first + i)
		if kept := i >= 300-128; kept != (p != nil) || kept && p.SequenceNumber != first+i {
			t.Errorf("packet %d: %v", i, p)
		}
	}
	if store(c, &pool, first+10, media.FrameInfo{}) {
		t.Error("a packet that is too old was stored")
	}
	if got, ok := c.Highest(); got != first+299 || !ok {
		t.Errorf("highest %d", got)
	}
}

func TestLatePacketsFillGaps(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	var pool media.Pool
	c := New(32, 32)
	for _, n := range []uint16{65534, 2, 65535, 1} {
		if !store(c, &pool, n, media.FrameInfo{}) {
			t.Errorf("packet %d refused", n)
		}
	}
	if got, want := since(c, 65534), []uint16{65534, 65535, 1, 2}; !slices.Equal(got, want) {
		t.Errorf("got %v", got)
	}
	if got := since(c, 3); got != nil {
		t.Errorf("from the future: %v", got)
	}
	if c.Get(0) != nil {
		t.Error("a packet that never came")
	}
}

func TestCacheTellsWhatWillNotComeAnyMore(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	var pool media.Pool
	c := New(32, 32)
	if got := c.Where(7); got != Ahead {
		t.Errorf("before anything came: %d", got)
	}
	for n := uint16(65500); n != 20; n++ { // across the roll-over
		if n != 10 {
			store(c, &pool, n, media.FrameInfo{})
		}
	}
	for sequence, want := range map[uint16]Place{
		20: Ahead, 300: Ahead, 19: Present, 10: Missing, 65524: Present, 65523: Gone, 65400: Gone,
	} {
		if got := c.Where(sequence); got != want {
			t.Errorf("%d: %d, want %d", sequence, got, want)
		}
	}
}

func TestLastKeyframe(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	var pool media.Pool
	c := New(32, 32)
	if _, ok := c.LastKeyframe(); ok {
		t.Error("one in an empty cache")
	}
	store(c, &pool, 10, keyframe)
	store(c, &pool, 11, media.FrameInfo{})
	store(c, &pool, 20, keyframe)
	store(c, &pool, 9, keyframe) // late
	if n, ok := c.LastKeyframe(); n != 20 || !ok {
		t.Errorf("got %d, %v", n, ok)
	}
	store(c, &pool, 52, media.FrameInfo{})
	if n, ok := c.LastKeyframe(); ok {
		t.Errorf("%d is gone, and its slot taken", n)
	}
}

func TestJumpStartsAnew(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	var pool media.Pool
	c := New(32, 32)
	for _, n := range []uint16{100, 20000, 100, 45000} {
		if !store(c, &pool, n, keyframe) {
			t.Errorf("packet %d refused", n)
		}
		if got, ok := c.LastKeyframe(); got != n || !ok {
			t.Errorf("after %d: key frame %d, %v", n, got, ok)
		}
	}
	if c.Get(100) != nil || c.Get(20000) != nil {
		t.Error("packets from before the jump")
	}
}

func TestResizeKeepsTheNewest(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	var pool media.Pool
	c := New(16, 64)
	for i := range uint16(16) {
		store(c, &pool, 65530+i, media.FrameInfo{})
	}
	c.Resize(1000)
	if c.Size() != 64 || len(since(c, 65530)) != 16 {
		t.Errorf("size %d, %d packets", c.Size(), len(since(c, 65530)))
	}
	for i := range uint16(40) {
		store(c, &pool, 10+i, media.FrameInfo{})
	}
	c.Resize(1)
	if got := since(c, 34); c.Size() != 16 || len(got) != 16 || got[15] != 49 {
		t.Errorf("size %d, %v", c.Size(), got)
	}
}

// What has been given up may have been passed on: it is not taken for new when the cache
// has grown since.
func TestGrowingBringsNothingBack(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	var pool media.Pool
	c := New(16, 64)
	for i := range uint16(40) {
		if i != 30 {
			store(c, &pool, i, media.FrameInfo{})
		}
	}
	c.Resize(64)
	for n, want := range map[uint16]Place{10: Gone, 23: Gone, 24: Present, 30: Missing, 40: Ahead} {
		if got := c.Where(n); got != want {
			t.Errorf("packet %d is at %d, want %d", n, got, want)
		}
	}
	if store(c, &pool, 10, media.FrameInfo{}) || !store(c, &pool, 30, media.FrameInfo{}) {
		t.Error("what was given up is taken, or what is missing is not")
	}
	store(c, &pool, 60, media.FrameInfo{})
	if store(c, &pool, 23, media.FrameInfo{}) || !store(c, &pool, 41, media.FrameInfo{}) {
		t.Error("later: what was given up is taken, or what is missing is not")
	}
	c.Close()
	if !store(c, &pool, 200, media.FrameInfo{}) || !store(c, &pool, 190, media.FrameInfo{}) {
		t.Error("what is late at the beginning is not taken")
	}
}

func TestEveryReferenceIsGivenBack(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	var pool media.Pool
	c := New(16, 16)
	var packets []*media.Packet
	for _, n := range []uint16{1, 2, 2, 3, 40, 5, 30000, 30001} {
		p := rtptest.Packet(&pool, n, 0, media.FrameInfo{})
		p.Retain() // ours, so that the slot is not reused
		packets = append(packets, p)
		c.Store(p)
	}
	c.Close()
	for i, p := range packets {
		references := reflect.ValueOf(p).Elem().FieldByName("references").FieldByName("v").Int()
		if references != 1 {
			t.Errorf("packet %d: %d references, want ours", i, references)
		}
	}
	if c.Get(30001) != nil || len(since(c, 30000)) != 0 {
		t.Error("packets after Close")
	}
}

func TestStoringDoesNotAllocate(t *testing.T) {
	leaktest.Check(t)
	var pool media.Pool
	c := New(128, 128)
	sequence := uint16(0)
	p := rtptest.Packet(&pool, 0, 0, media.FrameInfo{})
	if n := testing.AllocsPerRun(1000, func() {
		sequence++
		p.SequenceNumber = sequence
		p.Retain()
		c.Store(p)
		c.Get(sequence - 5)
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func BenchmarkStore(b *testing.B) {
	var pool media.Pool
	c := New(512, 512)
	sequence := uint16(0)
	b.ReportAllocs()
	for b.Loop() {
		sequence++
		p := pool.Get()
		p.SequenceNumber, p.Frame = sequence, media.FrameInfo{}
		c.Store(p)
	}
}

func TestReceptionReports(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	r := NewReception(90000)
	if _, ok := r.Report(1, 0, 0); ok {
		t.Error("a report about nothing")
	}
	receive := func(from, to int, without ...int) {
		for i := from; i < to; i++ {
			if !slices.Contains(without, i) {
				r.Received(uint16(i), uint32(i)*900, time.Duration(i)*10*time.Millisecond)
			}
		}
	}
	receive(65500, 65600, 65510, 65511)
	b, _ := r.Report(7, 0x12345678, 1500*time.Millisecond)
	if b.SSRC != 7 || b.TotalLost != 2 || b.FractionLost != 5 || b.LastSequenceNumber != 1<<16+63 ||
		b.LastSenderReport != 0x12345678 || b.Delay != 3<<15 || b.Jitter != 0 {
		t.Errorf("first: %+v", b)
	}
	// A loss that was made good counts, in this interval.
	r.Requested(2)
	r.Received(uint16(65510%65536), 0, 0)
	r.Received(uint16(65511%65536), 0, 0)
	receive(65600, 65698)
	b, _ = r.Report(7, 0, time.Second)
	if b.TotalLost != 2 || b.FractionLost != 0 || b.Delay != 0 {
		t.Errorf("second: %+v", b)
	}
	// More received than expected is a negative loss.
	for range 10 {
		r.Received(uint16(65697%65536), 0, 0)
	}
	if b, _ = r.Report(7, 0, 0); b.TotalLost != 1<<24-8 || b.FractionLost != 0 {
		t.Errorf("third: %+v", b)
	}
}

func TestReceptionSurvivesARestart(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	r := NewReception(48000)
	for _, n := range []uint16{10, 11, 12, 40000, 13, 14, 30000, 30001, 30002} {
		r.Received(n, 0, 0)
	}
	b, _ := r.Report(1, 0, 0)
	if b.LastSequenceNumber != 30002 || b.TotalLost != 0 {
		t.Errorf("%+v", b)
	}
}

func TestJitter(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	r := NewReception(90000)
	for i := range 2000 {
		arrival := time.Duration(i) * 20 * time.Millisecond
		if i%2 == 1 {
			arrival += 5 * time.Millisecond
		}
		r.Received(uint16(i), uint32(i)*1800, arrival)
	}
	if j := r.Jitter(); j < 4900*time.Microsecond || j > 5100*time.Microsecond {
		t.Errorf("jitter %v", j)
	}
}

// A jump of the timestamps, as of an encoder that begins anew, is no jitter.
func TestJumpOfTheTimestampsIsNoJitter(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	for _, jump := range []uint32{5*48000 + 10_000, 1 << 30, 1 << 31, 1<<32 - 5*48000 - 10_000} {
		r := NewReception(48000)
		for i := range uint32(40) {
			timestamp := i * 960
			if i >= 20 {
				timestamp += jump
			}
			r.Received(uint16(i), timestamp, time.Duration(i)*20*time.Millisecond)
		}
		if j := r.Jitter(); j != 0 {
			t.Errorf("after a jump by %d units: %v", jump, j)
		}
	}
	// What stood still for seconds did come late.
	r := NewReception(48000)
	for i := range uint32(20) {
		r.Received(uint16(i), i*960, time.Duration(i)*20*time.Millisecond+time.Duration(i/19)*4*time.Second)
	}
	if j := r.Jitter(); j != 4*time.Second/16 {
		t.Errorf("after four seconds of standing still: %v", j)
	}
}

// The time since the last sender report is told in 32 bits, however long it has been.
func TestLongAgoIsAsLongAgoAsAReportCanTell(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	r := NewReception(48000)
	r.Received(1, 0, 0)
	for since, want := range map[time.Duration]uint32{
		time.Second: 1 << 16, 18 * time.Hour: 18 * 3600 << 16, 19 * time.Hour: 1<<32 - 1,
		40 * time.Hour: 1<<32 - 1, 1000 * time.Hour: 1<<32 - 1,
	} {
		if b, _ := r.Report(1, 1, since); b.Delay > want || b.Delay < want-1 {
			t.Errorf("%v ago: %d, want %d", since, b.Delay, want)
		}
	}
}

// A key frame is found again after however many packets, and never mistaken
// for a later packet that has its number.
func TestKeyframesSurviveTheTurnOfTheNumbers(t *testing.T) {
	leaktest.Check(t)
	var pool media.Pool
	c := New(128, 1024)
	for i := range 70_000 {
		p := pool.Get()
		p.SequenceNumber = uint16(i)
		p.Frame = media.FrameInfo{Keyframe: i == 0 || i == 40_000}
		p.SetBody([]byte{1})
		c.Store(p)
		seq, ok := c.LastKeyframe()
		if want := i < 128 || i >= 40_000 && i < 40_128; ok != want || ok && seq != 0 && seq != 40_000 {
			t.Fatalf("after packet %d: key frame %d, %v", i, seq, ok)
		}
	}
}
