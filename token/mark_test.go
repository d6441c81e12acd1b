package token

import (
	"os"
	"path/filepath"
	"testing"

	"galene/group/leaktest"
)

func TestInvitationsBehindTheMarkOfAnEditorAreValid(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	s, path := newFileStore(t)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte("\ufeff{\"token\":\"first\",\"group\":\"g\"}\r\n{\"token\":\"second\",\"group\":\"g\"}\r\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := s.Add(&Stateful{Token: "third", Group: "g"}); err != nil {
		t.Fatal(err)
	}
	if err := s.Remove("second", nil); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]bool{"first": true, "second": false, "third": true} {
		if _, _, err := NewFileStore(path, nil).Get(name); (err == nil) != want {
			t.Errorf("%s: %v", name, err)
		}
	}
}
