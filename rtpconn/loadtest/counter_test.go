package loadtest

import (
	"math/rand/v2"
	"testing"

	"galene/group/leaktest"
)

func TestPacketsAreCountedBySequenceNumber(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	tests := []struct {
		name      string
		sequences []uint16
		want      counter
	}{
		{"in order", []uint16{65534, 65535, 0, 1}, counter{received: 4}},
		{"missing", []uint16{65534, 1, 2}, counter{received: 3, missing: 2}},
		{"repaired", []uint16{10, 13, 11, 12}, counter{received: 4, outOfOrder: 2}},
		{"repeated", []uint16{10, 10, 13, 10, 13, 12, 12}, counter{received: 7, duplicates: 4, outOfOrder: 1, missing: 1}},
		{"begins late", []uint16{0, 65535, 1}, counter{received: 3, outOfOrder: 1}},
		{"numbered anew", []uint16{1, 3, 30000, 30001, 30003}, counter{received: 5, missing: 2, restarts: 1}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			var c counter
			for _, s := range test.sequences {
				c.add(s)
			}
			got := counter{
				received: c.received, duplicates: c.duplicates, outOfOrder: c.outOfOrder,
				missing: c.missing, restarts: c.restarts,
			}
			if got != test.want {
				t.Errorf("got %+v, want %+v", got, test.want)
			}
		})
	}
}

func TestLossIsCountedOverManyRollOvers(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	const count = 500_000
	random := rand.New(rand.NewPCG(1, 2))
	var c counter
	var missing, outOfOrder uint64
	var late []uint16
	for i := range count {
		switch random.IntN(50) {
		case 0:
			missing++
		case 1:
			late = append(late, uint16(i))
		default:
			c.add(uint16(i))
			if len(late) >= 5 {
				for _, s := range late {
					c.add(s)
				}
				outOfOrder += uint64(len(late))
				late = late[:0]
			}
		}
	}
	missing += uint64(len(late))
	// Losses at either end are not seen.
	if d := missing - c.missing; d > 5 {
		t.Errorf("%d missing, counted %d", missing, c.missing)
	}
	if outOfOrder != c.outOfOrder {
		t.Errorf("%d out of order, counted %d", outOfOrder, c.outOfOrder)
	}
	if c.duplicates != 0 || c.restarts != 0 {
		t.Errorf("%d duplicates, %d restarts", c.duplicates, c.restarts)
	}
}
