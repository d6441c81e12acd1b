package prefetch

import (
	"testing"

	"galene/group/leaktest"
)

func TestAnyAddressIsAllowed(t *testing.T) {
	leaktest.Check(t)
	var page [4096]byte
	for i := range page {
		page[i] = byte(i)
	}
	Range(&page, 0, 1)
	Range(&page, 63, 2)
	Range(&page, 4095, 4096) // beyond the end
	Range((*[64]byte)(nil), 0, 64)
	for i := range page {
		if page[i] != byte(i) {
			t.Fatalf("byte %d was changed", i)
		}
	}
}
