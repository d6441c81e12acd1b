package main

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"galene/group/leaktest"
)

// TestManual types what docs/galenectl.md shows in its blocks of console, from
// the first to the last, and compares what comes of it; "…" stands for
// anything.
func TestManual(t *testing.T) {
	leaktest.Check(t)
	text, err := os.ReadFile(filepath.Join("..", "docs", "galenectl.md"))
	if err != nil {
		t.Fatal(err)
	}
	s := startServer(t)
	t.Chdir(s.home)
	prepareManual(t)
	commands := 0
	for _, block := range strings.Split(string(text), "```console\n")[1:] {
		block, _, _ = strings.Cut(block, "```")
		for _, part := range strings.Split("\n"+block, "\n$ ")[1:] {
			line, want, _ := strings.Cut(part, "\n")
			stdin := ""
			if before, after, piped := strings.Cut(line, " | "); piped {
				stdin = strings.Trim(strings.TrimPrefix(before, "echo "), "'")
				line = after
			}
			args := append([]string{"-server", s.url, "-config", "none.json", "-admin-username", "root", "-admin-password", "hunter2"},
				words(strings.TrimPrefix(line, "galenectl "))...)
			var stdout, stderr bytes.Buffer
			run(t.Context(), args, strings.NewReader(stdin), &stdout, &stderr)
			if stderr.Len() > 0 {
				t.Fatalf("%s: %s", line, &stderr)
			}
			pattern := strings.ReplaceAll(regexp.QuoteMeta(strings.TrimSpace(want)), "…", "(?s:.*)")
			if !regexp.MustCompile(`\A` + pattern + `\z`).MatchString(strings.TrimSpace(stdout.String())) {
				t.Errorf("%s: prints %q, the manual says %q", line, &stdout, want)
			}
			commands++
		}
	}
	if commands < 15 {
		t.Errorf("only %d commands found in the manual", commands)
	}
}

// prepareManual makes the files that the manual takes for granted.
func prepareManual(t *testing.T) {
	t.Helper()
	for _, dir := range []string{"data", "groups"} {
		if err := os.Mkdir(dir, 0o700); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join("groups", "typo.json"), []byte("{\n  \"publick\": true\n}"), 0o600); err != nil {
		t.Fatal(err)
	}
	var keys, stderr bytes.Buffer
	if run(t.Context(), []string{"generate-key", "-private", "other.jwk"}, strings.NewReader(""), &keys, &stderr) != 0 {
		t.Fatal(stderr.String())
	}
	if err := os.WriteFile("verifying.jwks", keys.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
}
