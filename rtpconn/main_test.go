package rtpconn

import (
	"testing"

	"galene/group/grouptest"
)

// TestMain fails when goroutines are left after the tests, pion's included.
func TestMain(m *testing.M) { grouptest.Main(m) }
