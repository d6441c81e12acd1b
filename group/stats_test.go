package group_test

import (
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"testing"

	"galene/group"
	"galene/group/leaktest"
)

func TestStatsNameFaultyFiles(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	d := newDirectory(t)
	d.write(t, "good", open(""))
	d.write(t, "turned", open(""))
	d.write(t, "bad", `{`)
	d.mustJoin(t, "good", "1", "x", "")
	d.mustJoin(t, "turned", "1", "x", "")
	d.write(t, "turned", `{"oops": 1}`)
	d.Public(t.Context())
	s := d.Stats()
	if s.Groups != 2 || s.Members != 2 || len(s.Faults) != 2 || s.Faults["bad"] == nil || s.Faults["turned"] == nil || s.LoginsSucceeded != 2 {
		t.Errorf("got %+v", s)
	}
	d.write(t, "turned", open(""))
	if _, err := d.Get("turned"); err != nil || len(d.Stats().Faults) != 1 {
		t.Errorf("after the repair: %+v, %v", d.Stats(), err)
	}
}

func BenchmarkGroupLookup(b *testing.B) {
	path := b.TempDir()
	if err := os.WriteFile(filepath.Join(path, "g.json"), []byte(open("")), 0o600); err != nil {
		b.Fatal(err)
	}
	r := group.NewRegistry(group.RegistryOptions{Store: group.NewFileStore(os.DirFS(path), path, slog.New(slog.DiscardHandler))})
	for b.Loop() {
		if _, err := r.Get("g"); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkPublicOf10000Groups(b *testing.B) {
	path := b.TempDir()
	for i := range 10_000 {
		if err := os.WriteFile(filepath.Join(path, fmt.Sprintf("g%d.json", i)), []byte(`{"public": true}`), 0o600); err != nil {
			b.Fatal(err)
		}
	}
	r := group.NewRegistry(group.RegistryOptions{Store: group.NewFileStore(os.DirFS(path), path, slog.New(slog.DiscardHandler))})
	r.Public(b.Context())
	for b.Loop() {
		if n := len(r.Public(b.Context())); n != 10_000 {
			b.Fatalf("%d groups", n)
		}
	}
}
