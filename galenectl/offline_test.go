package main

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"galene/group"
	"galene/group/leaktest"
)

// control runs the program.
func control(t *testing.T, stdin string, args ...string) (status int, stdout, stderr string) {
	t.Helper()
	var out, err bytes.Buffer
	status = run(t.Context(), args, strings.NewReader(stdin), &out, &err)
	return status, out.String(), err.String()
}

func TestHashedPasswordsMatch(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	for _, args := range []string{
		"-password secret", "-password secret -cost 4", "-password secret -type pbkdf2", "-password secret -type pbkdf2 -iterations 7 -key 20 -salt 16",
		"-type wildcard",
	} {
		status, stdout, stderr := control(t, "", append([]string{"hash-password"}, strings.Fields(args)...)...)
		if status != 0 || strings.Count(stdout, "\n") != 1 {
			t.Fatalf("%s: status %d, %q, %q", args, status, stdout, stderr)
		}
		password, err := group.ParsePassword([]byte(strings.TrimSpace(stdout)))
		if err != nil {
			t.Fatalf("%s: %v", args, err)
		}
		if ok, err := password.Match("secret"); !ok || err != nil {
			t.Errorf("%s: %v, %v", args, ok, err)
		}
	}
	for args, complaint := range map[string]string{
		"-password secret -cost 99":                "cost",
		"-password secret -type pbkdf2 -key 3":     "key",
		"-password secret -type pbkdf2 -salt -3":   "salt",
		"-password " + strings.Repeat("x", 73):     "72 bytes",
		"-password secret -type plain":             "plain",
		"-password x -type pbkdf2 -iterations -10": "iterations",
	} {
		if status, _, stderr := control(t, "", append([]string{"hash-password"}, strings.Fields(args)...)...); status != 1 || !strings.Contains(stderr, complaint) {
			t.Errorf("%s: status %d, %q", args, status, stderr)
		}
	}
}

func TestPasswordGenerator(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	generated := func(status int, args ...string) string {
		t.Helper()
		var stdout, stderr bytes.Buffer
		if got := generate(args, &stdout, &stderr); got != status {
			t.Fatalf("%q: status %d, want %d: %s", args, got, status, &stderr)
		}
		return stdout.String()
	}
	lines := strings.Split(strings.TrimSpace(generated(0, "one", "two")), "\n")
	if len(lines) != 2 || lines[0] == lines[1] {
		t.Fatalf("%q", lines)
	}
	for i, clear := range []string{"one", "two"} {
		password, err := group.ParsePassword([]byte(lines[i]))
		if err != nil || password.Kind() != "pbkdf2" {
			t.Fatalf("%s: %v", lines[i], err)
		}
		if ok, _ := password.Match(clear); !ok {
			t.Errorf("%s does not match %q", lines[i], clear)
		}
	}
	if line := generated(0, "-hash", "BCRYPT", "-cost", "4", "one"); !strings.Contains(line, `"type":"bcrypt"`) {
		t.Error(line)
	}
	d, err := group.ParseDescription([]byte(`{"users": ` + generated(0, "-user", "ada", "-permissions", "op", "-iterations", "5", "one") + `}`))
	if err != nil || len(d.Users) != 1 {
		t.Errorf("%v, %v", d, err)
	}
	var legacy struct{ Username, Password any }
	if err := json.Unmarshal([]byte(generated(0, "-user", "ada", "-legacy", "one")), &legacy); err != nil || legacy.Username != "ada" {
		t.Errorf("%v, %v", legacy, err)
	}
	generated(2)
	generated(2, "-nonsense")
	generated(1, "-hash", "md5", "one")
	generated(0, "-help")
}

func TestGeneratorIsAnotherNameOfTheProgram(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	dir := t.TempDir()
	program, link := filepath.Join(dir, "galenectl"), filepath.Join(dir, generatorName)
	if out, err := exec.Command("go", "build", "-o", program, ".").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	if err := os.Symlink(program, link); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command(link, "-iterations", "3", "secret").Output()
	if err != nil || !strings.HasPrefix(string(out), `{"type":"pbkdf2"`) {
		t.Errorf("%s, %v", out, err)
	}
}

func TestInitialSetup(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	dir := t.TempDir()
	server, client := filepath.Join(dir, "config.json"), filepath.Join(dir, "sub", "galenectl.json")
	setUp := []string{"-config", client, "-server", "https://meet.example.org", "-admin-username", "root", "initial-setup", "-config", server}
	status, stdout, stderr := control(t, "hunter2\n", setUp...)
	if status != 0 || !strings.Contains(stdout, server) || !strings.Contains(stdout, client) {
		t.Fatalf("status %d, %q, %q", status, stdout, stderr)
	}
	data, err := os.ReadFile(server)
	if err != nil {
		t.Fatal(err)
	}
	config, err := group.ParseConfig(data)
	if err != nil || !config.WritableGroups {
		t.Fatalf("%v: %s", err, data)
	}
	if ok, err := config.Users["root"].Password.Match("hunter2"); !ok || err != nil {
		t.Errorf("password: %v, %v", ok, err)
	}
	own, readable, err := readClientConfig(client)
	if err != nil || readable || own != (clientConfig{Server: "https://meet.example.org", AdminUsername: "root", AdminPassword: "hunter2"}) {
		t.Errorf("%+v, %v, %v", own, readable, err)
	}
	if status, _, stderr := control(t, "hunter2\n", setUp...); status != 1 || !strings.Contains(stderr, "exists") {
		t.Errorf("over what is there: status %d, %q", status, stderr)
	}
	other := filepath.Join(dir, "other.json")
	setUp[len(setUp)-1] = other
	if status, _, _ := control(t, "hunter2\n", setUp...); status != 1 {
		t.Errorf("over the client's: status %d", status)
	}
	if _, err := os.Stat(other); err == nil {
		t.Error("one of the files was left although the other could not be written")
	}
	if status, _, stderr := control(t, "", "initial-setup"); status != 1 || !strings.Contains(stderr, "-admin-username") {
		t.Errorf("nobody: status %d, %q", status, stderr)
	}
}

func TestWrongConfigurationIsNamed(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	for content, complaint := range map[string]string{
		`{"serve": "x"}`: `"serve"`, `{`: "unexpected end", `{} {}`: "something follows", `{"server": "ftp://x"}`: "ftp://x",
	} {
		path := filepath.Join(t.TempDir(), "galenectl.json")
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		if status, _, stderr := control(t, "", "-config", path, "list-groups"); status != 1 || !strings.Contains(stderr, complaint) {
			t.Errorf("%s: status %d, %q", content, status, stderr)
		}
	}
}

func TestCompletionScripts(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	for _, shell := range []string{"bash", "zsh", "fish"} {
		status, stdout, _ := control(t, "", "completion", shell)
		if status != 0 || !strings.Contains(stdout, "create-token") || !strings.Contains(stdout, "include-subgroups") {
			t.Errorf("%s: status %d, %q", shell, status, stdout)
		}
	}
	if status, _, _ := control(t, "", "completion", "tcsh"); status != 1 {
		t.Error("a shell that is not known")
	}
	bash, err := exec.LookPath("bash")
	if err != nil {
		t.Skip("no bash to try it in")
	}
	_, script, _ := control(t, "", "completion", "bash")
	for line, want := range map[string]string{
		"galenectl create-to":                 "create-token",
		"galenectl -insecure list-tokens -gr": "-group",
		"galenectl -adm":                      "-admin-password -admin-password-file -admin-token -admin-username",
		"galenectl completion z":              "zsh",
	} {
		words := strings.Fields(line)
		try := script + "\nCOMP_WORDS=(" + line + "); COMP_CWORD=" + string(rune('0'+len(words)-1)) + "; _galenectl; echo ${COMPREPLY[@]}"
		out, err := exec.Command(bash, "-c", try).CombinedOutput()
		if err != nil || strings.TrimSpace(string(out)) != want {
			t.Errorf("%s: %q, %v", line, out, err)
		}
	}
}

func TestDurations(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	const day = 24 * time.Hour
	for s, want := range map[string]time.Duration{
		"90m": 90 * time.Minute, "1h30m": 90 * time.Minute, "2d": 2 * day, "1mon": 31 * day, "1yr": 365 * day, "5min": 5 * time.Minute, "-1s": -time.Second,
	} {
		if got, err := parseDuration(s); err != nil || got != want {
			t.Errorf("%s: %v, %v", s, got, err)
		}
	}
	for _, s := range []string{"", "2", "d", "1.5d", "2 d", "9999999999yr", "2w"} {
		if got, err := parseDuration(s); err == nil {
			t.Errorf("%q: %v", s, got)
		}
	}
}

func TestCheckNamesFileLineAndColumn(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	dir := t.TempDir()
	for name, content := range map[string]string{
		"data/config.json":  `{"writableGroups": true}`,
		"groups/good.json":  `{"users": {"ada": {"password": "lace", "permissions": "op"}}}`,
		"groups/typo.json":  "{\n  \"publick\": true\n}",
		"groups/old.json":   `{"op": [{"username": "ada", "password": "lace"}]}`,
		"groups/sub/x.json": `{"codecs": ["vp8", "nonsense"]}`,
	} {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	args := []string{"check", "-data", filepath.Join(dir, "data"), "-groups", filepath.Join(dir, "groups")}
	status, stdout, stderr := control(t, "", args...)
	if status != 1 || stderr != "" {
		t.Errorf("status %d, complains %q", status, stderr)
	}
	for _, want := range []string{
		filepath.Join(dir, "groups", "typo.json") + `:2:3: error: `, "publick", filepath.Join(dir, "groups", "sub", "x.json"), "nonsense",
	} {
		if !strings.Contains(stdout, want) {
			t.Errorf("%q is not in %q", want, stdout)
		}
	}
	var list []problem
	if _, stdout, _ := control(t, "", append(args, "-o", "json")...); json.Unmarshal([]byte(stdout), &list) != nil || len(list) < 2 {
		t.Errorf("%q", stdout)
	}
	if err := os.Remove(filepath.Join(dir, "groups", "typo.json")); err != nil {
		t.Fatal(err)
	}
	if status, stdout, _ := control(t, "", args...); status != 0 {
		t.Errorf("warnings alone: status %d, %q", status, stdout)
	}
}
