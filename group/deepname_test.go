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

// asked is a file system that counts how often it is asked for a file.
type asked struct {
	fs.FS
	times int
}

func (a *asked) Stat(name string) (fs.FileInfo, error) {
	a.times++
	return fs.Stat(a.FS, name)
}

// Anybody may ask for a group of any name, so that must not cost a look for each of
// its two thousand parts.
func TestNamesBelowDirectoriesThatDoNotExistAreNotLookedFor(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	path := t.TempDir()
	for _, name := range []string{"open", "deep/er/open", "deep/er/shut"} {
		file := filepath.Join(path, filepath.FromSlash(name)+extension)
		if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
			t.Fatal(err)
		}
		text := `{"auto-subgroups": true}`
		if strings.HasSuffix(name, "shut") {
			text = `{}`
		}
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	files := &asked{FS: os.DirFS(path)}
	r := NewRegistry(RegistryOptions{Store: NewFileStore(files, path, slog.New(slog.DiscardHandler))})
	many := strings.Repeat("/a", 2000)
	for _, test := range []struct {
		name string
		want error
	}{
		{"none" + many, ErrNoSuchGroup}, {"open" + many, nil}, {"open.json" + many, ErrNoSuchGroup},
		{"deep" + many, ErrNoSuchGroup}, {"deep/er/open" + many, nil}, {"deep/er/shut/a", ErrNoSuchGroup},
		{"deep/er/shut", nil}, {"deep/er/open", nil}, {"deep/er/open/er", nil}, {"deep/er", ErrNoSuchGroup},
		{strings.Repeat("long", 200) + many, ErrNoSuchGroup},
	} {
		files.times = 0
		if _, err := r.Get(test.name); err != test.want {
			t.Errorf("%.20s…: got %v, want %v", test.name, err, test.want)
		}
		if files.times > 8 {
			t.Errorf("%.20s…: %d looks at the files", test.name, files.times)
		}
	}
}
