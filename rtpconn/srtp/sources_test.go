package srtp

import (
	"bytes"
	"errors"
	"testing"

	pionsrtp "github.com/pion/srtp/v2"

	"galene/group/leaktest"
)

func TestForgedSourcesLeaveNoTrace(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	eachSuite(t, func(t *testing.T, o *Opener, s *Sealer, _ func() *pionsrtp.Context) {
		forge := func(n int) {
			for i := range n {
				if _, err := o.RTP(packet(t, uint32(1000+i), uint16(100+i))); err == nil {
					t.Fatal("forged packet accepted")
				}
				if _, err := o.RTCP(append(report(t, uint32(1000+i), 0), make([]byte, 32)...)); err == nil {
					t.Fatal("forged report accepted")
				}
			}
		}
		forge(500)
		if len(o.rtp.active)+len(o.rtcp.active) != 0 {
			t.Errorf("remembers %d and %d sources", len(o.rtp.active), len(o.rtcp.active))
		}
		// The true source still gets in, whatever was tried in its name.
		forge(7)
		for i := range 10 {
			p := seal(t, s.RTP, packet(t, 1001, uint16(100+i)))
			if _, err := o.RTP(p); err != nil {
				t.Fatalf("true packet %d: %v", i, err)
			}
		}
	})
}

// However often a publisher changes its sources, it is heard; one that comes back goes
// on where it was, and nothing that was sent before is taken again.
func TestSourcesGiveWayToOthers(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	eachSuite(t, func(t *testing.T, o *Opener, s *Sealer, _ func() *pionsrtp.Context) {
		const many = 3 * maxSources
		var sent, control [][]byte
		var overtaken []byte
		for i := range uint32(many) {
			for _, sequence := range []uint16{40_000, 60_000, 10_000} { // which rolls over
				p := seal(t, s.RTP, packet(t, i, sequence))
				sent = append(sent, bytes.Clone(p))
				if _, err := o.RTP(p); err != nil {
					t.Fatalf("source %d: %v", i, err)
				}
			}
			r := seal(t, s.RTCP, report(t, i, 0))
			control = append(control, bytes.Clone(r))
			if _, err := o.RTCP(r); err != nil {
				t.Fatalf("source %d: %v", i, err)
			}
			// One that stays is never new: what was overtaken is still taken.
			late := seal(t, s.RTP, packet(t, many, uint16(2*i)))
			if _, err := o.RTP(seal(t, s.RTP, packet(t, many, uint16(2*i+1)))); err != nil {
				t.Fatalf("the lasting one, beside source %d: %v", i, err)
			}
			if i > 0 {
				if _, err := o.RTP(overtaken); err != nil {
					t.Fatalf("the lasting one, overtaken beside source %d: %v", i, err)
				}
			}
			overtaken = late
		}
		for i := range sent {
			if _, err := o.RTP(bytes.Clone(sent[i])); err == nil {
				t.Errorf("packet %d replayed", i)
			}
		}
		for i := range control {
			if _, err := o.RTCP(bytes.Clone(control[i])); err == nil {
				t.Errorf("report %d replayed", i)
			}
		}
		for i := range uint32(many) {
			if _, err := o.RTP(seal(t, s.RTP, packet(t, i, 10_001))); err != nil {
				t.Errorf("source %d comes back: %v", i, err)
			}
			if _, err := o.RTCP(seal(t, s.RTCP, report(t, i, 1))); err != nil {
				t.Errorf("source %d reports again: %v", i, err)
			}
		}
	})
}

// Who has the keys and makes up sources does not have the server grow without end.
func TestSourcesAreBounded(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	eachSuite(t, func(t *testing.T, o *Opener, s *Sealer, _ func() *pionsrtp.Context) {
		for i := range uint32(maxSources + maxRetired + 10) {
			_, err := o.RTP(seal(t, s.RTP, packet(t, i, 5000)))
			_, errControl := o.RTCP(seal(t, s.RTCP, report(t, i, 0)))
			if i < maxSources+maxRetired && (err != nil || errControl != nil) {
				t.Fatalf("source %d: %v, %v", i, err, errControl)
			}
			if i >= maxSources+maxRetired && (!errors.Is(err, ErrTooManySources) || !errors.Is(errControl, ErrTooManySources)) {
				t.Fatalf("source %d: %v, %v", i, err, errControl)
			}
		}
		for _, i := range []uint32{0, maxRetired - 1, maxRetired + maxSources - 1} {
			if _, err := o.RTP(seal(t, s.RTP, packet(t, i, 5001))); err != nil {
				t.Errorf("source %d, which is known: %v", i, err)
			}
		}
	})
}
