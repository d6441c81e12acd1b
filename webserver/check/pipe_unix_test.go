//go:build unix

package check

import (
	"path/filepath"
	"syscall"
	"testing"

	"galene/group/leaktest"
)

func TestPipeIsNamedAndNotWaitedFor(t *testing.T) {
	leaktest.Check(t)
	groups := t.TempDir()
	pipe := filepath.Join(groups, "pipe.json")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Skip("no pipes here: ", err)
	}
	problems := Installation(t.TempDir(), groups)
	if len(problems) != 1 || problems[0].Path != pipe || problems[0].Text != "not a file" {
		t.Errorf("%+v", problems)
	}
}
