package srtp

import (
	"encoding/binary"
	"testing"

	"galene/group/leaktest"
)

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

func TestSealingAndOpeningDoNotAllocate(t *testing.T) {
	leaktest.Check(t)
	c := suites["GCM"]
	s, err := NewSealer(c.profile, c.key, c.salt)
	if err != nil {
		t.Fatal(err)
	}
	o, err := NewOpener(c.profile, c.key, c.salt)
	if err != nil {
		t.Fatal(err)
	}
	buf, plain, control := make([]byte, 2048), packet(t, 1, 1100), report(t, 1, 1)
	sequence := uint16(0)
	if n := testing.AllocsPerRun(200, func() {
		sequence++
		n := copy(buf, plain)
		binary.BigEndian.PutUint16(buf[2:], sequence)
		n, err := s.RTP(buf, n)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := o.RTP(buf[:n]); err != nil {
			t.Fatal(err)
		}
		n, err = s.RTCP(buf, copy(buf, control))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := o.RTCP(buf[:n]); err != nil {
			t.Fatal(err)
		}
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
