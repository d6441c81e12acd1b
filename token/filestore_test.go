package token

import (
	"bufio"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"galene/group/leaktest"
)

func newFileStore(t *testing.T) (*FileStore, string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "var", "tokens.jsonl")
	return NewFileStore(path, slog.New(slog.DiscardHandler)), path
}

func in(d time.Duration) *time.Time {
	t := time.Now().Add(d).UTC()
	return &t
}

func names(list []*Stateful) []string {
	var names []string
	for _, t := range list {
		names = append(names, t.Token)
	}
	return names
}

// eachStore runs a test on every kind of Store.
func eachStore(t *testing.T, test func(t *testing.T, s Store)) {
	t.Run("file", func(t *testing.T) {
		t.Parallel()
		s, _ := newFileStore(t)
		test(t, s)
	})
	t.Run("memory", func(t *testing.T) {
		t.Parallel()
		test(t, &MemoryStore{})
	})
}

func TestStoreKeepsTokens(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	eachStore(t, func(t *testing.T, s Store) {
		if _, tag, err := s.Get("x"); !errors.Is(err, fs.ErrNotExist) || tag != "" {
			t.Errorf("from an empty store: %q, %v", tag, err)
		}
		later := &Stateful{Group: "g", Permissions: []string{"present"}, Expires: in(2 * time.Hour)}
		sooner := &Stateful{Token: "sooner", Group: "g", Expires: in(time.Hour)}
		never := &Stateful{Token: "never", Group: "g"}
		for _, token := range []*Stateful{later, sooner, never, {Token: "other", Group: "h", Expires: in(0)}} {
			if err := s.Add(token); err != nil {
				t.Fatal(err)
			}
		}
		if len(later.Token) != 11 {
			t.Errorf("the new name is %q", later.Token)
		}
		if err := s.Add(&Stateful{Token: "sooner"}); !errors.Is(err, fs.ErrExist) {
			t.Errorf("a second token of the name: %v", err)
		}
		list, tag, err := s.List("g")
		if want := []string{"never", "sooner", later.Token}; err != nil || !slices.Equal(names(list), want) || tag == "" {
			t.Errorf("got %q, %q, %v", names(list), tag, err)
		}
		want := *list[2].Expires
		list[2].Permissions[0], *list[2].Expires = "changed", time.Time{}
		if got, _, _ := s.Get(later.Token); got.Permissions[0] != "present" || !got.Expires.Equal(want) {
			t.Error("what the store has handed out changes what it keeps")
		}

		refusal := errors.New("no")
		refuse := func(string) error { return refusal }
		extend := func(t *Stateful) (*Stateful, error) { t.Expires = in(3 * time.Hour); return t, nil }
		if _, err := s.Edit("sooner", refuse, extend); err != refusal {
			t.Errorf("an edit that is not expected: %v", err)
		}
		if _, err := s.Edit("sooner", nil, func(t *Stateful) (*Stateful, error) {
			t.Group = "h"
			return t, refusal
		}); err != refusal {
			t.Errorf("an edit that fails: %v", err)
		}
		if got, unchanged, _ := s.Get("sooner"); got.Group != "g" || unchanged != tag {
			t.Errorf("after an edit that failed the group is %q, the tag %q", got.Group, unchanged)
		}
		created, err := s.Edit("sooner", func(seen string) error {
			if seen != tag {
				t.Errorf("got tag %q, want %q", seen, tag)
			}
			return nil
		}, extend)
		if created || err != nil {
			t.Errorf("edit: %v, %v", created, err)
		}
		list, changed, _ := s.List("g")
		if want := []string{"never", later.Token, "sooner"}; !slices.Equal(names(list), want) || changed == tag {
			t.Errorf("after the edit: %q, %q", names(list), changed)
		}
		created, err = s.Edit("chosen", func(seen string) error {
			if seen != "" {
				t.Errorf("what does not exist has tag %q", seen)
			}
			return nil
		}, func(old *Stateful) (*Stateful, error) {
			if old != nil {
				t.Errorf("got %+v", old)
			}
			return &Stateful{Group: "g", Expires: in(0)}, nil
		})
		if !created || err != nil {
			t.Errorf("create: %v, %v", created, err)
		}
		if got, _, err := s.Get("chosen"); err != nil || got.Token != "chosen" {
			t.Errorf("what was created: %+v, %v", got, err)
		}
		if err := s.Remove("chosen", refuse); err != refusal {
			t.Errorf("a removal that is not expected: %v", err)
		}
		if err := s.Remove("chosen", nil); err != nil {
			t.Error(err)
		}
		if err := s.Remove("chosen", nil); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("a second removal: %v", err)
		}
	})
}

func TestNamesOfTokensDiffer(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	if a, b := NewName(), NewName(); a == b {
		t.Errorf("%q twice", a)
	}
}

func TestFileOfTokens(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	s, path := newFileStore(t)
	user := "carrot"
	token := &Stateful{Token: "a", Group: "city", Username: &user, Permissions: []string{"present"}, Expires: in(time.Hour), IssuedBy: "vimes"}
	if err := s.Add(token); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]fs.FileMode{filepath.Dir(path): 0o700 | fs.ModeDir, path: 0o600} {
		if info, err := os.Stat(path); err != nil || info.Mode() != want {
			t.Errorf("%s: %v, %v", path, info.Mode(), err)
		}
	}
	data, err := os.ReadFile(path)
	expires, _ := token.Expires.MarshalText()
	want := `{"token":"a","group":"city","username":"carrot","permissions":["present"],"expires":"` + string(expires) + `","issuedBy":"vimes"}` + "\n"
	if err != nil || string(data) != want {
		t.Errorf("the file is %s", data)
	}
	if got, tag, err := NewFileStore(path, nil).Get("a"); err != nil || got.IssuedBy != "vimes" || !strings.HasPrefix(tag, fmt.Sprintf("%d-", len(data))) {
		t.Errorf("another process gets %+v, %q, %v", got, tag, err)
	}
	if err := s.Remove("a", nil); err != nil {
		t.Fatal(err)
	}
	entries, err := os.ReadDir(filepath.Dir(path))
	if err != nil || len(entries) != 0 {
		t.Errorf("without tokens there are %v, %v", entries, err)
	}
	if _, tag, _ := s.List("city"); tag != "" {
		t.Errorf("without tokens the tag is %q", tag)
	}
}

func TestNothingInTheFileIsLost(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	s, path := newFileStore(t)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	const torn = `{"token":"torn","gro`
	text := `{"token":"twice","group":"old","permissions":null}
not a token
{"token":"note","group":"g","permissions":["present"],"expires":"2999-01-01T00:00:00Z","note":{"x": 1}}
{"token":"one","group":"g","permissions":{"present":true,"op":false}} {"token":"two","group":"g","permissions":[]}

{
  "token": "spread", "group": "g",
  "permissions": ["op"]
}
{"token":"twice","group":"g","permissions":null}
{"group":"nameless"}
{"token":"bad time","expires":"tomorrow"}
` + torn
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	check := func(s *FileStore, want ...string) {
		t.Helper()
		list, _, err := s.List("g")
		if got := names(list); err != nil || !slices.Equal(got, want) {
			t.Errorf("got %q, %v, want %q", got, err, want)
		}
	}
	check(s, "one", "spread", "twice", "two", "note")
	one, _, err := s.Get("one")
	if err != nil || !slices.Equal(one.Permissions, []string{"present", "message"}) {
		t.Errorf("got %+v, %v", one, err)
	}
	if got, _, err := s.Get(""); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("without a name: %+v, %v", got, err)
	}
	if err := s.Add(&Stateful{Token: "new", Group: "g"}); err != nil {
		t.Fatal(err)
	}
	check(NewFileStore(path, slog.New(slog.DiscardHandler)), "new", "one", "spread", "twice", "two", "note")
	extend := func(t *Stateful) (*Stateful, error) { t.Expires = in(time.Hour); return t, nil }
	if _, err := s.Edit("note", nil, extend); err != nil {
		t.Fatal(err)
	}
	if note, _, err := NewFileStore(path, slog.New(slog.DiscardHandler)).Get("note"); err != nil || note.Expires.Year() == 2999 {
		t.Errorf("the one that was changed is read as %+v, %v", note, err)
	}
	anew := func(t *Stateful) (*Stateful, error) { return &Stateful{Group: "g", Expires: t.Expires}, nil }
	if _, err := s.Edit("note", nil, anew); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, kept := range []string{torn + "\n", "not a token\n", `"note":{"x":1}`, `{"group":"nameless"}`, `"tomorrow"`} {
		if !strings.Contains(string(data), kept) {
			t.Errorf("%q is lost: %s", kept, data)
		}
	}
	check(NewFileStore(path, slog.New(slog.DiscardHandler)), "new", "one", "spread", "twice", "two", "note")
	for _, name := range []string{"new", "one", "spread", "twice", "two", "note"} {
		if err := s.Remove(name, nil); err != nil {
			t.Fatal(err)
		}
	}
	if data, err := os.ReadFile(path); err != nil || !strings.Contains(string(data), torn) {
		t.Errorf("without tokens the file is %q, %v", data, err)
	}
}

func TestFaultsOfTheFileSayWhere(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	faults := Check([]byte("{\"token\":\"a\"}\n\n{\"token\":\"b\",\n\"x\": 1}\noops\n{\"token\":\"c\"}\n{\"tok"))
	if len(faults) != 2 || faults[0].Line != 5 || faults[1].Line != 7 {
		t.Errorf("got %v", faults)
	}
}

func TestEditsFromOutsideAreSeenAtOnce(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	s, path := newFileStore(t)
	if err := s.Add(&Stateful{Token: "mine", Group: "g"}); err != nil {
		t.Fatal(err)
	}
	other := NewFileStore(path, nil)
	if err := other.Add(&Stateful{Token: "theirs", Group: "g"}); err != nil {
		t.Fatal(err)
	}
	if list, _, _ := s.List("g"); len(list) != 2 {
		t.Errorf("got %q", names(list))
	}
	// At the last moment, when the change has been decided upon already.
	_, err := s.Edit("mine", nil, func(t *Stateful) (*Stateful, error) {
		return t, other.Add(&Stateful{Token: "late", Group: "g"})
	})
	if !errors.Is(err, ErrTagMismatch) {
		t.Errorf("got %v", err)
	}
	if list, _, _ := s.List("g"); len(list) != 3 {
		t.Errorf("got %q", names(list))
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if list, _, err := s.List("g"); len(list) != 0 || err != nil {
		t.Errorf("after the file has gone: %q, %v", names(list), err)
	}
}

func TestTwoChangesInOneTickHaveTwoTags(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	s, _ := newFileStore(t)
	if err := s.Add(&Stateful{Token: "a", Group: "g", IssuedBy: "0"}); err != nil {
		t.Fatal(err)
	}
	seen := make(map[string]bool)
	for i := range 100 {
		if _, err := s.Edit("a", nil, func(t *Stateful) (*Stateful, error) {
			t.IssuedBy = fmt.Sprint(i % 10)
			return t, nil
		}); err != nil {
			t.Fatal(err)
		}
		_, tag, _ := s.Get("a")
		if seen[tag] {
			t.Fatalf("tag %q twice", tag)
		}
		seen[tag] = true
	}
}

// writer is the environment variable that makes the test binary write tokens
// into the file it names, until it is killed.
const writer = "GALENE_TEST_TOKEN_WRITER"

func TestMain(m *testing.M) {
	if path := os.Getenv(writer); path != "" {
		writeTokens(path)
		return
	}
	leaktest.Main(m)
}

// writeTokens adds tokens and extends them, and says so once each is done.
func writeTokens(path string) {
	s := NewFileStore(path, nil)
	for i := range 1_000_000 {
		token := &Stateful{Group: "g", IssuedBy: "added"}
		if err := s.Add(token); err != nil {
			panic(err)
		}
		fmt.Println("added", token.Token)
		if i%3 != 0 {
			continue
		}
		_, err := s.Edit(token.Token, nil, func(t *Stateful) (*Stateful, error) {
			t.IssuedBy = "extended"
			return t, nil
		})
		if err != nil {
			panic(err)
		}
		fmt.Println("extended", token.Token)
	}
}

func TestNoTokenIsLostWhenTheServerIsKilled(t *testing.T) {
	leaktest.Check(t)
	if testing.Short() {
		t.Skip("kills processes")
	}
	t.Parallel()
	_, path := newFileStore(t)
	promised := make(map[string]string)
	for round := range 12 {
		c := exec.Command(os.Args[0])
		c.Env = append(os.Environ(), writer+"="+path)
		out, err := c.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := c.Start(); err != nil {
			t.Fatal(err)
		}
		lines := bufio.NewScanner(out)
		for n := 0; lines.Scan(); n++ {
			if n == 5+round {
				// In the middle of whatever it does now.
				if err := c.Process.Kill(); err != nil {
					t.Fatal(err)
				}
			}
			what, name, _ := strings.Cut(lines.Text(), " ")
			promised[name] = what
		}
		c.Wait()
		s := NewFileStore(path, slog.New(slog.DiscardHandler))
		for name, what := range promised {
			got, _, err := s.Get(name)
			if err != nil || what == "extended" && got.IssuedBy != what {
				t.Fatalf("round %d: %s token %s is now %+v, %v", round, what, name, got, err)
			}
		}
	}
	if len(promised) == 0 {
		t.Error("nothing was written")
	}
}

func TestScopeOfTokens(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	for _, tt := range []struct {
		group   string
		include bool
		opens   string
		want    error
	}{
		{"a", false, "a", nil}, {"a", false, "a/b", ErrWrongGroup}, {"a", false, "", ErrWrongGroup},
		{"a", true, "a", nil}, {"a", true, "a/b/c", nil}, {"a", true, "ab", ErrWrongGroup}, {"a", true, "", ErrWrongGroup},
		{"", false, "a", ErrWrongGroup}, {"", false, "", ErrWrongGroup}, {"", true, "a", nil}, {"", true, "", nil},
	} {
		token := &Stateful{Group: tt.group, IncludeSubgroups: tt.include, Expires: in(time.Hour)}
		if got := token.Opens(tt.opens, time.Now()); got != tt.want {
			t.Errorf("%+v: got %v", tt, got)
		}
	}
	now := time.Now()
	for want, token := range map[error]*Stateful{
		ErrExpired: {Group: "a"}, ErrNotYet: {Group: "a", Expires: in(time.Hour), NotBefore: in(time.Minute)},
	} {
		if got := token.Opens("a", now); got != want {
			t.Errorf("got %v, want %v", got, want)
		}
	}
	if got := (&Stateful{Group: "a", Expires: &now}).Opens("a", now); got != ErrExpired {
		t.Errorf("at the moment of its expiry: %v", got)
	}
}

// FuzzParseLines checks that taking a file apart loses nothing, and that what
// is written is read again.
func FuzzParseLines(f *testing.F) {
	leaktest.Check(f)
	for _, s := range []string{"", "\n", "{", `{"token":"a"}`, "{\"token\":\n\"a\"}\nx\n{\"token\":\"b\"}", `{"token":"a"}{"token":"b"}`,
		`{"token":"a","permissions":{"present":true},"x":[]}`, "[\n[\n[\n"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		lines, faults := parseLines(data)
		kept, bad := 0, 0
		var again []byte
		for _, l := range lines {
			kept += len(strings.Join(strings.Fields(string(l.raw)), ""))
			if l.token == nil {
				bad++
			}
			again = append(append(again, l.raw...), '\n')
		}
		if kept != len(strings.Join(strings.Fields(string(data)), "")) {
			t.Errorf("%q became %q", data, again)
		}
		if bad != len(faults) {
			t.Errorf("%d lines are no tokens, %d faults", bad, len(faults))
		}
		for _, l := range lines {
			if l.token == nil {
				continue
			}
			encoded, err := lineOf(l.token)
			if err != nil {
				t.Fatal(err)
			}
			back, faults := parseLines(encoded.raw)
			if len(back) != 1 || len(faults) != 0 || back[0].token.Token != l.token.Token {
				t.Errorf("%q was written as %q", l.raw, encoded.raw)
			}
		}
	})
}
