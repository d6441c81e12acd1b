package grouptest

import (
	"flag"
	"fmt"
	"os"
	"runtime"
	"runtime/pprof"
	"testing"
	"time"
)

// Main runs the tests of a package and exits: with a failure, too, when
// goroutines are left after them. Fuzzing, which has goroutines of its own, is
// left alone.
func Main(m *testing.M) {
	flag.Parse()
	if flag.Lookup("test.fuzz").Value.String() != "" || flag.Lookup("test.fuzzworker").Value.String() == "true" {
		os.Exit(m.Run())
	}
	before := runtime.NumGoroutine()
	code := m.Run()
	// Those that are on their way out get the time for it.
	for deadline := time.Now().Add(10 * time.Second); runtime.NumGoroutine() > before; runtime.Gosched() {
		if time.Now().After(deadline) {
			fmt.Fprintf(os.Stderr, "%d goroutines before the tests, %d after\n", before, runtime.NumGoroutine())
			// Who cannot write this cannot be told either.
			_ = pprof.Lookup("goroutine").WriteTo(os.Stderr, 1)
			code = 1
			break
		}
	}
	os.Exit(code)
}
