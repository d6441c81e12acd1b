package main

import (
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"galene/group/leaktest"
)

func TestProfilesAreWrittenAtExit(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	binary, directory := buildServer(t), t.TempDir()
	p := start(t, directory, binary, "-http", "localhost:0", "-cpuprofile", "cpu", "-memprofile", "memory", "-mutexprofile", "mutex",
		"-metrics", "localhost:0", "-log-format", "json")
	p.await(t, `^\{.*"msg":"listening"`)
	p.stop(t)
	for _, name := range []string{"cpu", "memory", "mutex"} {
		if info, err := os.Stat(filepath.Join(directory, name)); err != nil || info.Size() == 0 {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Who counts on a relay that there is not is told so.
func TestBuiltInTURNServerIsSaidToBeMissing(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	p := start(t, t.TempDir(), buildServer(t), "-http", "localhost:0", "-turn", ":1194")
	p.await(t, `-turn has no effect`)
	p.await(t, `msg=listening`)
	p.stop(t)
}

// What keeps people out is said at the start, and what to do about it.
func TestWhatIsWrongIsSaidAtTheStart(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	binary, directory := buildServer(t), t.TempDir()
	if err := os.MkdirAll(filepath.Join(directory, "data"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(directory, "data", "ice-servers.json"), []byte(`{}`), 0o600); err != nil {
		t.Fatal(err)
	}
	p := start(t, directory, binary, "-http", "localhost:0", "-groups", "nowhere")
	p.await(t, `level=ERROR .*ICE servers.*data/ice-servers\.json error="1:1: object where an array is needed"`)
	p.await(t, `level=ERROR .*there are no groups: .* -groups" path=nowhere error="no such file or directory"`)
	p.stop(t)
	p = start(t, directory, binary, "-http", "localhost:0", "-data", "dota")
	p.await(t, `level=WARN msg="-data is no directory: .*" data=dota`)
	p.stop(t)
	p = start(t, directory, binary, "-http", "localhost:0", "-static", ".")
	p.await(t, `level=WARN msg="the directory of -static has no galene.html: groups have no page" static=\.`)
	p.stop(t)
	// It is no fault, and the default need not be there.
	for _, tt := range []struct{ options, want string }{{"-data dota", "dota: warning: there is no directory"}, {"", ""}} {
		check := exec.CommandContext(t.Context(), binary, append([]string{"-check"}, strings.Fields(tt.options)...)...)
		check.Dir = t.TempDir()
		if err := os.Mkdir(filepath.Join(check.Dir, "groups"), 0o700); err != nil {
			t.Fatal(err)
		}
		if out, err := check.CombinedOutput(); err != nil || !strings.Contains(string(out), tt.want) || tt.want == "" && len(out) > 0 {
			t.Errorf("-check %s: %v, %s", tt.options, err, out)
		}
	}
	p = start(t, directory, binary, "-http", "localhost:0")
	port := p.port(t)
	out, err := exec.CommandContext(t.Context(), binary, "-http", "localhost:"+port, "-udp-range", "20000-60000", "-data", directory).CombinedOutput()
	if err == nil || !strings.Contains(string(out), "address already in use; stop the program that uses it, maybe another galene, or choose another address\n") {
		t.Errorf("on a port that is taken: %v, %s", err, out)
	}
	p.stop(t)
	// 203.0.113.0/24 is nobody's (RFC 5737): so is, on such a machine, the address by
	// which the Internet knows a server in a cloud.
	for address, want := range map[string]string{
		"203.0.113.1:0":                         "this machine does not have that address itself: leave it out, as in -http :8443",
		filepath.Join(directory, "none/socket"): "make the directory of the socket, and let the server write to it, as INSTALL says",
	} {
		out, err := exec.CommandContext(t.Context(), binary, "-http", address, "-data", directory).CombinedOutput()
		if err == nil || !strings.Contains(string(out), want) {
			t.Errorf("at %s: %v, %s", address, err, out)
		}
	}
}

// SIGHUP, which ends other programs, has the files looked at.
func TestHangupHasTheFilesLookedAt(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	binary, directory := buildServer(t), t.TempDir()
	groups := filepath.Join(directory, "groups")
	if err := os.Mkdir(groups, 0o700); err != nil {
		t.Fatal(err)
	}
	p := start(t, directory, binary, "-http", "localhost:0")
	p.port(t)
	for _, name := range []string{"one", "two"} {
		if err := os.WriteFile(filepath.Join(groups, name+".json"), []byte(`{"publick": true}`), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := p.command.Process.Signal(syscall.SIGHUP); err != nil {
			t.Fatal(err)
		}
		p.await(t, `level=ERROR .*`+name+`\.json:1:2: unknown key`)
	}
	p.stop(t)
}

func TestFewOpenFilesAreWarnedOf(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	binary := buildServer(t)
	p := start(t, t.TempDir(), "sh", "-c", `ulimit -n 512 && exec "$0" "$@"`, binary, "-http", "localhost:0")
	p.await(t, `level=WARN .*ulimit -n 65536.* limit=512`)
	p.port(t)
	p.stop(t)
}

func TestAnotherServerWithTheSameFilesIsWarnedOf(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	binary, directory := buildServer(t), t.TempDir()
	config := filepath.Join(directory, "data", "config.json")
	if err := os.MkdirAll(filepath.Dir(config), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(config, []byte(`{"users": {"root": {"password": "x", "permissions": "admin"}}, "writableGroups": true}`), 0o600); err != nil {
		t.Fatal(err)
	}
	const warning = "another server uses the same directory"
	alone := start(t, directory, binary, "-http", "localhost:0", "-insecure")
	host := "http://localhost:" + alone.port(t)
	// What the server does to files there changes nothing.
	for path, body := range map[string]string{"/": "", "/galene-api/v0/.groups/g": "{}", "/galene-api/v0/.groups/g/.tokens/": `{"expires": "2099-01-01T00:00:00Z"}`} {
		method := http.MethodPut
		if strings.HasSuffix(path, "/") {
			method = http.MethodPost
		}
		r, err := http.NewRequestWithContext(t.Context(), method, host+path, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		r.SetBasicAuth("root", "x")
		r.Header.Set("Content-Type", "application/json")
		response, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
	}
	second := start(t, directory, binary, "-http", "localhost:0", "-insecure")
	second.await(t, fmt.Sprintf(`level=WARN msg="%s.* data=./data/ pid=%d`, warning, alone.command.Process.Pid))
	second.port(t)
	second.stop(t)
	elsewhere := start(t, directory, binary, "-http", "localhost:0", "-insecure", "-data", "elsewhere")
	elsewhere.port(t)
	alone.stop(t)
	after := start(t, directory, binary, "-http", "localhost:0", "-insecure")
	after.port(t)
	for _, p := range []*process{alone, elsewhere, after} {
		p.mu.Lock()
		if strings.Contains(p.output.String(), warning) {
			t.Errorf("there is no other:\n%s", p.output.String())
		}
		p.mu.Unlock()
	}
	after.stop(t)
	elsewhere.stop(t)
}

func TestDirectoriesAreThoseOfTheOptions(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	binary, directory := buildServer(t), t.TempDir()
	for name, content := range map[string]string{
		"pages/galene.html": "ours", "pages/index.html": "landing", "rooms/a/b.json": `{"allow-recording": true, "users": {"bob": {"password": "x", "permissions": "op"}}}`,
		"conf/config.json": `{"canonicalHost": "elsewhere.example"}`, "films/a/b/f.webm": "film",
	} {
		path := filepath.Join(directory, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	p := start(t, directory, binary, "-http", "localhost:0", "-insecure", "-static", "pages", "-groups=rooms", "-data", "conf", "-recordings", "films")
	host := "http://localhost:" + p.port(t)
	request := func(path string) *http.Request {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, host+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Host = "elsewhere.example"
		r.SetBasicAuth("bob", "x")
		return r
	}
	for path, want := range map[string]int{"/group/a/b/": 200, "/recordings/a/b/f.webm": 200, "/pages/group.js": 404} {
		r, err := http.DefaultTransport.RoundTrip(request(path))
		if err != nil {
			t.Fatal(err)
		}
		r.Body.Close()
		if r.StatusCode != want {
			t.Errorf("%s: %d", path, r.StatusCode)
		}
	}
	other := request("/group/a/b/")
	other.Host = "here.example"
	r, err := http.DefaultTransport.RoundTrip(other)
	if err != nil {
		t.Fatal(err)
	}
	r.Body.Close()
	if got := r.Header.Get("Location"); got != "https://elsewhere.example/group/a/b/" {
		t.Errorf("another host leads to %q", got)
	}
	p.stop(t)
}

func TestInstallSaysWhatItTakes(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	text := readDocument(t, "INSTALL")
	for _, subject := range []string{
		"CGO_ENABLED=0 go build -ldflags='-s -w'", "GOOS=linux GOARCH=arm64", "mkdir", "TCP 8443", "UDP 8443", "Behind NAT", "cert.pem", "fullchain.pem",
		"[Service]", "After=network-online.target", "LimitNOFILE=65536", "NoNewPrivileges", "ProtectSystem=strict", "ReadWritePaths=", "runit", "ulimit -n 65536", "proxy_set_header Upgrade",
		"proxy_set_header Host", "proxyURL", "trustedProxies", "-insecure", "/run/galene", "-metrics", "/healthz",
	} {
		if !strings.Contains(text, subject) {
			t.Errorf("INSTALL says nothing of %s", subject)
		}
	}
}
