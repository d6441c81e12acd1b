package token

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"galene/group/leaktest"
)

func TestTokensExpiredForAWeekAreForgotten(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	eachStore(t, func(t *testing.T, s Store) {
		for name, expires := range map[string]*time.Time{"valid": in(time.Hour), "week": in(-7*24*time.Hour + time.Minute), "old": in(-7*24*time.Hour - time.Minute), "never": nil} {
			if err := s.Add(&Stateful{Token: name, Group: "g", Expires: expires}); err != nil {
				t.Fatal(err)
			}
		}
		var tags []string
		for range 2 {
			if err := s.Expire(time.Now()); err != nil {
				t.Fatal(err)
			}
			_, tag, _ := s.List("g")
			tags = append(tags, tag)
		}
		if tags[0] != tags[1] {
			t.Errorf("where nothing was to be forgotten the tag went from %q to %q", tags[0], tags[1])
		}
		if list, _, _ := s.List("g"); !slices.Equal(names(list), []string{"never", "week", "valid"}) {
			t.Errorf("got %q", names(list))
		}
	})
}

// Who is killed while he replaces the file leaves half of one behind; who is at it now
// needs his.
func TestFilesThatWritersLeftBehindAreRemoved(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	s, path := newFileStore(t)
	if err := s.Add(&Stateful{Token: "a", Group: "g"}); err != nil {
		t.Fatal(err)
	}
	for name, age := range map[string]time.Duration{"tokens1.temp": 2 * time.Hour, "tokens2.temp": time.Minute, "other.temp": 2 * time.Hour} {
		left := filepath.Join(filepath.Dir(path), name)
		if err := os.WriteFile(left, []byte("{"), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(left, time.Time{}, time.Now().Add(-age)); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Expire(time.Now()); err != nil {
		t.Fatal(err)
	}
	var kept []string
	entries, err := os.ReadDir(filepath.Dir(path))
	for _, e := range entries {
		kept = append(kept, e.Name())
	}
	if want := []string{"other.temp", "tokens.jsonl", "tokens2.temp"}; err != nil || !slices.Equal(kept, want) {
		t.Errorf("got %q, %v, want %q", kept, err, want)
	}
}
