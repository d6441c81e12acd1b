//go:build linux

package token

import (
	"errors"
	"log/slog"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"galene/group/leaktest"
)

// fullPath names the file of the process that has no room for it.
const fullPath = "GALENE_TEST_FULL_PATH"

// The disk has room for a piece of the second invitation only.
func TestAnInvitationThatDoesNotFitLeavesNothingBehind(t *testing.T) {
	leaktest.Check(t)
	if path := os.Getenv(fullPath); path != "" {
		addUntilFull(t, path)
		return
	}
	t.Parallel()
	// The limit is of the whole process.
	path := filepath.Join(t.TempDir(), "tokens.jsonl")
	child := exec.Command(os.Args[0], "-test.run=^"+t.Name()+"$", "-test.v")
	child.Env = append(os.Environ(), fullPath+"="+path)
	out, err := child.CombinedOutput()
	if err != nil || !strings.Contains(string(out), "--- PASS: "+t.Name()) {
		t.Fatalf("%v\n%s", err, out)
	}
}

func addUntilFull(t *testing.T, path string) {
	signal.Ignore(syscall.SIGXFSZ)
	var log strings.Builder
	s := NewFileStore(path, slog.New(slog.NewTextHandler(&log, nil)))
	if err := s.Add(&Stateful{Token: "first", Group: "g"}); err != nil {
		t.Fatal(err)
	}
	before, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var unlimited syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_FSIZE, &unlimited); err != nil {
		t.Fatal(err)
	}
	limit := unlimited
	limit.Cur = uint64(len(before) + 10)
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &limit); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := s.Add(&Stateful{Token: "second", Group: "g"}); !errors.Is(err, syscall.EFBIG) {
			t.Errorf("got %v", err)
		}
		if after, err := os.ReadFile(path); err != nil || string(after) != string(before) {
			t.Errorf("the file is now %q, %v", after, err)
		}
	}
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &unlimited); err != nil {
		t.Fatal(err)
	}
	if err := s.Add(&Stateful{Token: "second", Group: "g"}); err != nil {
		t.Errorf("once there is room: %v", err)
	}
	for _, name := range []string{"first", "second"} {
		if _, _, err := NewFileStore(path, nil).Get(name); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if log.String() != "" {
		t.Errorf("the log has %s", &log)
	}
}
