package srtp

import (
	"bytes"
	"errors"
	"testing"

	pionsrtp "github.com/pion/srtp/v2"

	"galene/group/leaktest"
)

func TestReplayIsRefused(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	eachSuite(t, func(t *testing.T, o *Opener, s *Sealer, _ func() *pionsrtp.Context) {
		var sent [][]byte
		for i := range 600 {
			sent = append(sent, seal(t, s.RTP, packet(t, 1, uint16(65300+i))))
		}
		late := 100 // arrives after everything, within the window
		for i, p := range sent {
			if i == late {
				continue
			}
			if _, err := o.RTP(bytes.Clone(p)); err != nil {
				t.Fatalf("packet %d: %v", i, err)
			}
			if _, err := o.RTP(bytes.Clone(p)); err == nil {
				t.Fatalf("packet %d replayed", i)
			}
		}
		if _, err := o.RTP(bytes.Clone(sent[late])); err != nil {
			t.Errorf("late packet: %v", err)
		}
		for i, p := range sent {
			if _, err := o.RTP(bytes.Clone(p)); err == nil {
				t.Errorf("packet %d replayed at the end", i)
			}
		}
		r := seal(t, s.RTCP, report(t, 1, 0))
		if _, err := o.RTCP(bytes.Clone(r)); err != nil {
			t.Fatal(err)
		}
		if _, err := o.RTCP(r); err == nil {
			t.Error("report replayed")
		}
	})
}

// What is overtaken by fewer packets than the window has is taken, once, however far the
// one went that overtook it; what is older is refused.
func TestReplayWindow(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	eachSuite(t, func(t *testing.T, o *Opener, s *Sealer, _ func() *pionsrtp.Context) {
		number := uint16(50_000)
		received := map[uint16]bool{}
		open := func(n uint16, want bool) {
			t.Helper()
			if _, err := o.RTP(seal(t, s.RTP, packet(t, 1, n))); (err == nil) != want {
				t.Errorf("packet %d, the newest being %d: %v", n, number, err)
			}
			received[n] = received[n] || want
		}
		open(number, true)
		for _, ahead := range []uint16{1, 63, 64, 65, replayWindow - 1, replayWindow, replayWindow + 1, 5 * replayWindow, 2, 300} {
			number += ahead
			open(number, true)
			for _, back := range []uint16{0, 1, 62, 63, 64, 65, replayWindow - 2, replayWindow - 1, replayWindow, replayWindow + 1} {
				n := number - back
				open(n, back < replayWindow && !received[n])
				open(n, false)
			}
		}
	})
}

// Number 0 is one as any other: it is taken once, first or overtaken, and nothing comes
// before it.
func TestReplayOfTheLowestNumbers(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	eachSuite(t, func(t *testing.T, o *Opener, s *Sealer, _ func() *pionsrtp.Context) {
		for ssrc, order := range [][]uint16{{0, 1, 2}, {1, 0, 2}, {2, 1, 0}} {
			source := uint32(ssrc)
			sealed := map[uint16][]byte{}
			for n := range uint16(3) {
				sealed[n] = seal(t, s.RTP, packet(t, source, n))
			}
			for i, n := range order {
				if _, err := o.RTP(bytes.Clone(sealed[n])); err != nil {
					t.Errorf("%v: number %d: %v", order, n, err)
				}
				for _, again := range order[:i+1] {
					if _, err := o.RTP(bytes.Clone(sealed[again])); !errors.Is(err, errReplayed) {
						t.Errorf("%v: number %d again, after %d: %v", order, again, n, err)
					}
				}
			}
			if _, err := o.RTP(packet(t, source, 65_535)); !errors.Is(err, errReplayed) {
				t.Errorf("%v: a number before the first one: %v", order, err)
			}
		}
	})
}

// A report has an index of its own, which the same window is for.
func TestReplayWindowOfReports(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	eachSuite(t, func(t *testing.T, o *Opener, s *Sealer, _ func() *pionsrtp.Context) {
		var sent [][]byte
		for range replayWindow + 2 {
			sent = append(sent, seal(t, s.RTCP, report(t, 1, 0)))
		}
		for _, tt := range []struct {
			n    int
			want bool
		}{{1, true}, {replayWindow + 1, true}, {2, true}, {1, false}, {0, false}, {2, false}, {replayWindow + 1, false}, {replayWindow, true}} {
			if _, err := o.RTCP(bytes.Clone(sent[tt.n])); (err == nil) != tt.want {
				t.Errorf("report %d: %v", tt.n, err)
			}
		}
	})
}
