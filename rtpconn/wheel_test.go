package rtpconn

import (
	"testing"
	"time"

	"galene/group/leaktest"
	"galene/rtpconn/bwe"
)

func TestEachLineHasItsTurnOnceInAnInterval(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	var w wheel
	lines := make([]*line, 25)
	for i := range lines {
		lines[i] = &line{estimator: bwe.NewEstimator()}
		w.add(lines[i])
	}
	// turned counts the lines that the turn of a time has looked at.
	turned := func(now time.Duration) (n int) {
		w.turn(now)
		for _, l := range lines {
			if l.last == now {
				n++
			}
		}
		return n
	}
	sum := 0
	for now := lineInterval; now < 2*lineInterval; now += tickInterval {
		n := turned(now)
		if now > lineInterval && n > 3 {
			t.Errorf("%d of 25 lines in one tick", n)
		}
		sum += n
	}
	if n := turned(time.Minute); n != len(lines) {
		t.Errorf("%d lines in a turn that is late", n)
	}
	w.remove(lines[0])
	if n := turned(2 * time.Minute); n != len(lines)-1 {
		t.Errorf("%d lines with one less", n)
	}
	if sum < len(lines) {
		t.Errorf("%d lines had their turns in an interval", sum)
	}
}
