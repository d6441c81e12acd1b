package group

import (
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"galene/group/leaktest"
)

// denying is a file system whose files cannot be opened while denied is set,
// although they can be looked at, as those of another user's are.
type denying struct {
	fs.FS
	denied bool
}

func (d *denying) Stat(name string) (fs.FileInfo, error) { return fs.Stat(d.FS, name) }

func (d *denying) ReadDir(name string) ([]fs.DirEntry, error) { return fs.ReadDir(d.FS, name) }

func (d *denying) Open(name string) (fs.File, error) {
	if d.denied {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrPermission}
	}
	return d.FS.Open(name)
}

// unreadable returns a registry of files that cannot be opened, and its log.
func unreadable(t *testing.T, content map[string]string) (*Registry, *denying, *strings.Builder) {
	t.Helper()
	path := t.TempDir()
	for name, text := range content {
		if err := os.WriteFile(filepath.Join(path, name+extension), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	log := &strings.Builder{}
	logger := slog.New(slog.NewTextHandler(log, nil))
	files := &denying{os.DirFS(path), true}
	return NewRegistry(RegistryOptions{Store: NewFileStore(files, path, logger), Logger: logger}), files, log
}

func TestEachUnreadableFileIsNamedOnce(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	r, _, log := unreadable(t, map[string]string{"a": `{}`, "b": `{}`})
	loop := filepath.Join(r.store.(*FileStore).directory, "loop"+extension)
	if err := os.Symlink(filepath.Base(loop), loop); err != nil {
		t.Skip("there are no symbolic links:", err)
	}
	for range 3 {
		r.scan(t.Context())
	}
	faults := r.Stats().Faults
	for _, name := range []string{"a", "b", "loop"} {
		if faults[name] == nil {
			t.Errorf("%s is not among the faults: %v", name, faults)
		}
		if n := strings.Count(log.String(), "group="+name+" "); n != 1 {
			t.Errorf("%s was logged %d times: %s", name, n, log)
		}
	}
}

func TestFilesThatBecomeReadableAreRead(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	r, files, _ := unreadable(t, map[string]string{"public": `{"public": true}`, "private": `{}`})
	r.scan(t.Context())
	files.denied = false // which changes neither size nor time
	r.scan(t.Context())
	if faults := r.Stats().Faults; len(faults) != 0 {
		t.Errorf("there are faults still: %v", faults)
	}
	if r.loaded("public") == nil {
		t.Error("the public group is not in memory")
	}
}

func TestGroupOfAFileThatCannotBeOpenedAnyMoreStaysWhatItIs(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	r, files, _ := unreadable(t, map[string]string{"g": `{}`})
	files.denied = false
	if _, err := r.Get("g"); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(r.store.(*FileStore).directory, "g"+extension)
	if err := os.WriteFile(path, []byte(`{"public": true}`), 0o600); err != nil {
		t.Fatal(err)
	}
	files.denied = true
	g, err := r.Get("g")
	if err != nil {
		t.Fatal(err)
	}
	if name := g.currentStamp().Name; name != "g" {
		t.Errorf("it is described by %q, as automatic subgroups are", name)
	}
	if faults := r.Stats().Faults; len(faults) != 1 || faults["g"] == nil {
		t.Errorf("faults are %v", faults)
	}
}
