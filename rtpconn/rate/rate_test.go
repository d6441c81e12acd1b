package rate

import (
	"testing"
	"time"

	"galene/group/leaktest"
)

const ms = time.Millisecond

func TestSteadyFlow(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	var e Estimator
	for now := time.Duration(0); now < 5*time.Second; now += 10 * ms {
		e.Add(1250, now)
	}
	if bits, packets := e.Rates(5*time.Second - ms); bits != 1_000_000 || packets != 100 {
		t.Errorf("%d bits, %d packets", bits, packets)
	}
}

func TestFlowsBeginAndEnd(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	var e Estimator
	if bits, packets := e.Rates(time.Hour); bits != 0 || packets != 0 {
		t.Errorf("before anything: %d, %d", bits, packets)
	}
	e.Add(100, time.Hour)
	e.Add(100, time.Hour+500*ms)
	for _, tt := range []struct {
		after         time.Duration
		bits, packets int64
	}{{500 * ms, 1600, 2}, {900 * ms, 1600, 2}, {1000 * ms, 800, 1}, {1500 * ms, 0, 0}, {time.Hour, 0, 0}} {
		if bits, packets := e.Rates(time.Hour + tt.after); bits != tt.bits || packets != tt.packets {
			t.Errorf("after %v: %d, %d", tt.after, bits, packets)
		}
	}
}

func TestPauseForgetsWhatWasBefore(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	var e Estimator
	e.Add(1000, 0)
	e.Add(10, 3*time.Second)
	if bits, packets := e.Rates(3 * time.Second); bits != 80 || packets != 1 {
		t.Errorf("%d, %d", bits, packets)
	}
}

func TestCountingDoesNotAllocate(t *testing.T) {
	leaktest.Check(t)
	var e Estimator
	now := time.Duration(0)
	if n := testing.AllocsPerRun(1000, func() {
		now += 3 * ms
		e.Add(1200, now)
		e.Rates(now)
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func BenchmarkAdd(b *testing.B) {
	var e Estimator
	now := time.Duration(0)
	b.ReportAllocs()
	for b.Loop() {
		now += 100 * time.Microsecond
		e.Add(1200, now)
	}
}
