package loadtest

import (
	"math"
	"math/bits"
	"time"
)

const (
	// stepBits is the resolution of a Histogram: each power of two is divided
	// into 2^stepBits steps, so a duration is known to 3 %.
	stepBits = 5
	// topPower bounds a Histogram: 2^40 µs are twelve days.
	topPower = 40
	buckets  = (topPower - stepBits + 1) << stepBits
)

// Histogram counts durations from microseconds up. The zero value is empty.
// It is not safe for concurrent use.
type Histogram struct {
	total  uint64
	counts [buckets]uint64
}

// Add counts a duration; negative ones count as 0.
func (h *Histogram) Add(d time.Duration) {
	h.counts[bucket(uint64(max(0, d.Microseconds())))]++
	h.total++
}

// bucket is the index of a number of microseconds: the position of its highest
// bit, followed by the stepBits bits after it.
func bucket(us uint64) int {
	power := bits.Len64(us)
	if power <= stepBits {
		return int(us)
	}
	shift := power - stepBits - 1
	return min(shift<<stepBits+int(us>>shift), buckets-1)
}

// lowest is the smallest number of microseconds that belongs to a bucket.
func lowest(bucket int) uint64 {
	if bucket < 2<<stepBits {
		return uint64(bucket)
	}
	shift := bucket>>stepBits - 1
	return uint64(bucket-shift<<stepBits) << shift
}

// Count returns how many durations there are.
func (h *Histogram) Count() uint64 { return h.total }

// Percentile returns the duration below which the given share, of 0 to 1, of
// all durations is; 0 if there are none.
func (h *Histogram) Percentile(share float64) time.Duration {
	wanted := uint64(math.Ceil(share * float64(h.total)))
	var seen uint64
	for i, n := range h.counts {
		seen += n
		if n > 0 && seen >= wanted {
			return time.Duration(lowest(i)) * time.Microsecond
		}
	}
	return 0
}

// Merge adds all durations of another histogram.
func (h *Histogram) Merge(other *Histogram) {
	h.total += other.total
	for i, n := range other.counts {
		h.counts[i] += n
	}
}

// Remove takes away what an earlier state of the same histogram had.
func (h *Histogram) Remove(earlier *Histogram) {
	h.total -= earlier.total
	for i, n := range earlier.counts {
		h.counts[i] -= n
	}
}
