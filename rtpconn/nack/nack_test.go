package nack

import (
	"bytes"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"galene/group/leaktest"
)

const ms = time.Millisecond

// due collects what is asked for at a moment.
func due(g *Generator, now time.Duration) []uint16 {
	missing, _ := g.Due(now, 50*ms, make([]uint16, 0, 64))
	return missing
}

func TestLossesAreAskedForAgainAndAgain(t *testing.T) {
	leaktest.Check(t)
	g := NewGenerator(Options{})
	for _, seq := range []uint16{65533, 65534, 1} { // 65535 and 0 are missing
		g.Received(seq, 0)
	}
	if got := due(g, 5*ms); len(got) != 0 {
		t.Errorf("asked for %v before they could have come out of order", got)
	}
	if got := due(g, 10*ms); !slices.Equal(got, []uint16{65535, 0}) {
		t.Errorf("asked for %v", got)
	}
	if got := due(g, 50*ms); len(got) != 0 {
		t.Errorf("asked for %v within a round trip", got)
	}
	g.Received(65535, 60*ms)
	if got := due(g, 80*ms); !slices.Equal(got, []uint16{0}) {
		t.Errorf("asked for %v", got)
	}
	g.Received(0, 90*ms)
	if got := due(g, 200*ms); len(got) != 0 || g.Missing() != 0 {
		t.Errorf("asked for %v, which came", got)
	}
}

// However short the way is, what has been asked for has time to come.
func TestRequestsAreApart(t *testing.T) {
	leaktest.Check(t)
	g := NewGenerator(Options{})
	g.Received(1, 0)
	g.Received(3, 0)
	var asked []time.Duration
	for now := time.Duration(0); now <= 60*ms; now += 2 * ms {
		if missing, _ := g.Due(now, 0, make([]uint16, 0, 64)); len(missing) > 0 {
			asked = append(asked, now)
		}
	}
	if want := []time.Duration{10 * ms, 30 * ms, 50 * ms}; !slices.Equal(asked, want) {
		t.Errorf("asked at %v, want %v", asked, want)
	}
}

// What has been forgotten is not asked for, and what gets lost later is.
func TestForgottenLossesAreOver(t *testing.T) {
	leaktest.Check(t)
	g := NewGenerator(Options{})
	g.Received(1, 0)
	g.Received(4, 0)
	if g.Forget(); g.Missing() != 0 || len(due(g, 20*ms)) != 0 {
		t.Errorf("%d are missing, %v is asked for", g.Missing(), due(g, 20*ms))
	}
	g.Received(6, 20*ms)
	if got := due(g, 40*ms); g.Missing() != 1 || !slices.Equal(got, []uint16{5}) {
		t.Errorf("%d are missing, %v is asked for", g.Missing(), got)
	}
}

func TestLossesAreGivenUp(t *testing.T) {
	leaktest.Check(t)
	tests := map[string]struct {
		options Options
		until   time.Duration
		most    int
	}{
		"after the deadline": {Options{MaxAttempts: 1000}, 2 * time.Second, 20},
		"after the attempts": {Options{Deadline: time.Hour, MaxAttempts: 3}, time.Minute, 3},
	}
	for name, test := range tests {
		g := NewGenerator(test.options)
		g.Received(1, 0)
		g.Received(3, 0)
		asked := 0
		for now := time.Duration(0); now < test.until; now += 10 * ms {
			asked += len(due(g, now))
		}
		if asked == 0 || asked > test.most || g.Missing() != 0 {
			t.Errorf("%s: asked %d times, %d still missing", name, asked, g.Missing())
		}
	}
}

func TestOutageIsASilenceInWhichMuchWasLost(t *testing.T) {
	leaktest.Check(t)
	tests := map[string]struct {
		silence time.Duration
		step    uint16
		want    bool
		missing int
	}{
		"much":                  {outage + ms, outagePackets + 1, true, 0},
		"more than is kept":     {outage + ms, maxStep + 1, true, 0},
		"little":                {outage + ms, outagePackets, false, outagePackets - 1},
		"nothing":               {outage + ms, 1, false, 0},
		"a shorter silence":     {outage, outagePackets + 1, false, outagePackets},
		"an old packet":         {outage + ms, 1<<16 - outagePackets - 1, false, 0},
		"numbers far backwards": {outage + ms, 1<<16 - maxStep - 1, true, 0},
		"new numbers at once":   {ms, maxStep + 1, false, 0},
	}
	for name, test := range tests {
		g := NewGenerator(Options{})
		g.Received(10, time.Second)
		g.Received(11, 2*time.Second)
		if got := g.Received(11+test.step, 2*time.Second+test.silence); got != test.want || g.Missing() != test.missing {
			t.Errorf("%s: %t, %d are missing", name, got, g.Missing())
		}
		if test.want && g.Received(g.highest+outagePackets+1, 2*time.Second+test.silence+ms) {
			t.Errorf("%s: what follows ends an outage once more", name)
		}
	}
}

func TestWantedIsWhatIsMissingAndNotGivenUp(t *testing.T) {
	leaktest.Check(t)
	g := NewGenerator(Options{Deadline: time.Second})
	g.Received(1, 0)
	g.Received(4, 0)
	for seq, want := range map[uint16]bool{1: false, 2: true, 3: true, 4: false, 5: false, 2 + window: false, 1<<16 + 2 - window: false} {
		if got := g.Wants(seq); got != want {
			t.Errorf("%d: %t", seq, got)
		}
	}
	g.Received(3, 10*ms)
	due(g, 2*time.Second)
	if g.Wants(2) || g.Wants(3) {
		t.Error("what came, or was given up, is still wanted")
	}
}

func TestOnlyTheFirstRequestIsFresh(t *testing.T) {
	leaktest.Check(t)
	g := NewGenerator(Options{})
	g.Received(1, 0)
	g.Received(4, 0)
	for i, want := range []int{2, 0, 0} {
		now := time.Duration(i+1) * 100 * ms
		if got, fresh := g.Due(now, 50*ms, make([]uint16, 0, 64)); len(got) != 2 || fresh != want {
			t.Errorf("at %v: %v, of which %d fresh", now, got, fresh)
		}
	}
}

func TestNewNumberingStartsOver(t *testing.T) {
	leaktest.Check(t)
	for _, first := range []uint16{40000, 12 + maxStep + 1, 1<<16 + 12 - maxStep - 1} {
		g := NewGenerator(Options{})
		g.Received(10, 0)
		g.Received(12, 0)
		g.Received(first, 0)
		g.Received(first+2, 0)
		if got := due(g, 20*ms); g.Missing() != 1 || !slices.Equal(got, []uint16{first + 1}) {
			t.Errorf("anew with %d: %d are missing, asked for %v", first, g.Missing(), got)
		}
	}
}

func TestRequestsAreBounded(t *testing.T) {
	leaktest.Check(t)
	g := NewGenerator(Options{})
	g.Received(0, 0)
	g.Received(window, 0)
	asked := 0
	for range 100 {
		asked += len(due(g, 20*ms))
	}
	if asked != window-1 {
		t.Errorf("asked for %d packets, each once, of %d", asked, window-1)
	}
}

// The missing are exactly those within the window that did not come, whatever
// the order.
func FuzzGenerator(f *testing.F) {
	leaktest.Check(f)
	f.Add([]byte{1, 2, 5, 3, 4, 200, 1})
	f.Add([]byte{255, 255, 255, 255, 255, 255, 3, 128})
	f.Add(append([]byte{2}, append(bytes.Repeat([]byte{127}, 8), 7)...)) // in the place of the first that is missing
	f.Add(bytes.Repeat([]byte{127}, 40))                                 // most is missing, for longer than it is remembered
	f.Fuzz(func(t *testing.T, steps []byte) {
		g := NewGenerator(Options{Deadline: time.Hour, MaxAttempts: 1 << 30}) // nothing is given up
		seq := uint16(65000)
		now := time.Duration(0)
		g.Received(seq, now)
		highest, missing := seq, make(map[uint16]bool)
		for _, step := range steps {
			seq += uint16(int8(step))
			now += ms
			g.Received(seq, now)
			for ; int16(seq-highest) > 0; highest++ {
				missing[highest+1] = true
				delete(missing, highest+1-window)
			}
			delete(missing, seq)
			for _, s := range due(g, now) {
				if !missing[s] {
					t.Fatalf("asked for %d, which is not missing", s)
				}
			}
			if g.Missing() != len(missing) {
				t.Fatalf("%d missing, want %d", g.Missing(), len(missing))
			}
			for s := range missing {
				if !g.Wants(s) {
					t.Fatalf("%d is not wanted, though it has not come", s)
				}
			}
		}
	})
}

func TestPairsHoldAllNumbers(t *testing.T) {
	leaktest.Check(t)
	random := rand.New(rand.NewPCG(1, 2))
	for range 100 {
		var want []uint16
		seq := uint16(random.Uint32())
		for range 40 {
			want = append(want, seq)
			seq += uint16(1 + random.IntN(30))
		}
		var got []uint16
		for _, p := range Pairs(want) {
			got = append(got, p.PacketList()...)
		}
		if !slices.Equal(got, want) {
			t.Fatalf("%v became %v", want, got)
		}
	}
}

func TestAnswersOnTheirWayAreNotRepeated(t *testing.T) {
	leaktest.Check(t)
	var r Responder
	var b Budget
	steps := []struct {
		seq  uint16
		at   time.Duration
		want bool
	}{
		{7, 0, true}, {7, 20 * ms, false}, {8, 20 * ms, true}, {7, 60 * ms, true}, {7 + remembered, 61 * ms, true},
	}
	for _, s := range steps {
		if got := r.Allow(s.seq, 1000, &b, s.at, 50*ms); got != s.want {
			t.Errorf("request for %d at %v: %v", s.seq, s.at, got)
		}
	}
}

func TestAnswersStayWithinTheBudget(t *testing.T) {
	leaktest.Check(t)
	for name, tt := range map[string]struct {
		limit       float64
		least, most int
	}{
		"no limit":        {0, unlimited, 2 * unlimited},
		"a limit":         {100_000, 100_000, 110_000},
		"next to nothing": {10, minCredit - 1000, minCredit},
	} {
		// Of two tracks that share it.
		var r [2]Responder
		var b Budget
		if tt.limit > 0 {
			b.Limit(tt.limit)
		}
		sent := 0
		for i := range 100_000 {
			if r[i%2].Allow(uint16(i), 1000, &b, time.Duration(i)*10*time.Microsecond, 0) { // a second
				sent += 1000
			}
		}
		if sent < tt.least || sent > tt.most {
			t.Errorf("%s: %d bytes in a second, want %d to %d", name, sent, tt.least, tt.most)
		}
	}
}

func TestNoAllocationForEachPacket(t *testing.T) {
	leaktest.Check(t)
	g := NewGenerator(Options{})
	var r Responder
	var b Budget
	buffer := make([]uint16, 0, 64)
	seq := uint16(0)
	if got := testing.AllocsPerRun(1000, func() {
		seq += 2
		g.Received(seq, time.Duration(seq)*ms)
		g.Due(time.Duration(seq)*ms, 50*ms, buffer[:0])
		r.Allow(seq, 100, &b, time.Duration(seq)*ms, 50*ms)
	}); got != 0 {
		t.Errorf("%v allocations", got)
	}
}
