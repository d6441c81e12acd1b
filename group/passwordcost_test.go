package group

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"galene/group/leaktest"
)

// Every login to the group takes as long, and a processor with it.
func TestPasswordsThatTakeTooLongToCheckAreRefused(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	for _, test := range []struct {
		iterations, key int
		good            bool
	}{
		{600_000, 32, true}, {10_000_000, 32, true}, {5_000_000, 64, true}, {310_000, 1024, true},
		{5_000_001, 64, false}, {10_000_000, 33, false}, {10_000_000, 1024, false}, {10_000_001, 16, false},
	} {
		text := fmt.Sprintf(`{"type": "pbkdf2", "hash": "sha-256", "key": %q, "salt": "00", "iterations": %d}`, strings.Repeat("00", test.key), test.iterations)
		p, err := ParsePassword([]byte(text))
		if (err == nil) != test.good {
			t.Errorf("%d iterations for %d bytes: %v", test.iterations, test.key, err)
		}
		if cost := p.cost(); cost > 5*time.Second {
			t.Errorf("%d iterations for %d bytes: a check takes some %v", test.iterations, test.key, cost)
		}
		if !test.good {
			if _, err := HashPBKDF2("x", PBKDF2Parameters{Iterations: test.iterations, KeySize: test.key}); err == nil {
				t.Errorf("%d iterations for %d bytes: a password was hashed", test.iterations, test.key)
			}
		}
	}
}
