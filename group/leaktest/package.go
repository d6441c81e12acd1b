package leaktest

import (
	"flag"
	"fmt"
	"os"
	"runtime"
	"runtime/pprof"
	"testing"
	"time"
)

// Main runs the tests of a package and exits: with a failure, too, when there
// are more goroutines than before. It finds those that Check cannot, which a
// timer has started; in return it cannot tell whose they are.
func Main(m *testing.M) {
	flag.Parse()
	if fuzzing() {
		os.Exit(m.Run())
	}
	before := runtime.NumGoroutine()
	code := m.Run()
	if !eventually(patience, func() bool { return runtime.NumGoroutine() <= before }) {
		fmt.Fprintf(os.Stderr, "%d goroutines before the tests, %d after\n", before, runtime.NumGoroutine())
		// Who cannot write this cannot be told either.
		_ = pprof.Lookup("goroutine").WriteTo(os.Stderr, 1)
		code = 1
	}
	os.Exit(code)
}

// fuzzing tells whether inputs are being looked for: this has goroutines of its
// own, and thousands of tests a second.
func fuzzing() bool {
	return flag.Lookup("test.fuzz").Value.String() != "" || flag.Lookup("test.fuzzworker").Value.String() == "true"
}

// patience is for goroutines that are on their way out.
const patience = 10 * time.Second

// eventually tells whether the condition holds before patience is at its end.
func eventually(patience time.Duration, condition func() bool) bool {
	ticker := time.NewTicker(time.Millisecond)
	defer ticker.Stop()
	for deadline := time.Now().Add(patience); !condition(); <-ticker.C {
		if time.Now().After(deadline) {
			return false
		}
	}
	return true
}
