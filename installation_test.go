package main

import (
	"io/fs"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"galene/group/leaktest"
	"galene/webserver/wstest"
)

// legacyJWT is a token of 2021: its audience is the bare name of the group, its
// permissions are an object. jwt is one of today.
const (
	legacyJWT = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiJqb2huIiwiYXVkIjoiZ3JvdXBuYW1lIiwicGVybWlzc2lvbnMiOnsicHJlc2VudCI6dHJ1ZX0sImlhdCI6MTcwMDAwMDAwMCwiZXhwIjo0MTAyNDQ0ODAwfQ.Aq2AH3F4qlW6yX4SEkvyKJ85r9_0tS5gZrrJ10ta5As"
	jwt       = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiJhZGEiLCJhdWQiOiJodHRwczovL21lZXQuZXhhbXBsZS5vcmc6ODQ0My9ncm91cC9jaXR5LyIsInBlcm1pc3Npb25zIjpbInByZXNlbnQiLCJtZXNzYWdlIl0sImlhdCI6MTcwMDAwMDAwMCwiZXhwIjo0MTAyNDQ0ODAwfQ.yOZAKaMim7LONG94Ui-cM6cMT3x0ifFpkjaNtsjEBTw"
)

// An installation of Galene, of whatever age, is moved by copying its groups
// and data directories.
func TestInstallationsOfEveryAgeAreTakenOverAsTheyAre(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	binary := buildServer(t)
	directory := t.TempDir()
	original := os.DirFS("testdata/installation")
	if err := os.CopyFS(directory, original); err != nil {
		t.Fatal(err)
	}
	check := exec.Command(binary, "-check")
	check.Dir = directory
	if out, err := check.CombinedOutput(); err != nil {
		t.Errorf("-check: %v\n%s", err, out)
	}
	p := start(t, directory, binary, "-http", "localhost:0", "-turn", "")
	origin := "https://localhost:" + p.port(t)
	url := "wss" + strings.TrimPrefix(origin, "https") + "/ws"

	const none = "refused"
	for _, tt := range []struct{ group, username, password, token, permissions string }{
		{"modern", "ada", "lace", "", "op present message caption token record"},
		{"modern", "ada", "wrong", "", none},
		{"modern", "bob", "builder", "", "present message token"},
		{"modern", "carol", "correct horse", "", "present message"},
		{"modern", "", "nobody", "", ""},
		{"modern", "retired", "", "", none},
		{"modern", "anybody", "anything", "", "message"},
		{"modern/breakout", "ada", "lace", "", "op present message caption token record"},
		{"modern", "", "", "q8ZrX0d1TtE", "present message"},
		{"modern", "x", "", "expired0001", none},
		{"eight", "ada", "lace", "", "op present message caption token"},
		{"eight", "bob", "anything", "", "present message"},
		{"eight", "guest", "boss", "", "op present message caption token"},
		{"eight", "guest", "correct horse", "", "present message"},
		{"eight", "guest", "", "", "message"},
		{"eight", "", "", "", "message"},
		{"eight/below", "guest", "boss", "", "op present message caption token"},
		{"eight", "guest", "", "oldprototype", "present message"},
		{"eight-named", "ada", "lace", "", "op present message caption token"},
		{"eight-named", "ada", "", "", none},
		{"eight-named", "guest", "", "", "present message"},
		{"eight-named", "", "", "", none},
		{"fallback", "x", "teacher", "", "op present message caption token"},
		{"fallback", "x", "student", "", "present message"},
		{"fallback", "x", "", "", ""},
		{"teaching/networking", "dora", "ports", "", "op present message"},
		{"teaching/networking", "guest", "", "", none},
		{"groupname", "john", "", legacyJWT, "present message"},
		{"keys", "john", "", legacyJWT, none},
		{"city", "ada", "", jwt, "present message"},
		{"city", "x", "", "Yw3m2v9Kc0A", "admin"},
	} {
		c := wstest.Dial(t, url)
		c.Handshake()
		join := wstest.JoinMessage(tt.group, tt.username, tt.password)
		if tt.token != "" {
			join["token"] = tt.token
		}
		c.Send(join)
		answer := c.Expect(wstest.Message{"type": "joined", "group": tt.group})
		if permissions := permissionsOf(answer); permissions != sorted(tt.permissions) {
			t.Errorf("%s: %q with %q, token %.12q: %s, want %s", tt.group, tt.username, tt.password, tt.token, permissions, tt.permissions)
		}
		c.Close()
	}
	for _, administrator := range [][2]string{{"root", "secret"}, {"oldroot", "older"}} {
		r, err := http.NewRequest(http.MethodGet, origin+"/stats.json", nil)
		if err != nil {
			t.Fatal(err)
		}
		r.SetBasicAuth(administrator[0], administrator[1])
		answer, err := anyCertificate.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		answer.Body.Close()
		if answer.StatusCode != http.StatusOK {
			t.Errorf("statistics for %s: %s", administrator[0], answer.Status)
		}
	}
	p.stop(t)

	// Nothing has been rewritten, but that tokens expire.
	err := fs.WalkDir(original, ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || path == "data/var/tokens.jsonl" {
			return err
		}
		want, err := fs.ReadFile(original, path)
		if err != nil {
			return err
		}
		if got, err := os.ReadFile(filepath.Join(directory, path)); err != nil || string(got) != string(want) {
			t.Errorf("%s is now %q, %v", path, got, err)
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}

// permissionsOf returns the permissions in the answer to a join, sorted.
func permissionsOf(answer wstest.Message) string {
	if answer["kind"] != "join" {
		return "refused"
	}
	list, _ := answer["permissions"].([]any)
	var names []string
	for _, p := range list {
		names = append(names, p.(string))
	}
	return sorted(strings.Join(names, " "))
}

func sorted(words string) string {
	list := strings.Fields(words)
	slices.Sort(list)
	return strings.Join(list, " ")
}
