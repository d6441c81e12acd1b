package nack

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/pion/rtcp"
)

const ms = time.Millisecond

func TestLossesAreAskedForUntilTheyArrive(t *testing.T) {
	t.Parallel()
	g := NewGenerator(Options{})
	for _, n := range []uint16{65533, 65534, 2, 4} {
		g.Received(n, 0)
	}
	if got := g.Due(5*ms, 50*ms, nil); len(got) != 0 {
		t.Errorf("at once: %v", got)
	}
	if got := g.Due(10*ms, 50*ms, nil); !slices.Equal(got, []uint16{65535, 0, 1, 3}) {
		t.Errorf("after the delay: %v", got)
	}
	if got := g.Due(50*ms, 50*ms, nil); len(got) != 0 {
		t.Errorf("within a round trip: %v", got)
	}
	g.Received(0, 60*ms)
	g.Received(0, 60*ms)
	if got := g.Due(80*ms, 50*ms, nil); !slices.Equal(got, []uint16{65535, 1, 3}) {
		t.Errorf("after a round trip: %v", got)
	}
}

func TestReorderedPacketsAreNotAskedFor(t *testing.T) {
	t.Parallel()
	g := NewGenerator(Options{})
	g.Received(1, 0)
	g.Received(3, 0)
	g.Received(2, 9*ms)
	if got := g.Due(time.Second, ms, nil); len(got) != 0 || g.Missing() != 0 {
		t.Errorf("%v", got)
	}
}

func TestLossesAreGivenUp(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		rtt  time.Duration
		most int
	}{"attempts": {ms, 10}, "deadline": {time.Second, 6}} {
		g := NewGenerator(Options{})
		g.Received(1, 0)
		g.Received(3, 0)
		asked := 0
		for now := time.Duration(0); now < 3*time.Second; now += 5 * ms {
			asked += len(g.Due(now, tt.rtt, nil))
		}
		if asked == 0 || asked > tt.most || g.Missing() != 0 {
			t.Errorf("%s: asked %d times, %d still missing", name, asked, g.Missing())
		}
	}
}

func TestKeyframeForgetsWhatIsOlder(t *testing.T) {
	t.Parallel()
	g := NewGenerator(Options{})
	for _, n := range []uint16{65530, 65532, 3, 6} {
		g.Received(n, 0)
	}
	g.Keyframe(2)
	if got := g.Due(time.Second, ms, nil); !slices.Equal(got, []uint16{2, 4, 5}) {
		t.Errorf("%v", got)
	}
}

func TestRestartOfThePublisher(t *testing.T) {
	t.Parallel()
	g := NewGenerator(Options{})
	for _, n := range []uint16{1, 3, 20000, 20002} {
		g.Received(n, 0)
	}
	if got := g.Due(time.Second, ms, nil); !slices.Equal(got, []uint16{20001}) {
		t.Errorf("%v", got)
	}
}

func TestMissingIsBounded(t *testing.T) {
	t.Parallel()
	g := NewGenerator(Options{})
	g.Received(0, 0)
	for n := uint16(0); n < 40000; n += 300 {
		g.Received(n, 0)
		if g.Missing() > maxMissing || cap(g.missing) != maxMissing {
			t.Fatalf("%d missing, room for %d", g.Missing(), cap(g.missing))
		}
	}
	g.Received(39900+4000, 0)
	if got := g.Due(time.Second, ms, nil); len(got) != maxMissing || got[len(got)-1] != 43899 {
		t.Errorf("%d due", len(got))
	}
}

func TestSubscribersMayWantWhatWasGivenUp(t *testing.T) {
	t.Parallel()
	g := NewGenerator(Options{})
	g.Wanted(1, 0) // before anything has arrived
	g.Received(5000, 0)
	g.Received(5003, 0)
	for now := time.Duration(0); now < 3*time.Second; now += 10 * ms {
		g.Due(now, ms, nil)
	}
	now := 3 * time.Second
	for _, n := range []uint16{5002, 5001, 5002, 5003, 5004, 100} {
		g.Wanted(n, now)
	}
	if got := g.Due(now, ms, nil); !slices.Equal(got, []uint16{5001, 5002}) {
		t.Errorf("%v", got)
	}
}

// TestEverythingArrivesInSpiteOfLoss loses one packet in twenty each way, media
// and requests alike, on a line of 40 ms.
func TestEverythingArrivesInSpiteOfLoss(t *testing.T) {
	t.Parallel()
	const packets, delay, rtt = 10_000, 20 * ms, 40 * ms
	random := rand.New(rand.NewPCG(1, 2))
	lost := func() bool { return random.IntN(20) == 0 }
	g := NewGenerator(Options{})
	arrivals := make(map[time.Duration][]uint16) // by the time of arrival
	received := make([]bool, packets)
	left := packets
	for now := time.Duration(0); now < packets*ms+3*time.Second; now += ms {
		if n := int(now / ms); n < packets && (!lost() || n == 0 || n == packets-1) {
			arrivals[now+delay] = append(arrivals[now+delay], uint16(n))
		}
		for _, n := range arrivals[now] {
			g.Received(n, now)
			if !received[n] {
				received[n] = true
				left--
			}
		}
		if due := g.Due(now, rtt, nil); len(due) > 0 && !lost() {
			for _, n := range due {
				if !lost() {
					arrivals[now+rtt] = append(arrivals[now+rtt], n)
				}
			}
		}
	}
	if left != 0 {
		t.Errorf("%d packets never arrived", left)
	}
}

func TestPairs(t *testing.T) {
	t.Parallel()
	for _, numbers := range [][]uint16{
		nil, {5}, {5, 6, 21, 22}, {65530, 65535, 0, 10, 11, 100}, {1, 18, 35},
	} {
		pairs := AppendPairs(nil, numbers)
		if got := AppendNumbers(nil, pairs); !slices.Equal(got, numbers) {
			t.Errorf("%v became %v", numbers, got)
		}
		// And as the library understands them.
		var theirs []uint16
		for _, p := range pairs {
			theirs = append(theirs, p.PacketList()...)
		}
		if !slices.Equal(theirs, numbers) {
			t.Errorf("%v is read as %v", numbers, theirs)
		}
	}
	if got := AppendPairs(nil, []uint16{7, 7, 23}); len(got) != 1 || got[0] != (rtcp.NackPair{PacketID: 7, LostPackets: 1 << 15}) {
		t.Errorf("%+v", got)
	}
}

func TestDuplicateRequestsAreSuppressed(t *testing.T) {
	t.Parallel()
	r := NewResponder(1<<20, 1<<20)
	for _, tt := range []struct {
		sequence uint16
		at       time.Duration
		want     bool
	}{
		{7, 0, true}, {7, 1 * ms, false}, {7, 74 * ms, false}, {8, 74 * ms, true},
		{7, 75 * ms, true}, {7, 100 * ms, false}, {0, 0, true}, {7 + recent, 100 * ms, true},
	} {
		if got := r.Allow(tt.sequence, 1000, tt.at, 100*ms); got != tt.want {
			t.Errorf("packet %d at %v: %v", tt.sequence, tt.at, got)
		}
	}
}

func TestAnswersKeepToTheBudget(t *testing.T) {
	t.Parallel()
	r := NewResponder(10_000, 5_000)
	ask := func(at time.Duration) (allowed int) {
		for n := range uint16(100) {
			if r.Allow(n+uint16(at/ms), 1000, at, ms) {
				allowed++
			}
		}
		return allowed
	}
	if n := ask(0); n != 5 {
		t.Errorf("%d at once, want the burst", n)
	}
	if n := ask(200 * ms); n != 2 {
		t.Errorf("%d after 200 ms", n)
	}
	r.SetRate(0, 200*ms)
	if n := ask(time.Hour); n != 0 {
		t.Errorf("%d without a rate", n)
	}
}

func TestNothingIsAllocated(t *testing.T) {
	g, r := NewGenerator(Options{}), NewResponder(1<<20, 1<<20)
	dst, pairs := make([]uint16, 0, maxMissing), make([]rtcp.NackPair, 0, maxMissing)
	sequence, now := uint16(0), time.Duration(0)
	if n := testing.AllocsPerRun(1000, func() {
		sequence += 7
		now += 5 * ms
		g.Received(sequence, now)
		g.Received(sequence-2, now)
		dst = g.Due(now, 30*ms, dst[:0])
		pairs = AppendPairs(pairs[:0], dst)
		dst = AppendNumbers(dst[:0], pairs)
		r.Allow(sequence, 1000, now, 30*ms)
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func BenchmarkReceived(b *testing.B) {
	g := NewGenerator(Options{})
	sequence := uint16(0)
	b.ReportAllocs()
	for b.Loop() {
		sequence++
		if sequence%20 != 0 {
			g.Received(sequence, 0)
		}
	}
}
