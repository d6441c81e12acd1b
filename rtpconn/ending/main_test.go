package ending

import (
	"testing"

	"galene/group/leaktest"
)

func TestMain(m *testing.M) { leaktest.Main(m) }
