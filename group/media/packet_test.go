package media

import (
	"testing"

	"galene/group/leaktest"
)

func TestPacketsAreUsedAgainOnlyWhenNobodyHoldsThem(t *testing.T) {
	leaktest.Check(t)
	var pool Pool
	p := pool.Get()
	p.SetBody([]byte{1, 2, 3, 2})
	p.Padding = 2
	if got := p.Payload(); len(got) != 2 || got[0] != 1 || got[1] != 2 {
		t.Errorf("payload %v", got)
	}
	p.Retain()
	p.Release()
	for range 100 {
		if pool.Get() == p {
			t.Fatal("used again while it is held")
		}
	}
	if got := testing.AllocsPerRun(100, func() { pool.Get().Release() }); got > 0.5 {
		t.Errorf("%v allocations for each packet", got)
	}
}
