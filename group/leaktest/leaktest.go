// Package leaktest finds goroutines that outlive the test that started them,
// whatever other tests run at the same time. It knows nothing of what is
// tested.
//
// A goroutine inherits the profiler labels of the one that starts it. So a test
// that is given a label of its own hands it on to everything that comes of it,
// and the goroutine profile tells who is left.
package leaktest

import (
	"bytes"
	"context"
	"fmt"
	"runtime/pprof"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// label is the name of the profiler label.
const label = "started by test"

// tests numbers the calls of Check: with -count, names come again.
var tests atomic.Int64

// Check lets a test fail if, when everything else of its cleanup is done,
// goroutines are left that it has started, itself or by others. It is the first
// statement of every test and of every target for fuzzing. Not found are
// goroutines that a timer starts (time.AfterFunc), since they inherit nothing;
// Main counts them.
func Check(t testing.TB) {
	t.Helper()
	if !fuzzing() {
		check(t, patience)
	}
}

func check(t testing.TB, patience time.Duration) {
	mine := fmt.Sprintf("%s, %d", t.Name(), tests.Add(1))
	pprof.SetGoroutineLabels(pprof.WithLabels(context.Background(), pprof.Labels(label, mine)))
	t.Cleanup(func() {
		// The test itself is not left over.
		pprof.SetGoroutineLabels(context.Background())
		var left string
		if !eventually(patience, func() bool { left = labelled(mine); return left == "" }) {
			t.Errorf("goroutines are left after the test:\n%s", left)
		}
	})
}

// labelled returns the stacks of the goroutines with a label, and how many
// there are of each.
func labelled(value string) string {
	var profile bytes.Buffer
	if err := pprof.Lookup("goroutine").WriteTo(&profile, 1); err != nil {
		return err.Error()
	}
	var found strings.Builder
	want := fmt.Sprintf("%q:%q", label, value)
	for stack := range strings.SplitSeq(profile.String(), "\n\n") {
		if strings.Contains(stack, want) && !lastsForGood(stack) {
			found.WriteString(stack + "\n\n")
		}
	}
	return found.String()
}

// lastsForGood tells whether a goroutine is one that the standard library
// starts when it first needs it, and never ends.
func lastsForGood(stack string) bool {
	return strings.Contains(stack, "os/signal.loop")
}
