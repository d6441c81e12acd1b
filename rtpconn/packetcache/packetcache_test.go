package packetcache

import (
	"math"
	"reflect"
	"slices"
	"testing"

	"galene/group/leaktest"
	"galene/group/media"
	"galene/rtpconn/rtptest"
)

var keyframe = media.FrameInfo{Keyframe: true, Start: true}

func store(c *Cache, pool *media.Pool, sequence uint16, frame media.FrameInfo) bool {
	return c.Store(rtptest.Packet(pool, sequence, uint32(sequence)*10, frame))
}

func since(c *Cache, sequence uint16) (numbers []uint16) {
	c.Since(sequence, func(p *media.Packet) { numbers = append(numbers, p.SequenceNumber) })
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
	for _, sequence := range []uint16{7, 65_000} {
		if got := c.Where(sequence); got != Ahead {
			t.Errorf("%d before anything came: %d", sequence, got)
		}
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

func TestSizesArePowersOfTwo(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	for asked, want := range map[int]int{-1: 1, 0: 1, 1: 1, 2: 2, 3: 4, 65: 128, 128: 128, 8192: 8192, 8193: 8192, math.MaxInt: 8192} {
		c := New(asked, asked)
		if c.Size() != want {
			t.Errorf("%d: room for %d, want %d", asked, c.Size(), want)
		}
		if c.Resize(0); c.Size() != want {
			t.Errorf("%d: room for %d after it was to have less than the minimum", asked, c.Size())
		}
	}
}

// What came further back than there is room for is gone, though nothing has come in its
// place.
func TestRoomIsForTheNewest(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	var pool media.Pool
	c := New(32, 64)
	store(c, &pool, 65_530, media.FrameInfo{})
	store(c, &pool, 40, media.FrameInfo{})
	if c.Get(65_530) != nil || len(since(c, 65_530)) != 0 {
		t.Error("a packet that there is no room for")
	}
	c.Resize(64)
	store(c, &pool, 60, media.FrameInfo{})
	c.Resize(1)
	for sequence, want := range map[uint16]Place{60: Present, 40: Present, 29: Missing, 28: Gone, 20: Gone, 65_530: Gone} {
		if got := c.Where(sequence); got != want {
			t.Errorf("%d in less room: %d, want %d", sequence, got, want)
		}
	}
}

// Steps that are loss or reordering are told from those of a new numbering.
func TestSmallStepsAreNoNewBeginning(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	var pool media.Pool
	c := New(32, 32)
	if c.BeginsAnew(20_000) {
		t.Error("before anything came")
	}
	const at = 60_000
	store(c, &pool, at, media.FrameInfo{})
	for step, want := range map[int]bool{0: false, 1: false, -1: false, maxJump: false, maxJump + 1: true, -maxJump: false, -maxJump - 1: true, 1 << 15: true} {
		if got := c.BeginsAnew(uint16(at + step)); got != want {
			t.Errorf("a step by %d: %t", step, got)
		}
	}
}

func TestNothingIsKnownOfWhatWasBeforeClose(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	var pool media.Pool
	c := New(32, 32)
	store(c, &pool, 40_000, keyframe)
	c.Close()
	if _, ok := c.Highest(); ok || c.BeginsAnew(1) || c.Where(40_000) != Ahead || c.Where(39_990) != Ahead {
		t.Error("what was before is known")
	}
	store(c, &pool, 40_000, media.FrameInfo{})
	if n, ok := c.LastKeyframe(); ok {
		t.Errorf("the key frame %d of before", n)
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
	store(c, &pool, 0, media.FrameInfo{})
	if n, ok := c.LastKeyframe(); ok {
		t.Errorf("%d, which is none", n)
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
	c = New(16, 64)
	c.Resize(64)
	store(c, &pool, 10, keyframe)
	store(c, &pool, 30, media.FrameInfo{})
	c.Resize(16)
	if n, ok := c.LastKeyframe(); ok {
		t.Errorf("%d, which there is no room for any more", n)
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

// What is no longer in the cache has been given back, at once.
func TestEveryReferenceIsGivenBack(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	var pool media.Pool
	c := New(16, 64)
	var packets []*media.Packet
	put := func(sequences ...uint16) {
		for _, n := range sequences {
			p := rtptest.Packet(&pool, n, 0, media.FrameInfo{})
			p.Retain() // ours, so that the slot is not reused
			packets = append(packets, p)
			c.Store(p)
		}
	}
	check := func(when string, kept ...uint16) {
		t.Helper()
		var got []uint16
		for i, p := range packets {
			switch references := reflect.ValueOf(p).Elem().FieldByName("references").FieldByName("v").Int(); references {
			case 1: // ours
			case 2:
				got = append(got, p.SequenceNumber)
			default:
				t.Errorf("%s: packet %d has %d references", when, i, references)
			}
		}
		slices.Sort(got)
		if !slices.Equal(got, kept) {
			t.Errorf("%s: %v are kept, want %v", when, got, kept)
		}
	}
	put(1, 2, 2, 3)
	check("twice the same", 1, 2, 3)
	put(18, 5)
	check("one in the place of another", 1, 3, 5, 18)
	c.Resize(64)
	put(40, 60, 45, 44)
	c.Resize(16)
	check("in less room", 45, 60)
	c.Resize(64)
	put(44) // which there was no room for
	check("in more room again", 45, 60)
	put(30_000)
	check("after a jump", 30_000)
	put(30_001)
	c.Close()
	check("closed")
	if c.Get(30_001) != nil || len(since(c, 30_000)) != 0 {
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
		c.Resize(128)
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
