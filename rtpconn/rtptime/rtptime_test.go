package rtptime

import (
	"testing"
	"time"

	"galene/group/leaktest"
)

func TestNTPCarriesFractionsIntoSeconds(t *testing.T) {
	leaktest.Check(t)
	const half = uint64(1) << 31
	tests := []struct {
		ntp  uint64
		d    time.Duration
		want uint64
	}{
		{0, 0, 0},
		{7 << 32, 500 * time.Millisecond, 7<<32 + half},
		{7<<32 + half, 500 * time.Millisecond, 8 << 32},
		{1<<64 - 1, time.Second, 1<<32 - 1}, // the era ends in 2036
	}
	for _, test := range tests {
		if got := AddNTP(test.ntp, test.d); got != test.want {
			t.Errorf("%x + %v = %x, want %x", test.ntp, test.d, got, test.want)
		}
	}
}

func TestCompactSpans(t *testing.T) {
	leaktest.Check(t)
	for span, want := range map[uint32]time.Duration{
		0: 0, 1: 15_258, 1 << 15: 500 * time.Millisecond, 90 << 16: 90 * time.Second, 1<<32 - 1: 18*time.Hour + 12*time.Minute + 16*time.Second - 15_259,
	} {
		if got := FromCompact(span); got != want {
			t.Errorf("%d became %v, want %v", span, got, want)
		}
	}
	if got := Compact(0x1122334455667788); got != 0x33445566 {
		t.Errorf("middle bits %x", got)
	}
}

func TestUnitsOfAnRTPClock(t *testing.T) {
	leaktest.Check(t)
	tests := []struct {
		d    time.Duration
		rate uint32
		want uint32
	}{
		{time.Second, 90000, 90000},
		{20 * time.Millisecond, 48000, 960},
		{33 * time.Millisecond, 90000, 2970},
		{1000 * time.Hour, 90000, 1877452800}, // modulo 2^32
	}
	for _, test := range tests {
		if got := Units(test.d, test.rate); got != test.want {
			t.Errorf("%v at %d Hz is %d, want %d", test.d, test.rate, got, test.want)
		}
	}
}

func TestSpansOfAnRTPClock(t *testing.T) {
	leaktest.Check(t)
	tests := []struct {
		units, rate uint32
		want        time.Duration
	}{
		{0, 90000, 0},
		{90000, 90000, time.Second},
		{960, 48000, 20 * time.Millisecond},
		{1, 8000, 125 * time.Microsecond},
		{1<<32 - 1, 8000, (1<<32 - 1) * 125 * time.Microsecond},
		{1<<32 - 1, 1, (1<<32 - 1) * time.Second},
	}
	for _, test := range tests {
		if got := FromUnits(test.units, test.rate); got != test.want {
			t.Errorf("%d units at %d Hz are %v, want %v", test.units, test.rate, got, test.want)
		}
	}
}
