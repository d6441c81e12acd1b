package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"

	"galene/group"
	"galene/group/leaktest"
	"galene/token"
	"galene/webserver"
)

// administrator is the server administrator of these tests, with a password.
const administrator = `{"writableGroups": true, "users": {"root": {"password": "hunter2", "permissions": "admin"}}}`

// testServer is a real server, without media, and a user at the command line.
type testServer struct {
	url    string
	groups string
	home   string
}

func startServer(t *testing.T) *testServer {
	t.Helper()
	dir := t.TempDir()
	s := &testServer{groups: filepath.Join(dir, "groups"), home: filepath.Join(dir, "home")}
	data := filepath.Join(dir, "data")
	for _, d := range []string{s.groups, s.home, data} {
		if err := os.Mkdir(d, 0o700); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(data, "config.json"), []byte(administrator), 0o600); err != nil {
		t.Fatal(err)
	}
	log := slog.New(slog.NewTextHandler(io.Discard, nil))
	config := group.NewConfigFile(filepath.Join(data, "config.json"), log)
	registry := group.NewRegistry(group.RegistryOptions{
		Store:  group.NewFileStore(os.DirFS(s.groups), s.groups, log),
		Tokens: token.NewFileStore(filepath.Join(data, "var", "tokens.jsonl"), log),
		Config: config, Logger: log,
	})
	server, err := webserver.New(webserver.Options{
		Address: "127.0.0.1:0", Insecure: true, DataDirectory: data, Static: fstest.MapFS{}, Registry: registry, Config: config, Logger: log,
	})
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- server.Serve() }()
	t.Cleanup(func() {
		if err := server.Shutdown(t.Context()); err != nil && t.Context().Err() == nil {
			t.Error(err)
		}
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	s.url = "http://" + server.Addr().String()
	return s
}

// step is one command line and what comes of it.
type step struct {
	// command is split at blanks, but for what stands between single quotes.
	command string
	stdin   string
	status  int
	// stdout is what it prints, a regular expression for the whole.
	stdout string
	// stderr is a part of what it complains.
	stderr string
}

// words splits a command line.
func words(line string) []string {
	var list []string
	for i, part := range strings.Split(line, "'") {
		if i%2 == 1 {
			list = append(list, part)
		} else {
			list = append(list, strings.Fields(part)...)
		}
	}
	return list
}

// play runs the steps in order, as root of the server.
func (s *testServer) play(t *testing.T, steps []step) {
	t.Helper()
	for _, st := range steps {
		args := append([]string{
			"-server", s.url, "-config", filepath.Join(s.home, "galenectl.json"), "-admin-username", "root", "-admin-password", "hunter2",
		}, words(st.command)...)
		var stdout, stderr bytes.Buffer
		status := run(t.Context(), args, strings.NewReader(st.stdin), &stdout, &stderr)
		if status != st.status {
			t.Fatalf("%s: status %d, want %d: %s", st.command, status, st.status, &stderr)
		}
		if !regexp.MustCompile(`\A(?:` + st.stdout + `)\z`).MatchString(stdout.String()) {
			t.Errorf("%s: prints %q, want %q", st.command, &stdout, st.stdout)
		}
		if st.stderr == "" && stderr.Len() > 0 || !strings.Contains(stderr.String(), st.stderr) {
			t.Errorf("%s: complains %q, want %q", st.command, &stderr, st.stderr)
		}
	}
}

// file returns a group file.
func (s *testServer) file(t *testing.T, name string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(s.groups, name+".json"))
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(data))
}

func TestGroupsFromTheCommandLine(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	s := startServer(t)
	s.play(t, []step{
		{command: "list-groups"},
		{command: "list-groups -o json", stdout: `\[\]\n`},
		{command: "create-group -group city"},
		{command: "create-group -group city", status: 1, stderr: "HTTP error: 412 Precondition Failed (the group already exists)"},
		{command: "-exit-codes create-group -group city", status: 4, stderr: "412"},
		{command: "create-group -group city/night -auto-subgroups -json", stdin: `{"displayName": "Night", "auto-subgroups": false}`},
		{command: "list-groups", stdout: "city\ncity/night\n"},
		{command: "list-groups cit?", stdout: "city\n"},
		{command: "list-groups city/* none", stdout: "city/night\n"},
		{command: "list-groups [", status: 1, stderr: "not a pattern"},
		{command: "list-groups -o json cit?", stdout: `\[\n    "city"\n\]\n`},
		{command: "show-group -group city/night", stdout: `\{\n    "auto-subgroups": true,\n    "displayName": "Night"\n\}\n`},
		{command: "update-group -group city/night -unrestricted-tokens -auto-subgroups=false"},
		{command: "update-group -group city/night -json", stdin: `{"displayName": null, "public": true}`},
		{command: "show-group -group city/night", stdout: `\{\n    "public": true,\n    "unrestricted-tokens": true\n\}\n`},
		{command: "status -group city/night", stdout: `(?s).*"name": "city/night".*`},
		{command: "update-group -group none", status: 1, stderr: "404 Not Found (the group does not exist)"},
		{command: "-exit-codes show-group -group none", status: 3, stderr: "404"},
		{command: "update-group -group city -json", stdin: `{"users": {}}`, status: 1, stderr: `"users"`},
		{command: "update-group -group city -json", stdin: `[]`, status: 1, stderr: "standard input"},
		{command: "create-group -group ../x", status: 1, stderr: "HTTP error: 4"},
		{command: "create-group", status: 1, stderr: "-group is needed"},
		{command: "delete-group -group city extra", status: 1, stderr: `unexpected argument "extra"`},
		{command: "delete-group -group city"},
		{command: "delete-group -group city", status: 1, stderr: "404"},
		{command: "list-groups", stdout: "city/night\n"},
	})
}

func TestUsersFromTheCommandLine(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	s := startServer(t)
	s.play(t, []step{
		{command: "create-group -group city"},
		{command: "create-user -group city -user ada -permissions op"},
		{command: "create-user -group city -user 'Bob c/o Ada'"},
		{command: `create-user -group city -user carol -permissions '["present","message"]'`},
		{command: "create-user -group city -user dora -json", stdin: `{"permissions": "observe"}`},
		{command: "create-user -group city -user ada", status: 1, stderr: "the user already exists"},
		{command: "create-user -group city -user eve -permissions sing", status: 1, stderr: "unknown permission"},
		{command: "create-user -group city -user eve -permissions ' '", status: 1, stderr: "-permissions is empty"},
		{command: "create-user -group city", status: 1, stderr: "exactly one of -user and -wildcard"},
		{command: "create-user -group city -user x -wildcard", status: 1, stderr: "exactly one of -user and -wildcard"},
		{command: "create-user -group none -user x", status: 1, stderr: "404"},
		{command: "create-user -group city -wildcard -permissions message"},
		{command: "create-user -group city -user '' -permissions observe"},
		{command: "list-users -group city", stdout: "Bob c/o Ada\nada\ncarol\ndora\n"},
		{command: "list-users -group city -l ?a* c* d*", stdout: "carol        \\[mp\\]\ndora         observe\n"},
		{command: "list-users -group city -l -o json d*", stdout: `(?s)\[.*"permissions": "observe",\n.*"username": "dora".*`},
		{command: "show-user -group city -wildcard", stdout: `(?s).*"permissions": "message".*`},
		{command: "update-user -group city -user ada -permissions present"},
		{command: "update-user -group city -user ada", status: 1, stderr: "nothing to change"},
		{command: "update-user -group city -user nobody -permissions op", status: 1, stderr: "does not exist"},
		{command: "show-user -group city -user ada", stdout: `\{\n    "permissions": "present"\n\}\n`},
		{command: "delete-user -group city -user ''"},
		{command: "delete-user -group city -user ada"},
		{command: "delete-user -group city -user ada", status: 1, stderr: "404"},
	})
}

func TestPasswordsFromTheCommandLine(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	s := startServer(t)
	s.play(t, []step{
		{command: "create-group -group city"},
		{command: "create-user -group city -user ada -permissions admin"},
		{command: "set-password -group city -user ada -password lace -cost 4"},
		{command: "-admin-username ada -admin-password lace list-users -group city", stdout: "ada\n"},
		{command: "-admin-username ada -admin-password wrong list-users -group city", status: 1, stderr: "401 Unauthorized (wrong credentials"},
		{command: "set-password -group city -user ada -type pbkdf2 -iterations 10", stdin: "from a pipe\n"},
		{command: "-admin-username ada -admin-password 'from a pipe' list-users -group city", stdout: "ada\n"},
		{command: "set-password -group city -user ada", status: 1, stderr: "the password is empty"},
		{command: "set-password -group city -user ada -type rot13 -password x", status: 1, stderr: "rot13"},
		{command: "set-password -group city -user ada -type wildcard -password x", status: 1, stderr: "-type wildcard"},
		{command: "set-password -group city -user nobody -password x", status: 1, stderr: "does not exist"},
		{command: "create-user -group city -wildcard"},
		{command: "set-password -group city -wildcard -type wildcard"},
		{command: "delete-password -group city -user ada"},
		{command: "-admin-username ada -admin-password 'from a pipe' list-users -group city", status: 1, stderr: "401"},
	})
	if got, want := s.file(t, "city"), `"wildcard-user":{"password":{"type":"wildcard"},"permissions":"present"}`; !strings.Contains(got, want) {
		t.Errorf("the file has no %s: %s", want, got)
	}
}

func TestInvitationsFromTheCommandLine(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	s := startServer(t)
	s.play(t, []step{{command: "create-group -group city"}})
	var stdout, stderr bytes.Buffer
	create := []string{"-server", s.url, "-admin-username", "root", "-admin-password", "hunter2", "create-token", "-group", "city", "-user", "carrot", "-duration", "2d", "-permissions", "op", "-include-subgroups"}
	if status := run(t.Context(), create, strings.NewReader(""), &stdout, &stderr); status != 0 {
		t.Fatal(stderr.String())
	}
	name := strings.TrimSpace(stdout.String())
	s.play(t, []step{
		{command: "list-tokens -group city", stdout: regexp.QuoteMeta(name) + "\n"},
		{command: "list-tokens -group city -l", stdout: regexp.QuoteMeta(name) + ` carrot               \[cmoptH\] \d{4}-\d\d-\d\d \d\d:\d\d:\d\d\n`},
		{command: "list-tokens -group city -l -o json", stdout: `(?s)\[.*"includeSubgroups": true.*"username": "carrot".*\]\n`},
		{command: "update-token -group city -token " + name + " -permissions message"},
		{command: "show-token -group city -token " + s.url + "/group/city/?token=" + name, stdout: `(?s).*"permissions": \[\n        "message"\n    \].*`},
		{command: "update-token -group city -token " + name, status: 1, stderr: "nothing to change"},
		{command: "revoke-token -group city -token " + name},
		{command: "list-tokens -group city -l", stdout: regexp.QuoteMeta(name) + ` carrot               \[mH\]     \(expired\)\n`},
		{command: "update-token -group city -token " + name + " -duration 1h"},
		{command: "list-tokens -group city -l", stdout: `(?s).*\[mH\]     \d{4}.*`},
		{command: "delete-token -group city -token " + name},
		{command: "delete-token -group city -token " + name, status: 1, stderr: "does not exist"},
		{command: "create-token -group city -url", stdout: regexp.QuoteMeta(s.url) + `/group/city/\?token=[\w-]{11}\n`},
		{command: "create-token -group '' -include-subgroups -permissions admin", stdout: `[\w-]{11}\n`},
		{command: "create-token -group '' -url", status: 1, stderr: "no link"},
		{command: "create-token -group city -permissions sing", status: 1, stderr: "unknown permission"},
		{command: "create-token -group city -duration soon", status: 2, stderr: "not a duration"},
		{command: "create-token", status: 1, stderr: "-group is needed"},
		{command: "create-token -group none", status: 1, stderr: "the group does not exist"},
		{command: "list-tokens -group ''", stdout: `[\w-]{11}\n`},
	})
}

func TestTokenOfTheWholeServerAdministers(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	s := startServer(t)
	var stdout, stderr bytes.Buffer
	create := []string{"-server", s.url, "-admin-username", "root", "-admin-password", "hunter2", "create-token", "-group", "", "-include-subgroups", "-permissions", "admin"}
	if status := run(t.Context(), create, strings.NewReader(""), &stdout, &stderr); status != 0 {
		t.Fatal(stderr.String())
	}
	config := filepath.Join(s.home, "token.json")
	content := fmt.Sprintf(`{"server": %q, "admin-token": %q}`, s.url, strings.TrimSpace(stdout.String()))
	if err := os.WriteFile(config, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, line := range []string{"create-group -group lab", "create-user -group lab -user ada", "list-groups"} {
		stdout.Reset()
		stderr.Reset()
		if status := run(t.Context(), append([]string{"-config", config}, words(line)...), strings.NewReader(""), &stdout, &stderr); status != 0 {
			t.Fatalf("%s: %s", line, &stderr)
		}
		if !strings.Contains(stderr.String(), "others can read the password or token") {
			t.Errorf("%s: no warning: %q", line, &stderr)
		}
	}
	if stdout.String() != "lab\n" {
		t.Errorf("groups %q", &stdout)
	}
}

func TestPasswordOfTheCommandLineGoesBeforeTheTokenOfTheConfiguration(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	s := startServer(t)
	config, password := filepath.Join(s.home, "stale.json"), filepath.Join(s.home, "password")
	content := fmt.Sprintf(`{"server": %q, "admin-username": "root", "admin-token": "expired"}`, s.url)
	if err := errors.Join(os.WriteFile(config, []byte(content), 0o600), os.WriteFile(password, []byte("hunter2\n"), 0o600)); err != nil {
		t.Fatal(err)
	}
	for _, options := range []string{"-admin-password hunter2", "-admin-password-file " + password} {
		var stdout, stderr bytes.Buffer
		args := append([]string{"-config", config}, strings.Fields(options+" list-groups")...)
		if status := run(t.Context(), args, strings.NewReader(""), &stdout, &stderr); status != 0 {
			t.Errorf("%s: %s", options, &stderr)
		}
	}
}

func TestKeysFromTheCommandLine(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	s := startServer(t)
	s.play(t, []step{{command: "create-group -group city"}})
	for _, algorithm := range []string{"HS256", "HS384", "HS512", "ES256", "ES384", "ES512", "RS256", "EdDSA"} {
		private := filepath.Join(s.home, algorithm+".jwk")
		var stdout, stderr bytes.Buffer
		if status := run(t.Context(), []string{"generate-key", "-alg", algorithm, "-kid", "k1", "-private", private}, strings.NewReader(""), &stdout, &stderr); status != 0 {
			t.Fatalf("%s: %s", algorithm, &stderr)
		}
		if !strings.HasPrefix(algorithm, "HS") && strings.Contains(stdout.String(), `"d"`) {
			t.Errorf("%s: the key that verifies holds the private part", algorithm)
		}
		if info, err := os.Stat(private); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v, %v", algorithm, info, err)
		}
		s.play(t, []step{{command: "set-keys -group city", stdin: stdout.String()}})
		if got := s.file(t, "city"); !strings.Contains(got, `"alg":"`+algorithm+`"`) {
			t.Errorf("%s: the file is %s", algorithm, got)
		}
	}
	s.play(t, []step{
		{command: "generate-key", status: 1, stderr: "-private is needed"},
		{command: "generate-key -alg none -private " + filepath.Join(s.home, "none"), status: 1, stderr: "unknown algorithm"},
		{command: "generate-key -private " + filepath.Join(s.home, "ES256.jwk"), status: 1, stderr: "exists"},
		{command: "set-keys -group city", stdin: `{"keys": [{"kty":"oct","alg":"HS256","k":"AQIDBA"}]}`, status: 1, stderr: "key number 1"},
		{command: "set-keys -group city", stdin: `{}`, status: 1, stderr: "neither a JWK set"},
		{command: "set-keys -group city -file " + filepath.Join(s.home, "missing"), status: 1, stderr: "missing"},
		{command: "delete-keys -group city"},
		{command: "delete-keys -group none", status: 1, stderr: "the group does not exist"},
	})
	if got := s.file(t, "city"); strings.Contains(got, "authKeys") {
		t.Errorf("keys are left: %s", got)
	}
}

func TestStatisticsFromTheCommandLine(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	s := startServer(t)
	s.play(t, []step{
		{command: "create-group -group city"},
		{command: "status -group city", stdout: `(?s).*"name": "city".*`},
		{command: "stats", stdout: `(?s)GROUP .*JITTER\ncity +0 in it\n`},
		{command: "stats -o json", stdout: `(?s)\[.*"name": "city".*\]\n`},
		{command: "stats -o xml", status: 2, stderr: "text or json"},
	})
}

func TestServerThatIsNotThere(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	var stdout, stderr bytes.Buffer
	args := []string{"-config", "", "-server", "http://127.0.0.1:1", "list-groups"}
	if status := run(t.Context(), args, strings.NewReader(""), &stdout, &stderr); status != 1 || !strings.Contains(stderr.String(), "list groups") {
		t.Errorf("status %d, %q", status, &stderr)
	}
}
