package main

import (
	"testing"

	"galene/group/leaktest"
)

func TestHeapGrowsByAFixedAmountWhileItIsSmall(t *testing.T) {
	leaktest.Check(t)
	for _, test := range []struct {
		alive uint64 // MB
		want  int
	}{
		{0, 400}, {1, 400}, {4, 400}, {8, 200}, {16, 100}, {32, 50}, {64, 50}, {1 << 20, 50},
	} {
		if got := growthPercent(test.alive << 20); got != test.want {
			t.Errorf("with %d MB alive the heap may grow by %d %%, want %d", test.alive, got, test.want)
		}
	}
}
