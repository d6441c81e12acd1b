//go:build linux

package main

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"galene/group/leaktest"
)

func TestNamespacesGoWithTheProgram(t *testing.T) {
	leaktest.Check(t)
	prefix := fmt.Sprintf("galene-test-%d-", os.Getpid())
	if err := ip("netns", "add", prefix+"probe"); err != nil {
		t.Skip(err)
	}
	if err := ip("netns", "del", prefix+"probe"); err != nil {
		t.Fatal(err)
	}
	program := filepath.Join(t.TempDir(), "linkemulator")
	if out, err := exec.Command("go", "build", "-o", program, ".").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	for _, test := range []struct {
		name string
		// input is what it is told; then either a signal comes or the input ends.
		input  string
		signal syscall.Signal
		fails  bool
	}{
		{"the end of its input", `{"down": {"delay": 5}}`, 0, false},
		{"a line that is wrong", "nonsense", 0, true},
		{"an interruption", "{}", syscall.SIGINT, true},
		{"an end by a supervisor", "{}", syscall.SIGTERM, true},
		{"the end of the terminal", "{}", syscall.SIGHUP, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			command := exec.Command(program, "-server", prefix+"s", "-client", prefix+"c")
			command.Stderr = os.Stderr
			in, err := command.StdinPipe()
			if err != nil {
				t.Fatal(err)
			}
			out, err := command.StdoutPipe()
			if err != nil {
				t.Fatal(err)
			}
			if err := command.Start(); err != nil {
				t.Fatal(err)
			}
			answers := bufio.NewScanner(out)
			if !answers.Scan() || !strings.HasPrefix(answers.Text(), "ready ") {
				t.Errorf("says %q", answers.Text())
			}
			if _, err := fmt.Fprintln(in, test.input); err != nil {
				t.Error(err)
			}
			answers.Scan()
			if test.signal == 0 {
				_ = in.Close()
			} else if err := command.Process.Signal(test.signal); err != nil {
				t.Error(err)
			}
			if err := command.Wait(); (err != nil) != test.fails {
				t.Errorf("ended with %v", err)
			}
			for _, name := range []string{prefix + "s", prefix + "c"} {
				if _, err := os.Stat("/run/netns/" + name); err == nil {
					t.Errorf("namespace %s is left", name)
					_ = ip("netns", "del", name) // of no use any more
				}
			}
		})
	}
}
