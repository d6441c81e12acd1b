package group

import (
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"galene/group/leaktest"
)

func TestConfigFileIsReadAgain(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	path := filepath.Join(t.TempDir(), "config.json")
	var log strings.Builder
	f := NewConfigFile(path, slog.New(slog.NewTextHandler(&log, nil)))
	if c := f.Get(); c.CanonicalHost != "" {
		t.Errorf("without a file, got %+v", c)
	}
	write := func(s string) {
		t.Helper()
		if err := os.WriteFile(path, []byte(s), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write(`{"canonicalHost": "a.example", "users": {"root": {"password": "x", "permissions": "admin"}}}`)
	if c := f.Get(); c.CanonicalHost != "a.example" {
		t.Errorf("got %+v", c)
	}
	write(`{"canonicalHosts": 1}`)
	for range 3 {
		if c := f.Get(); c.CanonicalHost != "a.example" {
			t.Errorf("with a broken file, got %+v", c)
		}
	}
	if got := log.String(); strings.Count(got, "level=ERROR") != 1 || !strings.Contains(got, `config.json:1:2: unknown key`) {
		t.Errorf("log is %q", got)
	}
	write(`{"users": {"root": {"password": {"type": "wildcard"}}}, "canonicalHost": "b.example"}`)
	if c := f.Get(); c.CanonicalHost != "a.example" {
		t.Errorf("an administrator without a password was accepted: %+v", c)
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if c := f.Get(); c.CanonicalHost != "" || c.Users != nil {
		t.Errorf("after the file has gone, got %+v", c)
	}
}

func TestConfigOfEveryKey(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	c, err := ParseConfig([]byte(`{
		"users": {"root": {"password": "secret", "permissions": "admin"}},
		"writableGroups": true, "allowOrigin": ["https://a"], "allowAdminOrigin": ["https://b"],
		"proxyURL": "https://p/", "canonicalHost": "", "publicServer": true, "admin": [{"username": "x"}]
	}`))
	if err != nil {
		t.Fatal(err)
	}
	if !c.WritableGroups || !c.PublicServer || c.ProxyURL != "https://p/" || len(c.AllowOrigin) != 1 || len(c.AllowAdminOrigin) != 1 {
		t.Errorf("got %+v", c)
	}
}

// FuzzParseConfig checks that what is wrong with a configuration has a place in
// it, and that nobody administers without a password of his own.
func FuzzParseConfig(f *testing.F) {
	leaktest.Check(f)
	for _, s := range []string{
		`{}`, `{"users": {"root": {"password": "secret", "permissions": "admin"}}, "canonicalHost": "a:8443"}`,
		`{"admin": [{"username": "a", "password": "b"}, {}], "publicServer": true}`, `{"users": {"a": {"password": {"type": "wildcard"}}}}`,
		`{"proxyURL": "https://b.org/v/", "trustedProxies": ["::1"], "allowOrigin": ["https://x"]}`, `{"writableGroups": 1}`, "{\n\"x\": 1}",
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		if fault, _ := CheckConfig(data); fault != nil {
			if lines := 1 + strings.Count(string(data), "\n"); fault.Line < 1 || fault.Line > lines || fault.Column < 1 {
				t.Errorf("%v in %d lines", fault, lines)
			}
			return
		}
		c, err := ParseConfig(data)
		if err != nil {
			t.Fatal(err)
		}
		for name, u := range c.Users {
			if u.Password.Kind() == "wildcard" {
				t.Errorf("everybody is %q", name)
			}
		}
	})
}

func TestConfigFileThatIsMendedWithoutGettingLaterIsRead(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	path := filepath.Join(t.TempDir(), "config.json")
	var log strings.Builder
	f := NewConfigFile(path, slog.New(slog.NewTextHandler(&log, nil)))
	moment := time.Now().Add(-time.Hour)
	write := func(s string) {
		t.Helper()
		if err := os.WriteFile(path, []byte(s), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(path, moment, moment); err != nil {
			t.Fatal(err)
		}
	}
	write(`{"canonicalHost": "a.example",`)
	for range 3 {
		f.Get()
	}
	write(`{"canonicalHost": "a.example"}`)
	if c := f.Get(); c.CanonicalHost != "a.example" || f.Fault() != nil {
		t.Errorf("got %+v, with the fault %v", c, f.Fault())
	}
	if strings.Count(log.String(), "level=ERROR") != 1 {
		t.Errorf("log is %q", log.String())
	}
}
