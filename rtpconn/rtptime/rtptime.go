// Package rtptime converts between the clocks of RTP: NTP timestamps of 64
// bits, their middle 32 bits ("compact"), RTP timestamp units, and durations.
// It reads no clock itself.
package rtptime

import (
	"math/bits"
	"time"
)

// AddNTP moves an NTP timestamp (RFC 3550, section 4: seconds in the upper,
// fractions in the lower 32 bits) forward by d, which must not be negative.
func AddNTP(ntp uint64, d time.Duration) uint64 {
	seconds := uint64(d / time.Second)
	fraction := uint64(d%time.Second) << 32 / uint64(time.Second)
	return ntp + seconds<<32 + fraction
}

// Compact returns the middle 32 bits of an NTP timestamp, in units of
// 1/65536 s, as reports carry it (RFC 3550, section 6.4.1).
func Compact(ntp uint64) uint32 { return uint32(ntp >> 16) }

// FromCompact converts a span in units of 1/65536 s.
func FromCompact(span uint32) time.Duration {
	return time.Duration(uint64(span) * uint64(time.Second) >> 16)
}

// Units converts a span, not negative, to units of an RTP clock, modulo 2^32.
func Units(d time.Duration, clockRate uint32) uint32 {
	high, low := bits.Mul64(uint64(d), uint64(clockRate))
	quotient, _ := bits.Div64(high, low, uint64(time.Second))
	return uint32(quotient)
}

// FromUnits converts a span in units of an RTP clock, which must not be 0.
func FromUnits(units, clockRate uint32) time.Duration {
	return time.Duration(uint64(units) * uint64(time.Second) / uint64(clockRate))
}
