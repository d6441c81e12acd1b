package main

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
)

// BenchmarkStartWith100000Groups measures how long it takes from the start of
// the program until it listens.
func BenchmarkStartWith100000Groups(b *testing.B) {
	binary := buildServer(b)
	directory := b.TempDir()
	for i := range 100_000 {
		path := filepath.Join(directory, "groups", fmt.Sprint(i/1000), fmt.Sprintf("%d.json", i))
		if i%1000 == 0 {
			if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
				b.Fatal(err)
			}
		}
		if err := os.WriteFile(path, []byte(`{"users": {"bob": {"password": "secret", "permissions": "op"}}}`), 0o600); err != nil {
			b.Fatal(err)
		}
	}
	for b.Loop() {
		p := start(b, directory, binary, "-http", "localhost:0", "-turn", "")
		origin := "https://localhost:" + p.port(b)
		b.StopTimer()
		if status, _ := get(b, origin+"/group/99/99999/.status"); status != 200 {
			b.Errorf("the last group: %d", status)
		}
		p.stop(b)
		b.StartTimer()
	}
}
