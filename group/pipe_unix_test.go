//go:build unix

package group_test

import (
	"bytes"
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"galene/group"
	"galene/group/leaktest"
)

// A pipe among the files of groups is no group, and nobody waits for what comes of it.
func TestPipeIsNoGroup(t *testing.T) {
	leaktest.Check(t)
	dir := t.TempDir()
	if err := syscall.Mkfifo(filepath.Join(dir, "pipe.json"), 0o600); err != nil {
		t.Skip("no pipes here: ", err)
	}
	if err := os.Symlink("pipe.json", filepath.Join(dir, "link.json")); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "example.json"), []byte(`{}`), 0o600); err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer
	store := group.NewFileStore(os.DirFS(dir), dir, slog.New(slog.NewTextHandler(&log, nil)))
	for _, name := range []string{"pipe", "link"} {
		if _, err := store.Stat(name); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s, looked at: %v", name, err)
		}
		if _, _, err := store.Read(name); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s, read: %v", name, err)
		}
	}
	var listed []string
	store.List(t.Context(), func(name string) { listed = append(listed, name) })
	if got := strings.Join(listed, " "); got != "example link" {
		t.Errorf("listed: %s", got)
	}
	if !strings.Contains(log.String(), "pipe.json") || !strings.Contains(log.String(), "not a file") {
		t.Errorf("logged: %s", &log)
	}
	if _, _, err := store.Read("example"); err != nil {
		t.Error(err)
	}
}
