package atomicfile_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"galene/group/atomicfile"
	"galene/group/leaktest"
)

func TestReplaceIsAllOrNothing(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	directory := t.TempDir()
	path := filepath.Join(directory, "a", "file")
	if err := atomicfile.Replace(path, []byte("one"), atomicfile.Options{Pattern: "*.temp", Mode: 0o600}); err != nil {
		t.Fatal(err)
	}
	before, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	no := errors.New("no")
	err = atomicfile.Replace(path, []byte("two"), atomicfile.Options{Pattern: "*.temp", Mode: 0o600, Check: func() error { return no }})
	if err != no && !errors.Is(err, no) {
		t.Errorf("got %v", err)
	}
	after, err := os.Stat(path)
	if err != nil || !os.SameFile(before, after) || atomicfile.Identity(before) != atomicfile.Identity(after) {
		t.Errorf("after a change that was refused: %v, %v", after, err)
	}
	if entries, err := os.ReadDir(filepath.Dir(path)); err != nil || len(entries) != 1 {
		t.Errorf("left over: %v, %v", entries, err)
	}
}

func TestReplacedFileIsLater(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	path := filepath.Join(t.TempDir(), "file")
	for _, after := range []time.Time{{}, time.Now().Add(-time.Hour), time.Now().Add(time.Hour)} {
		if err := atomicfile.Replace(path, []byte("x"), atomicfile.Options{Pattern: "*.temp", Mode: 0o600, After: after}); err != nil {
			t.Fatal(err)
		}
		if info, err := os.Stat(path); err != nil || !info.ModTime().After(after) {
			t.Errorf("%v is not after %v: %v", info.ModTime(), after, err)
		}
	}
}
