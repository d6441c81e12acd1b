package iceservers

import (
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"galene/group/leaktest"
)

func TestFileThatIsMendedWithoutGettingLaterIsRead(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	path := filepath.Join(t.TempDir(), "ice-servers.json")
	var log strings.Builder
	f := New(path, slog.New(slog.NewTextHandler(&log, nil)))
	now := time.Now()
	expect := func(what string, servers, errors int) {
		t.Helper()
		for range 3 {
			if got := f.Servers(now); len(got) != servers {
				t.Errorf("%s: %v", what, got)
			}
		}
		if got := strings.Count(log.String(), "level=ERROR"); got != errors {
			t.Errorf("%s: %d errors were logged: %s", what, got, &log)
		}
	}
	if err := os.Symlink(path, path); err != nil {
		t.Skip("there are no symbolic links:", err)
	}
	expect("a link that leads nowhere", 0, 1)
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	for _, step := range []struct {
		text            string
		servers, errors int
	}{{`[{"urls": "stun:x"}}`, 0, 2}, {`[{"urls": "stun:x"}]`, 1, 2}} {
		if err := os.WriteFile(path, []byte(step.text), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(path, now, now); err != nil {
			t.Fatal(err)
		}
		expect(step.text, step.servers, step.errors)
	}
}

// What browsers refuse keeps them from any connection, whatever else they are
// told of (WebRTC, section 4.2.2).
func TestServersThatBrowsersRefuseAreLeftOut(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	for text, complaint := range map[string]string{
		`[{"urls": "stun:stun.example.org:3478"}]`:                                    "",
		`[{"urls": ["STUN:[2001:db8::1]:3478", "stuns:a"]}]`:                          "",
		`[{"urls": "turns:a:443?transport=tcp", "username": "u", "credential": "p"}]`: "",
		`[{"urls": "turn:a", "username": "u", "credential": ""}]`:                     "",
		`[{"urls": "turn:a", "credential": "s", "credentialType": "hmac-sha1"}]`:      "",
		`[{"urls": "stun.example.org"}]`:                                              `1:2: this server is not used: "stun.example.org" is no address such as`,
		`[{"urls": ["stun:a", "https://b"]}]`:                                         `"https://b" is no address such as`,
		`[{"urls": "stun://a"}]`:                                                      `"stun://a" is no address such as`,
		`[{"urls": "stun:"}]`:                                                         `"stun:" is no address such as`,
		`[{"urls": "turn:a"}]`:                                                        "a TURN server needs username and credential",
		`[{"urls": "turn:a", "username": "u"}]`:                                       "a TURN server needs username and credential",
		`[{"urls": "turns:a", "credential": "p"}]`:                                    "a TURN server needs username and credential",
	} {
		faults := Check([]byte(text))
		switch {
		case complaint == "" && len(faults) > 0:
			t.Errorf("%s: %v", text, faults)
		case complaint != "" && (len(faults) != 1 || !strings.Contains(faults[0].Error(), complaint)):
			t.Errorf("%s: got %v, want %s", text, faults, complaint)
		}
	}
}
