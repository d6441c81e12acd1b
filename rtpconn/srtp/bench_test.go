package srtp

import (
	"encoding/binary"
	"testing"
)

// The allocations that these benchmarks report are made by pion/srtp; this
// package adds none.

func BenchmarkSeal(b *testing.B) {
	for name, c := range suites {
		b.Run(name, func(b *testing.B) {
			s, err := NewSealer(c.profile, c.key, c.salt)
			if err != nil {
				b.Fatal(err)
			}
			buf := make([]byte, 1200+Overhead)
			plain := packet(b, 1, 1100)
			sequence := uint16(0)
			b.ReportAllocs()
			for b.Loop() {
				copy(buf, plain)
				sequence++
				binary.BigEndian.PutUint16(buf[2:], sequence)
				if _, err := s.RTP(buf, len(plain)); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkOpen(b *testing.B) {
	for name, c := range suites {
		b.Run(name, func(b *testing.B) {
			s, err := NewSealer(c.profile, c.key, c.salt)
			if err != nil {
				b.Fatal(err)
			}
			sealed := make([][]byte, 1<<12)
			for i := range sealed {
				sealed[i] = seal(b, s.RTP, packet(b, 1, uint16(i)))
			}
			buf := make([]byte, 2048)
			var o *Opener
			i := 0
			b.ReportAllocs()
			for b.Loop() {
				if i%len(sealed) == 0 {
					if o, err = NewOpener(c.profile, c.key, c.salt); err != nil {
						b.Fatal(err)
					}
				}
				p := buf[:copy(buf, sealed[i%len(sealed)])]
				if _, err := o.RTP(p); err != nil {
					b.Fatal(err)
				}
				i++
			}
		})
	}
}

// TestNoAllocationOfOurOwn compares with what pion's context allocates when it
// is used directly.
func TestNoAllocationOfOurOwn(t *testing.T) {
	for name, c := range suites {
		s, err := NewSealer(c.profile, c.key, c.salt)
		if err != nil {
			t.Fatal(err)
		}
		o, err := NewOpener(c.profile, c.key, c.salt)
		if err != nil {
			t.Fatal(err)
		}
		buf, plain := make([]byte, 2048), packet(t, 1, 1100)
		sequence := uint16(0)
		roundTrip := func(seal func(int) int, open func(int)) float64 {
			return testing.AllocsPerRun(200, func() {
				sequence++
				n := copy(buf, plain)
				binary.BigEndian.PutUint16(buf[2:], sequence)
				open(seal(n))
			})
		}
		ours := roundTrip(func(n int) int {
			n, err := s.RTP(buf, n)
			if err != nil {
				t.Fatal(err)
			}
			return n
		}, func(n int) {
			if _, err := o.RTP(buf[:n]); err != nil {
				t.Fatal(err)
			}
		})
		direct := roundTrip(func(n int) int {
			sealed, err := s.context.EncryptRTP(buf[:n], buf[:n], &s.header)
			if err != nil {
				t.Fatal(err)
			}
			return len(sealed)
		}, func(n int) {
			if _, err := o.context.DecryptRTP(buf[:n], buf[:n], &o.header); err != nil {
				t.Fatal(err)
			}
		})
		if ours > direct {
			t.Errorf("%s: %v allocations, %v by pion alone", name, ours, direct)
		}
	}
}
