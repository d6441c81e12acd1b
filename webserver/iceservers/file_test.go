package iceservers

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"galene/group/leaktest"
)

func TestServersOfTheFile(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	path := filepath.Join(t.TempDir(), "ice-servers.json")
	var log strings.Builder
	f := New(path, slog.New(slog.NewTextHandler(&log, nil)))
	now := time.Unix(1_700_000_000, 0)
	if got := f.Servers(now); got != nil {
		t.Errorf("without a file: %v", got)
	}
	write := func(text string, modified time.Time) {
		t.Helper()
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(path, modified, modified); err != nil {
			t.Fatal(err)
		}
	}
	write(`[
		{"urls": ["stun:stun.example.org"], "unknown": 1},
		{"urls": "turn:turn.example.org", "username": "u", "credential": "p"},
		{"urls": ["turn:a.example.org"], "username": "meet", "credential": "s3cr3t", "credentialType": "hmac-sha1"},
		{"urls": ["turn:b.example.org"], "credential": "s3cr3t", "credentialType": "hmac-sha1"},
		{"urls": ["turn:c.example.org"], "username": "k", "credential": {"macKey": "x", "accessToken": "y"}, "credentialType": "oauth"},
		{"urls": ["turn:d.example.org"], "credentialType": "magic"}, {"urls": []}, {"urls": 7}, 7,
		{"urls": ["turn:e.example.org"], "credentialType": "hmac-sha1"}
	]`, now)
	for range 2 {
		got, err := json.Marshal(f.Servers(now))
		if err != nil {
			t.Fatal(err)
		}
		// The passwords are those of: printf NAME | openssl dgst -sha1 -hmac s3cr3t -binary | base64
		want := `[{"URLs":["stun:stun.example.org"],"Username":"","Credential":null,"CredentialType":"password"},` +
			`{"URLs":["turn:turn.example.org"],"Username":"u","Credential":"p","CredentialType":"password"},` +
			`{"URLs":["turn:a.example.org"],"Username":"1700086400:meet","Credential":"169164GM3J+f3Aa45uPtPqReZE0=","CredentialType":"password"},` +
			`{"URLs":["turn:b.example.org"],"Username":"1700086400","Credential":"Wbg+b0b85AFdWW1nm5dkKnEW/vA=","CredentialType":"password"},` +
			`{"URLs":["turn:c.example.org"],"Username":"k","Credential":{"macKey":"x","accessToken":"y"},"CredentialType":"oauth"}]`
		if string(got) != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	}
	if got := strings.Count(log.String(), "ICE server left out"); got != 5 {
		t.Errorf("%d servers were left out: %s", got, log.String())
	}
	write(`{`, now.Add(time.Second))
	for range 2 {
		if got := f.Servers(now); got != nil {
			t.Errorf("of a broken file: %v", got)
		}
	}
	if strings.Count(log.String(), "cannot read ICE servers") != 1 {
		t.Errorf("log is %s", log.String())
	}
	write(`[{"urls": "stun:x"}]`, now.Add(2*time.Second))
	if got := f.Servers(now); len(got) != 1 || got[0].URLs[0] != "stun:x" {
		t.Errorf("after it was repaired: %v", got)
	}
}

// FuzzCheck checks that what is wrong with a file has a place in it, and that
// what is handed out has addresses.
func FuzzCheck(f *testing.F) {
	leaktest.Check(f)
	for _, s := range []string{
		`[]`, `null`, `{}`, `[{"urls": ["stun:a"]}, {"urls": 3}]`, "[\n{,]", `[{"urls": "turn:a", "credential": "x", "credentialType": "hmac-sha1"}]`,
		`[{"urls": ["turn:a"], "credential": {"accessToken": "x"}, "credentialType": "oauth"}, 1, 11, 1]`, `[1, [1], "1"]`,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		lines := 1 + bytes.Count(data, []byte("\n"))
		for _, fault := range Check(data) {
			if fault.Line < 1 || fault.Line > lines || fault.Column < 1 || fault.Column > len(data)+1 {
				t.Errorf("%v in %d lines", fault, lines)
			}
		}
		list, _, err := decode(data)
		if err != nil && len(list) > 0 {
			t.Errorf("%d servers of a file that cannot be read", len(list))
		}
		for _, e := range list {
			if len(e.URLs) == 0 {
				t.Errorf("%+v has no address", e)
			}
		}
	})
}
