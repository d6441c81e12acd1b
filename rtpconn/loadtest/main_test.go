package loadtest

import (
	"testing"

	"galene/group/grouptest"
)

// TestMain fails when goroutines are left after the tests.
func TestMain(m *testing.M) { grouptest.Main(m) }
