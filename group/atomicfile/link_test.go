package atomicfile_test

import (
	"os"
	"path/filepath"
	"testing"

	"galene/group/atomicfile"
	"galene/group/leaktest"
)

func TestLinkStaysOneThoughItsFileIsMissing(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	directory := t.TempDir()
	link, loop, target := filepath.Join(directory, "link"), filepath.Join(directory, "loop"), filepath.Join(directory, "below", "target")
	for name, to := range map[string]string{link: "second", filepath.Join(directory, "second"): filepath.Join("below", "target"), loop: "loop"} {
		if err := os.Symlink(to, name); err != nil {
			t.Skip("there are no symbolic links:", err)
		}
	}
	for _, text := range []string{"new", "newer"} {
		if err := atomicfile.Replace(link, []byte(text), atomicfile.Options{Pattern: "*.temp", Mode: 0o600}); err != nil {
			t.Fatal(err)
		}
		if got, err := os.ReadFile(target); err != nil || string(got) != text {
			t.Errorf("the target holds %q: %v", got, err)
		}
		if to, err := os.Readlink(link); err != nil || to != "second" {
			t.Errorf("the link leads to %q: %v", to, err)
		}
	}
	if err := atomicfile.Replace(loop, nil, atomicfile.Options{Pattern: "*.temp", Mode: 0o600}); err == nil {
		t.Error("a link to itself has been replaced")
	}
}
