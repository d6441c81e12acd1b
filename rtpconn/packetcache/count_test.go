package packetcache

import (
	"slices"
	"testing"
	"time"

	"galene/group/leaktest"
)

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

// A step that is large is loss or reordering up to a limit; beyond it is a stray packet,
// unless the one that follows it comes next: then the source has begun anew.
func TestLargeStepsAreARestartIfTheyAreTwo(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	for name, tt := range map[string]struct {
		numbers []uint16
		highest uint32
		lost    uint32
	}{
		"a restart":                   {[]uint16{10, 11, 12, 40000, 13, 14, 30000, 30001, 30002}, 30002, 0},
		"a stray one":                 {[]uint16{10, 11, 40000, 12}, 12, 0},
		"a stray one, and the next":   {[]uint16{10, 40000, 11, 40001, 12}, 12, 0},
		"two that are not in order":   {[]uint16{10, 40000, 40002, 11}, 11, 0},
		"the largest loss":            {[]uint16{10, 10 + maxDropout - 1}, 10 + maxDropout - 1, maxDropout - 2},
		"more than the largest loss":  {[]uint16{10, 10 + maxDropout, 11}, 11, 0},
		"the latest that comes late":  {[]uint16{5000, 5000 - maxMisorder + 1}, 5000, 1<<24 - 1},
		"later than that":             {[]uint16{5000, 5000 - maxMisorder}, 5000, 0},
		"late, and nothing behind it": {[]uint16{10, 12, 13, 11}, 13, 0},
		"over the turn":               {[]uint16{65534, 65535, 1}, 1<<16 + 1, 1},
		"before the first, over it":   {[]uint16{0, 65535}, 0, 1<<24 - 1},
	} {
		r := NewReception(48000)
		for _, n := range tt.numbers {
			r.Received(n, 0, 0)
		}
		if b, ok := r.Report(1, 0, 0); !ok || b.LastSequenceNumber != tt.highest || b.TotalLost != tt.lost {
			t.Errorf("%s: %+v", name, b)
		}
	}
}

func TestEachReportIsAboutItsInterval(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	r := NewReception(48000)
	sequence := uint16(65_000)
	for i, tt := range []struct {
		received, lost, requested, late int
		fraction                        uint8
		missing, total                  uint32
	}{
		{received: 100, fraction: 0, missing: 0, total: 0},
		{received: 3, lost: 1, fraction: 64, missing: 1, total: 1},
		{received: 50, lost: 50, fraction: 128, missing: 50, total: 51},
		{received: 10, late: 20, fraction: 0, missing: 0, total: 31},
		{requested: 9, fraction: 255, missing: 9, total: 40},
		{fraction: 0, missing: 0, total: 40},
		{received: 1, late: 50, fraction: 0, missing: 0, total: 1<<24 - 10},
	} {
		for range tt.late {
			r.Received(sequence-1, 0, 0)
		}
		sequence += uint16(tt.lost)
		for range tt.received {
			r.Received(sequence, 0, 0)
			sequence++
		}
		r.Requested(tt.requested)
		b, _ := r.Report(1, 0, 0)
		if b.FractionLost != tt.fraction || r.LostInInterval() != tt.missing || b.TotalLost != tt.total {
			t.Errorf("report %d: %+v, %d missing", i, b, r.LostInInterval())
		}
	}
}

// The total has 24 bits and a sign, and stops where they end.
func TestTotalOfLossesStopsAtItsLimits(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	r := NewReception(48000)
	r.Received(1, 0, 0)
	r.Requested(1<<23 - 1)
	if b, _ := r.Report(1, 0, 0); b.TotalLost != 1<<23-1 {
		t.Errorf("%x are lost", b.TotalLost)
	}
	r.Requested(1000)
	if b, _ := r.Report(1, 0, 0); b.TotalLost != 1<<23-1 {
		t.Errorf("%x are lost", b.TotalLost)
	}
	r = NewReception(48000)
	for range 1<<23 + 1 {
		r.Received(1, 0, 0)
	}
	if b, _ := r.Report(1, 0, 0); b.TotalLost != 1<<23 {
		t.Errorf("%x are lost", b.TotalLost)
	}
	r.Received(1, 0, 0)
	if b, _ := r.Report(1, 0, 0); b.TotalLost != 1<<23 {
		t.Errorf("%x are lost", b.TotalLost)
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

// What takes always as long has no jitter; what takes ever less has some.
func TestJitterIsOfChanges(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	for step, want := range map[time.Duration]time.Duration{0: 0, time.Millisecond: time.Millisecond, -time.Millisecond: time.Millisecond} {
		r := NewReception(90000)
		for i := range 100 {
			r.Received(uint16(i), uint32(i)*1800, 2*time.Second+time.Duration(i)*(20*time.Millisecond+step))
		}
		if j := r.Jitter(); j < want*9/10 || j > want {
			t.Errorf("%v more each time: jitter %v, want %v", step, j, want)
		}
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
		-time.Millisecond: 0, time.Second: 1 << 16, 18 * time.Hour: 18 * 3600 << 16, 19 * time.Hour: 1<<32 - 1,
		40 * time.Hour: 1<<32 - 1, 1000 * time.Hour: 1<<32 - 1,
	} {
		if b, _ := r.Report(1, 1, since); b.Delay > want || b.Delay < max(1, want)-1 {
			t.Errorf("%v ago: %d, want %d", since, b.Delay, want)
		}
	}
}
