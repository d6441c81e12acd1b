package transportcc

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/pion/rtcp"

	"galene/group/leaktest"
)

// network carries numbered packets from a History to a Recorder and feedback
// back.
type network struct {
	h       History
	r       *Recorder
	sent    []time.Duration
	arrived []time.Duration
	// told is what feedback said last of each packet.
	told map[int]Result
}

func newNetwork(first uint16) *network {
	n := &network{r: new(Recorder), told: make(map[int]Result)}
	n.h.next = int64(first)
	return n
}

// feedback passes all messages that are due, and has pion read them too.
func (n *network) feedback(t *testing.T) {
	t.Helper()
	for more := n.r.Pending() > 0; more; {
		var message []byte
		message, more = n.r.Append(nil, 1, 2)
		if len(message) == 0 {
			break
		}
		if len(message) > MaxFeedback || !IsFeedback(message) {
			t.Fatalf("message of %d bytes", len(message))
		}
		var oracle rtcp.TransportLayerCC
		if err := oracle.Unmarshal(message); err != nil {
			t.Fatalf("pion: %v", err)
		}
		results, err := n.h.Feedback(message, nil)
		if err != nil {
			t.Fatal(err)
		}
		received := 0
		for _, r := range results {
			i := slices.Index(n.sent, r.Sent)
			n.told[i] = r
			if r.Received {
				received++
			}
		}
		if received > len(oracle.RecvDeltas) {
			t.Fatalf("%d packets received, by pion %d", received, len(oracle.RecvDeltas))
		}
	}
}

func TestFeedbackTellsWhatArrivedWhen(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	for name, tt := range map[string]struct {
		first    uint16
		loss     float64
		jitter   time.Duration
		interval time.Duration
		every    int
	}{
		"nothing lost":         {0, 0, 0, time.Millisecond, 50},
		"over the turn":        {65000, 0, 0, time.Millisecond, 50},
		"some lost":            {9, 0.2, time.Millisecond, time.Millisecond, 30},
		"most lost":            {9, 0.9, time.Millisecond, 5 * time.Millisecond, 100},
		"out of order":         {65500, 0.05, 40 * time.Millisecond, time.Millisecond, 20},
		"long pauses":          {1, 0.1, time.Second, 300 * time.Millisecond, 3},
		"pauses beyond deltas": {1, 0.1, 0, 9 * time.Second, 2},
		"more than a message":  {1, 0.3, 5 * time.Millisecond, 100 * time.Microsecond, 1500},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			random := rand.New(rand.NewPCG(1, 2))
			n := newNetwork(tt.first)
			const offset = 77 * time.Hour
			type arrival struct {
				i        int
				sequence uint16
				at       time.Duration
			}
			var arrivals []arrival
			now := time.Duration(0)
			for i := range 3000 {
				now += tt.interval + time.Duration(i)
				n.sent = append(n.sent, now)
				sequence := n.h.Next(1000, 0, uint8(i%3), now)
				at := now + 20*time.Millisecond
				if tt.jitter > 0 {
					at += time.Duration(random.Int64N(int64(tt.jitter)))
				}
				n.arrived = append(n.arrived, at+offset)
				if random.Float64() >= tt.loss {
					arrivals = append(arrivals, arrival{i, sequence, at})
				} else {
					n.arrived[i] = 0
				}
				// What has arrived by now is recorded in the order of arrival.
				slices.SortStableFunc(arrivals, func(a, b arrival) int { return int(a.at - b.at) })
				for len(arrivals) > 0 && arrivals[0].at <= now {
					n.r.Received(arrivals[0].sequence, arrivals[0].at+offset)
					arrivals = arrivals[1:]
				}
				if i%tt.every == 0 {
					n.feedback(t)
				}
			}
			n.feedback(t)
			pending := make(map[int]bool)
			for _, a := range arrivals {
				pending[a.i] = true
			}
			var shift time.Duration
			known := false
			last := len(n.sent) - 1
			for ; pending[last] || n.arrived[last] == 0; last-- {
			}
			// What is lost before anything has arrived, nobody knows of.
			begin := slices.IndexFunc(n.arrived, func(at time.Duration) bool { return at > 0 })
			for i := begin; i < last; i++ {
				r, told := n.told[i]
				if pending[i] {
					continue
				}
				if !told {
					t.Fatalf("nothing was told of packet %d", i)
				}
				if r.Received != (n.arrived[i] > 0) || r.Size != 1000 || int(r.Probe) != i%3 {
					t.Fatalf("packet %d: %+v, arrived at %v", i, r, n.arrived[i])
				}
				if !r.Received {
					continue
				}
				if !known {
					shift, known = n.arrived[i]-r.Arrival, true
				}
				if d := n.arrived[i] - r.Arrival - shift; d < -2*deltaUnit || d > 2*deltaUnit {
					t.Fatalf("packet %d: %v off", i, d)
				}
			}
		})
	}
}

func TestLateArrivalsCorrectWhatWasTold(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	n := newNetwork(100)
	for i := range 10 {
		n.sent = append(n.sent, time.Duration(i+1)*time.Millisecond)
		sequence := n.h.Next(500, 0, 0, n.sent[i])
		if i != 4 {
			n.r.Received(sequence, n.sent[i])
		}
	}
	n.feedback(t)
	if r := n.told[4]; r.Received {
		t.Fatalf("%+v", r)
	}
	n.r.Received(104, 50*time.Millisecond)
	n.feedback(t)
	if r := n.told[4]; !r.Received || !r.Late || r.Again {
		t.Fatalf("%+v", r)
	}
	if n.told[5].Late {
		t.Error("one that came in time is late")
	}
	if n.r.Pending() != 0 {
		t.Errorf("%d pending", n.r.Pending())
	}
}

func TestDuplicatesAndAncientsAreNotCounted(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	r := new(Recorder)
	r.Received(10, time.Second)
	r.Received(10, 2*time.Second)
	if r.Pending() != 1 {
		t.Errorf("%d pending after a duplicate", r.Pending())
	}
	r.Received(10+window, 3*time.Second)
	r.Received(10, 4*time.Second)
	if r.Pending() != 2 {
		t.Errorf("%d pending after an ancient one", r.Pending())
	}
}

// A sender that numbers its packets anew hears of them at once, wherever it begins; a
// single packet of long ago is no reason to begin anew.
func TestSenderThatStartsAnewHearsOfIt(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	const before, count = 50_000, 20
	for _, anew := range []uint16{1, 20_000, before - window - 10, before - window/2, before + window + 10, 65_530} {
		r := new(Recorder)
		for sequence := before - window + 1; sequence <= before; sequence++ {
			r.Received(uint16(sequence), time.Second)
		}
		r.Received(before-window-100, time.Second)
		r.Received(before+1, time.Second)
		if r.Received(before-window-99, time.Second); r.Pending() != window+1 {
			t.Fatalf("%d pending, one of long ago is among them", r.Pending())
		}
		r.Received(before+2, time.Second)
		for r.Pending() > 0 {
			r.Append(nil, 1, 2)
		}
		h := History{next: int64(anew)}
		for range count {
			r.Received(h.Next(100, 0, 0, 4*time.Second), 4*time.Second)
		}
		var results []Result
		for more := r.Pending() > 0; more; {
			var message []byte
			var err error
			message, more = r.Append(nil, 1, 2)
			if results, err = h.Feedback(message, results); err != nil {
				t.Fatal(err)
			}
			if len(message) > 100 {
				t.Errorf("anew with %d: a message of %d bytes", anew, len(message))
			}
		}
		arrived := 0
		for _, result := range results {
			if result.Received {
				arrived++
			}
		}
		// The first may as well have been of long ago.
		if arrived < count-1 {
			t.Errorf("anew with %d: hears of %d packets that have arrived, want %d", anew, arrived, count)
		}
	}
}

func TestNothingIsAllocatedForAPacket(t *testing.T) {
	leaktest.Check(t)
	var h History
	r := new(Recorder)
	message := make([]byte, 0, MaxFeedback)
	results := make([]Result, 0, 100)
	now := time.Duration(0)
	if n := testing.AllocsPerRun(100, func() {
		for range 20 {
			now += time.Millisecond
			r.Received(h.Next(1200, 0, 0, now), now)
		}
		message, _ = r.Append(message[:0], 1, 2)
		results, _ = h.Feedback(message, results[:0])
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
	if len(results) != 20 {
		t.Errorf("%d results", len(results))
	}
}

// Of packets that were never sent, or are forgotten, nothing is told, however many a
// message names.
func TestOnlyOfWhatIsRememberedIsTold(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	const sent = 70_000 // the numbers have come round
	next := uint16(sent & 0xffff)
	for name, tt := range map[string]struct {
		base, count      uint16
		chunks, deltas   []byte
		results, arrived int
	}{
		"never sent":              {next, 65000, slices.Concat(run(0, 8000), run(0, 8000), run(0, 8000), run(0, 8000), run(0, 8000), run(0, 8000), run(0, 8000), run(0, 8000), run(0, 8000)), nil, 0, 0},
		"never sent, but arrived": {next, 3, run(1, 3), []byte{1, 1, 1}, 0, 0},
		"the last, and beyond":    {next - 2, 4, run(1, 4), []byte{1, 1, 1, 1}, 2, 2},
		"long ago":                {next - 20000, 10000, slices.Concat(run(0, 8000), run(0, 2000)), nil, 0, 0},
		"long ago, and arrived":   {next - 20000, 3, run(1, 3), []byte{1, 1, 1}, 0, 0},
		"from long ago until now": {next - 20000, 20000, slices.Concat(run(0, 8000), run(0, 8000), run(0, 3998), run(1, 2)), []byte{1, 1}, firstWindow, 2},
		"just before":             {next - firstWindow - 1, 3, slices.Concat(run(0, 2), run(1, 1)), []byte{1}, 2, 1},
		"in the midst of a run":   {next - firstWindow - 10, 12, slices.Concat(run(0, 11), run(1, 1)), []byte{1}, 2, 1},
	} {
		var h History
		for i := range sent {
			h.Next(100, 0, 0, time.Duration(i)*time.Hour)
		}
		results, err := h.Feedback(message(tt.base, tt.count, tt.chunks, tt.deltas), nil)
		arrived := 0
		for _, r := range results {
			if r.Received {
				arrived++
			}
		}
		if err != nil || len(results) != tt.results || arrived != tt.arrived {
			t.Errorf("%s: %d results, %d of which arrived (%v)", name, len(results), arrived, err)
		}
	}
}

// Whatever a peer sends is refused or understood as pion does.
func FuzzFeedback(f *testing.F) {
	leaktest.Check(f)
	r := new(Recorder)
	for i := range uint16(30) {
		if i%4 != 0 {
			r.Received(i, time.Duration(i)*40*time.Millisecond)
		}
	}
	message, _ := r.Append(nil, 1, 2)
	f.Add(message)
	f.Add([]byte{0x8f, 205, 0, 5, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 9, 0, 0, 0, 0, 0x20, 9, 0, 0})
	f.Add([]byte{0xaf, 205, 0, 4, 0, 0, 0, 1, 0, 0, 0, 2, 255, 255, 255, 255, 0, 0, 0, 200})
	f.Fuzz(func(t *testing.T, packet []byte) {
		var h History
		for range 64 {
			h.Next(100, 0, 0, 0)
		}
		results, err := h.Feedback(packet, nil)
		if len(results) > 64 {
			t.Fatalf("%d results for 64 packets", len(results))
		}
		if err == nil && !IsFeedback(packet) {
			t.Fatal("taken for feedback")
		}
	})
}

func BenchmarkFeedback(b *testing.B) {
	var h History
	r := new(Recorder)
	message := make([]byte, 0, MaxFeedback)
	results := make([]Result, 0, 100)
	now := time.Duration(0)
	b.ReportAllocs()
	for b.Loop() {
		for range 20 {
			now += time.Millisecond
			r.Received(h.Next(1200, 0, 0, now), now)
		}
		message, _ = r.Append(message[:0], 1, 2)
		results, _ = h.Feedback(message, results[:0])
	}
}

func TestWhatIsSentTwiceIsMarked(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	n := newNetwork(65535)
	for i := range 3 {
		n.sent = append(n.sent, time.Duration(i+1)*time.Millisecond)
		sequence := n.h.Next(500, 0, 0, n.sent[i])
		if i == 1 {
			n.h.Again(sequence)
		}
		n.r.Received(sequence, n.sent[i])
	}
	n.feedback(t)
	for i := range 3 {
		if r := n.told[i]; r.Again != (i == 1) || !r.Received {
			t.Errorf("packet %d: %+v", i, r)
		}
	}
}

// However fast packets are sent, those of the last three seconds are remembered; of
// slow ones a history keeps little more than that.
func TestPacketsOfTheLastSecondsAreRemembered(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	for _, test := range []struct {
		count, want int
		interval    time.Duration
	}{
		{2000, 2000, 1500 * time.Microsecond},
		{300, 300, 6 * time.Millisecond},
		{300, 300, remembered/firstWindow - time.Microsecond},
		{300, firstWindow, remembered / firstWindow},
		{1000, firstWindow, 30 * time.Millisecond},
	} {
		var h History
		r := new(Recorder)
		for i := range test.count {
			now := time.Hour + time.Duration(i)*test.interval
			r.Received(h.Next(1000, 0, 0, now), now)
		}
		var results []Result
		for more := true; more; {
			var message []byte
			message, more = r.Append(nil, 1, 2)
			var err error
			if results, err = h.Feedback(message, results); err != nil {
				t.Fatal(err)
			}
		}
		if len(results) != test.want {
			t.Errorf("%d packets, one in %v: %d are remembered, want %d", test.count, test.interval, len(results), test.want)
		}
		for _, result := range results {
			if result.Size != 1000 || !result.Received {
				t.Fatalf("%+v", result)
			}
		}
		if first := results[0].Sent; first != time.Hour+time.Duration(test.count-test.want)*test.interval {
			t.Errorf("the first that is remembered was sent at %v", first)
		}
	}
}
