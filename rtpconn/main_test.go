package rtpconn

import (
	"flag"
	"fmt"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"
)

// TestMain checks that nothing of ours goes on after the tests.
func TestMain(m *testing.M) {
	flag.Parse()
	status := m.Run()
	fuzzing := flag.Lookup("test.fuzz")
	if status == 0 && (fuzzing == nil || fuzzing.Value.String() == "") {
		if left := leftGoroutines(); left != "" {
			fmt.Fprintf(os.Stderr, "goroutines go on:\n%s\n", left)
			status = 1
		}
	}
	os.Exit(status)
}

// leftGoroutines waits for the engine's goroutines to end and returns those
// that do not. pion's own may take a while after Close.
func leftGoroutines() string {
	deadline := time.Now().Add(10 * time.Second)
	for {
		stacks := make([]byte, 1<<20)
		stacks = stacks[:runtime.Stack(stacks, true)]
		var left []string
		for stack := range strings.SplitSeq(string(stacks), "\n\n") {
			if strings.Contains(stack, "galene/rtpconn.(*Engine)") || strings.Contains(stack, "galene/rtpconn/mux") {
				left = append(left, stack)
			}
		}
		if len(left) == 0 || time.Now().After(deadline) {
			return strings.Join(left, "\n\n")
		}
		time.Sleep(10 * time.Millisecond)
	}
}
