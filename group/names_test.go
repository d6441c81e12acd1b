package group

import (
	"path"
	"strings"
	"testing"

	"galene/group/leaktest"
)

func TestValidName(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	for name, want := range map[string]bool{
		"a": true, "teaching/networking": true, "Zoë": true, "a b": true, "a.b": true, "a/b/c": true,
		"": false, "/a": false, "a/": false, "a//b": false, "./a": false, "a/.": false, "../a": false,
		"a/../b": false, `a\b`: false, ".hid": false, "a/.b": false, "a\x00b": false, "g\n": false,
		"a\x7f": false, "a\xff": false, "..": false, ".": false, "/": false,
	} {
		if got := ValidName(name); got != want {
			t.Errorf("ValidName(%q) = %v, want %v", name, got, want)
		}
	}
}

func TestValidUsername(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	for name, want := range map[string]bool{
		"": true, "ada@work": true, "Ada c/o Bob": true, "Zoë": true, "a b": true, ".hidden": true,
		`a\b`: false, "/a": false, "a/": false, "a//b": false, ".": false, "..": false, "a/../b": false,
		"a\tb": false, strings.Repeat("x", 257): false, strings.Repeat("x", 256): true,
	} {
		if got := ValidUsername(name); got != want {
			t.Errorf("ValidUsername(%q) = %v, want %v", name, got, want)
		}
	}
}

func TestNameFromPath(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	for urlPath, want := range map[string]string{
		"/group/": "", "/group/.x": "", "/group/a/": "a", "/group/a/b": "a/b", "/group/foo/../bar": "bar",
		"/other/a": "", "/group/..": "", "/group/a/.b": "", "/group//a": "a",
	} {
		if got := NameFromPath(urlPath); got != want {
			t.Errorf("NameFromPath(%q) = %q, want %q", urlPath, got, want)
		}
	}
}

// FuzzValidName checks that a valid name stays below the directory of groups
// and never means a hidden file.
func FuzzValidName(f *testing.F) {
	leaktest.Check(f)
	for _, s := range []string{"a", "a/b", "../a", "a/..", ".a", "a//b", "a\x00", "\xff", "a/./b", `..\a`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, name string) {
		if !ValidName(name) {
			return
		}
		joined := path.Join("groups", name)
		if joined != "groups/"+name {
			t.Errorf("%q is %q in a directory", name, joined)
		}
		for component := range strings.SplitSeq(name, "/") {
			if component == "" || component[0] == '.' {
				t.Errorf("%q has the component %q", name, component)
			}
		}
	})
}
