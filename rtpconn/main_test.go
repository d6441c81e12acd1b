package rtpconn

import (
	"testing"

	"galene/group/leaktest"
)

// TestMain fails when goroutines are left after the tests, pion's included.
func TestMain(m *testing.M) { leaktest.Main(m) }
