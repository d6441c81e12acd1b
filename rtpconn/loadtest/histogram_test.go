package loadtest

import (
	"testing"
	"time"

	"galene/group/leaktest"
)

func TestPercentilesAreRightToThreePercent(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	var h Histogram
	for i := range 10_000 {
		h.Add(time.Duration(i+1) * 100 * time.Microsecond)
	}
	for share, want := range map[float64]time.Duration{0.5: 500 * time.Millisecond, 0.99: 990 * time.Millisecond, 1: time.Second} {
		if got := h.Percentile(share); got > want || got < want*96/100 {
			t.Errorf("percentile %v: got %v, want %v", share, got, want)
		}
	}
}

func TestHistogramsOfPeriods(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	var h Histogram
	if h.Percentile(0.5) != 0 {
		t.Error("an empty histogram has a percentile")
	}
	h.Add(time.Hour)
	h.Add(-time.Second)
	before := h
	h.Add(10 * time.Microsecond)
	h.Remove(&before)
	if h.Count() != 1 || h.Percentile(0.01) != 10*time.Microsecond {
		t.Errorf("%d durations, %v", h.Count(), h.Percentile(0.01))
	}
	h.Merge(&before)
	if h.Count() != 3 || h.Percentile(0.01) != 0 || h.Percentile(1) < 58*time.Minute {
		t.Errorf("%d durations, up to %v", h.Count(), h.Percentile(1))
	}
}

func TestEveryDurationHasABucket(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	last := -1
	for us := uint64(0); us < 1<<62; us += 1 + us/100 {
		b := bucket(us)
		if b < last || b >= buckets {
			t.Fatalf("%d µs are in bucket %d after %d", us, b, last)
		}
		if l := lowest(b); l > us || us < 1<<topPower && us-l > us>>stepBits {
			t.Fatalf("%d µs are in the bucket of %d", us, l)
		}
		last = b
	}
}
