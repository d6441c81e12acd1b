package check_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"galene/group/leaktest"
	"galene/webserver/check"
)

func write(t *testing.T, directory, name, content string) {
	t.Helper()
	path := filepath.Join(directory, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestProblemsSayWhere(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	data, groups := t.TempDir(), t.TempDir()
	write(t, data, "config.json", "{\n \"users\": {\"root\": {\"password\": \"x\", \"permissions\": \"op\"}},\n \"admin\": [],\n \"allowOrigin\": [\"example.org\"], \"canonicalHost\": \"https://x/\"}")
	write(t, data, "var/tokens.jsonl", "{\"token\":\"a\"}\n{\"tok")
	write(t, data, "ice-servers.json", "[\n{,]")
	write(t, data, "cert.pem", "x")
	write(t, groups, "README.md", "")
	write(t, groups, "good.json", `{"users": {"bob": {"password": "secret", "permissions": "op"}}}`)
	write(t, groups, "sub/typo.json", "{\n  \"publik\": true}")
	write(t, groups, "old.json", "{\"op\": [],\n \"codecs\": [\"nonsense\"],\n \"authKeys\": [{\"alg\":\"HS256\",\"k\":\"AQIDBA==\"}, {}],\n \"users\": {\"a\": {\"password\": {\"type\": \"rot13\"}}, \"../b\": {}}}")
	write(t, groups, "backup.json~", "")
	write(t, groups, ".hidden.json", "{")
	write(t, groups, "large.json", strings.Repeat(" ", 16<<20)+"{}")
	problems := check.Installation(data, groups)
	var got []string
	for _, p := range problems {
		text := strings.ReplaceAll(p.String(), groups+"/", "G/")
		got = append(got, strings.ReplaceAll(text, data+"/", "D/"))
	}
	want := []string{
		`D/cert.pem: error: only one of cert.pem and key.pem exists`,
		`D/config.json:2:2: warning: user "root" administers nothing without the permission "admin"`,
		`D/config.json:3:2: warning: the key admin is obsolete; use users`,
		`D/config.json:4:2: warning: "example.org" is no origin, which is like https://app.example.org`,
		`D/config.json:4:34: warning: canonicalHost "https://x/" is no host, or host:port`,
		`D/ice-servers.json:2:2: error: invalid character ',' looking for beginning of object key string`,
		`D/var/tokens.jsonl:2: error: unexpected end`,
		`G/.hidden.json: warning: hidden, and therefore skipped`,
		`G/backup.json~: warning: skipped: a group file is called NAME.json`,
		`G/large.json: error: larger than 16777216 bytes`,
		`G/old.json:1:2: warning: the key op is obsolete; use users and wildcard-user`,
		`G/old.json:2:2: warning: unknown codecs ["nonsense"] are ignored`,
		`G/old.json:3:2: warning: authKeys: key 0: it has no kty, which is "oct"`,
		`G/old.json:3:2: warning: authKeys: key 0: weak key: the secret has 4 bytes, HS256 needs 32`,
		`G/old.json:3:2: warning: authKeys: key 1 is not used: it has no alg`,
		`G/old.json:4:2: warning: user "../b" cannot log in: this cannot be the name of a user`,
		`G/old.json:4:2: warning: user "a" cannot log in: password type "rot13" is not supported`,
		`G/sub/typo.json:2:3: error: unknown key "publik"`,
	}
	slices.Sort(want)
	slices.Sort(got)
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if !check.HasFault(problems) {
		t.Error("there is no fault")
	}
}

func TestWrongTypesAreSaidInTheWordsOfJSON(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	for _, tt := range []struct{ file, content, want string }{
		{"config.json", `{"proxyURL": "meet.example.org"}`, `:1:2: warning: proxyURL "meet.example.org" is no URL, which is like https://meet.example.org/`},
		{"config.json", `{"proxyURL": "localhost:8443"}`, `:1:2: warning: proxyURL "localhost:8443" is no URL, which is like https://meet.example.org/`},
		{"config.json", `{"writableGroups": 1}`, `:1:20: error: key "writableGroups": number where true or false is needed`},
		{"var/tokens.jsonl", `{"token": 3}`, `:1: error: key "token": number where a string is needed`},
		{"var/tokens.jsonl", `{"token": "abcdefgh", "expires": 3}`, `:1: error: key "expires": 3 is no date and time like "2026-12-31T18:00:00Z"`},
		{"ice-servers.json", "[{\"urls\": [\"stun:a\"]},\n {\"urls\": 3}]", `:2:2: error: this server is not used: key "urls": number where an array is needed`},
		{"ice-servers.json", `[{"urls": "stun:a", "credentialType": "magic"}]`, `:1:2: error: this server is not used: credentialType "magic" is not known`},
		{"ice-servers.json", `{}`, `:1:1: error: object where an array is needed`},
	} {
		data := t.TempDir()
		write(t, data, tt.file, tt.content)
		problems := check.Installation(data, t.TempDir())
		if len(problems) != 1 || strings.TrimPrefix(problems[0].String(), data+"/"+tt.file) != tt.want {
			t.Errorf("%s: got %v, want %q", tt.content, problems, tt.want)
		}
	}
}

func TestGoodInstallationHasNoProblems(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	data, groups := t.TempDir(), t.TempDir()
	if problems := check.Installation(data, groups); len(problems) != 0 {
		t.Errorf("nothing at all: %v", problems)
	}
	write(t, data, "config.json", `{"users": {"root": {"password": "secret", "permissions": "admin"}}, "canonicalHost": ""}`)
	write(t, data, "var/tokens.jsonl", "{\"token\":\"a\",\"group\":\"g\"}\n")
	write(t, data, "ice-servers.json", `[{"urls": ["stun:stun.example.org"]}]`)
	write(t, groups, "g.json", `{"public": true}`)
	if problems := check.Installation(data, groups); len(problems) != 0 {
		t.Errorf("got %v", problems)
	}
	problems := check.Installation(filepath.Join(data, "none"), filepath.Join(groups, "none"))
	if len(problems) != 1 || check.HasFault(problems) {
		t.Errorf("without directories: %v", problems)
	}
}

// Editors of Windows put a mark before UTF-8, and have encodings of their own.
func TestFilesOfWindowsEditors(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	const utf16 = "this is UTF-16; save the file as UTF-8"
	for _, tt := range []struct{ file, content, wide string }{
		{"data/config.json", "{\"metrics\": true}\r\n", ":1:1: error: " + utf16},
		{"data/ice-servers.json", "[{\"urls\": \"stun:a\"}]\r\n", ":1:1: error: " + utf16},
		{"data/var/tokens.jsonl", "{\"token\":\"a\",\"group\":\"g\"}\r\n{\"token\":\"b\",\"group\":\"g\"}\r\n", ":1: error: " + utf16},
		{"groups/g.json", "{\"public\": true}\r\n", ":1:1: error: " + utf16},
	} {
		root := t.TempDir()
		data, groups := filepath.Join(root, "data"), filepath.Join(root, "groups")
		write(t, groups, "other.json", "{}")
		write(t, root, tt.file, "\ufeff"+tt.content)
		if problems := check.Installation(data, groups); len(problems) != 0 {
			t.Errorf("%s with a mark: %v", tt.file, problems)
		}
		wide := "\xff\xfe"
		for _, c := range tt.content {
			wide += string(byte(c)) + "\x00"
		}
		write(t, root, tt.file, wide)
		problems := check.Installation(data, groups)
		if len(problems) == 0 || strings.TrimPrefix(problems[0].String(), filepath.Join(root, tt.file)) != tt.wide {
			t.Errorf("%s in UTF-16: %v, want %s", tt.file, problems, tt.wide)
		}
	}
	root := t.TempDir()
	write(t, root, "data/config.json", "{\"users\": {\n\"andr\xe9\": {\"password\": \"x\", \"permissions\": \"admin\"}}}")
	write(t, root, "groups/g.json", "{\"public\": true,\n \"displayName\": \"Caf\xe9\"}")
	var got []string
	for _, p := range check.Installation(filepath.Join(root, "data"), filepath.Join(root, "groups")) {
		got = append(got, strings.TrimPrefix(p.String(), root))
	}
	const lost = ": warning: this is not UTF-8 everywhere, and such letters are lost; save the file as UTF-8"
	if want := []string{"/data/config.json:2:6" + lost, "/groups/g.json:2:21" + lost}; !slices.Equal(got, want) {
		t.Errorf("Latin-1: got %q, want %q", got, want)
	}
}
