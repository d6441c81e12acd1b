package main

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"galene/group/leaktest"
	"galene/webserver/wstest"
)

// process is a server that runs as a program of its own.
type process struct {
	command *exec.Cmd
	// mu guards output, which is what it has written.
	mu     sync.Mutex
	output bytes.Buffer
	lines  chan string
	ended  chan error
}

// buildServer builds the program with the README's words.
func buildServer(t testing.TB) string {
	t.Helper()
	readme, err := os.ReadFile("README")
	if err != nil {
		t.Fatal(err)
	}
	words := "CGO_ENABLED=0 go build -ldflags='-s -w'"
	if !strings.Contains(string(readme), words) {
		t.Fatalf("the README does not say %s", words)
	}
	binary := filepath.Join(t.TempDir(), "galene")
	build := exec.Command("go", "build", "-ldflags=-s -w", "-o", binary)
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return binary
}

// start runs the program in a directory.
func start(t testing.TB, directory, binary string, args ...string) *process {
	t.Helper()
	p := &process{
		command: exec.Command(binary, args...),
		lines:   make(chan string, 100), ended: make(chan error, 1),
	}
	p.command.Dir = directory
	reader, writer := io.Pipe()
	p.command.Stdout, p.command.Stderr = writer, writer
	if err := p.command.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		for s := bufio.NewScanner(reader); s.Scan(); {
			p.mu.Lock()
			p.output.WriteString(s.Text() + "\n")
			p.mu.Unlock()
			select {
			case p.lines <- s.Text():
			default:
			}
		}
	}()
	go func() {
		err := p.command.Wait()
		writer.Close()
		p.ended <- err
	}()
	t.Cleanup(func() {
		_ = p.command.Process.Kill()
		if t.Failed() {
			p.mu.Lock()
			defer p.mu.Unlock()
			t.Logf("the server wrote:\n%s", p.output.String())
		}
	})
	return p
}

// await waits for a line that matches and returns its submatches.
func (p *process) await(t testing.TB, pattern string) []string {
	t.Helper()
	expression := regexp.MustCompile(pattern)
	timeout := time.After(time.Minute)
	for {
		select {
		case line := <-p.lines:
			if m := expression.FindStringSubmatch(line); m != nil {
				return m
			}
		case err := <-p.ended:
			t.Fatalf("ended with %v before it wrote %q", err, pattern)
		case <-timeout:
			t.Fatalf("never wrote %q", pattern)
		}
	}
}

// port is the one that the server says it listens on.
func (p *process) port(t testing.TB) string {
	t.Helper()
	m := p.await(t, `msg=listening web=\S+:(\d+)`)
	return m[1]
}

// stop asks the server to go and checks that it goes well.
func (p *process) stop(t testing.TB) {
	t.Helper()
	if err := p.command.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	select {
	case err := <-p.ended:
		if err != nil {
			t.Errorf("exit: %v", err)
		}
	case <-time.After(time.Minute):
		t.Error("still there long after SIGTERM")
	}
}

var anyCertificate = &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}}

func get(t testing.TB, url string) (status int, body string) {
	t.Helper()
	r, err := anyCertificate.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	text, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	return r.StatusCode, string(text)
}

func TestQuickStart(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	readme, err := os.ReadFile("README")
	if err != nil {
		t.Fatal(err)
	}
	echo := regexp.MustCompile(`(?m)^ +(echo '.*' > groups/example.json)$`).FindSubmatch(readme)
	mkdir := regexp.MustCompile(`(?m)^ +(mkdir .*groups)$`).FindSubmatch(readme)
	if echo == nil || mkdir == nil {
		t.Fatal("the README has another quick start")
	}
	binary := buildServer(t)
	directory := t.TempDir()
	// What lies in ./static must not win over what is in the binary.
	if err := os.Mkdir(filepath.Join(directory, "static"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(directory, "static", "galene.html"), []byte("stale"), 0o644); err != nil {
		t.Fatal(err)
	}
	// Whoever has cloned the repository has the directory.
	if err := os.Mkdir(filepath.Join(directory, "groups"), 0o755); err != nil {
		t.Fatal(err)
	}
	shell := exec.Command("sh", "-ec", string(mkdir[1])+"\n"+string(echo[1]))
	shell.Dir = directory
	if out, err := shell.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	p := start(t, directory, binary, "-http", "localhost:0")
	p.await(t, "built-in web client")
	origin := "https://localhost:" + p.port(t)

	if status, page := get(t, origin+"/group/example/"); status != http.StatusOK || strings.Contains(page, "stale") {
		t.Errorf("the page of the group: %d\n%s", status, page)
	}
	c := wstest.Dial(t, "wss"+strings.TrimPrefix(origin, "https")+"/ws")
	if answer := c.Join("example", "bob", "secret"); answer["kind"] != "join" {
		t.Fatalf("bob is answered %v", answer)
	}
	p.stop(t)
	c.Await(wstest.Message{"type": "usermessage", "kind": "kicked", "error": "shutting-down"})
	if err := c.AwaitEnd(); wstest.IsAbnormal(err) {
		t.Errorf("cut off: %v", err)
	}
}

func TestDemonstrationNeedsNothingAndLeavesNothing(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	binary := buildServer(t)
	directory := t.TempDir()
	p := start(t, directory, binary, "-demo", "-http", ":0")
	address := p.await(t, `Open (http://localhost:(\d+)/group/demo/)`)
	if status, _ := get(t, address[1]); status != http.StatusOK {
		t.Errorf("the page of the group: %d", status)
	}
	c := wstest.Dial(t, "ws://localhost:"+address[2]+"/ws")
	if answer := c.Join("demo", "anybody", ""); answer["kind"] != "join" {
		t.Errorf("anybody is answered %v", answer)
	}
	c.Close()
	p.stop(t)
	left, err := os.ReadDir(directory)
	if err != nil || len(left) > 0 {
		t.Errorf("left behind: %v (%v)", left, err)
	}
}

func TestDemonstrationIsForThisMachineOnly(t *testing.T) {
	leaktest.Check(t)
	for _, address := range []string{"0.0.0.0:8443", "example.org:8443", "/run/galene.sock", "[::]:8443"} {
		if _, err := parseOptions([]string{"-demo", "-http", address}, io.Discard); err == nil {
			t.Errorf("listens on %s", address)
		}
	}
	o, err := parseOptions([]string{"-demo", "-http", ":9000"}, io.Discard)
	if err != nil || o.http != "localhost:9000" {
		t.Errorf("listens on %q (%v)", o.http, err)
	}
}

func TestExitStatuses(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	taken, err := net.Listen("tcp", "localhost:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { taken.Close() })
	udp, err := net.ListenPacket("udp", ":0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { udp.Close() })
	_, udpPort, err := net.SplitHostPort(udp.LocalAddr().String())
	if err != nil {
		t.Fatal(err)
	}
	missing := filepath.Join(t.TempDir(), "missing")
	typo := t.TempDir()
	if err := os.WriteFile(filepath.Join(typo, "typo.json"), []byte("{\n\"publik\": true}"), 0o600); err != nil {
		t.Fatal(err)
	}
	tests := map[string]struct {
		args []string
		want int
		says string
	}{
		"help":                 {[]string{"-help"}, statusOK, "-udp-range"},
		"version":              {[]string{"-version"}, statusOK, "galene"},
		"unknown option":       {[]string{"-nonsense"}, statusUsage, "nonsense"},
		"argument":             {[]string{"group"}, statusUsage, "group"},
		"inverted range":       {[]string{"-udp-range", "9-8"}, statusError, "udp-range"},
		"taken media port":     {[]string{"-udp-range", udpPort, "-http", "localhost:0"}, statusError, udpPort},
		"taken web port":       {[]string{"-http", taken.Addr().String()}, statusError, "in use"},
		"missing static":       {[]string{"-static", missing, "-http", "localhost:0"}, statusError, "missing"},
		"unwritable profile":   {[]string{"-cpuprofile", filepath.Join(missing, "cpu"), "-http", "localhost:0"}, statusError, "profile"},
		"check of nothing":     {[]string{"-check"}, statusOK, "no directory of groups"},
		"check of a typo":      {[]string{"-check", "-groups", typo}, statusError, `typo.json:2:1: error: unknown key "publik"`},
		"address without port": {[]string{"-http", "localhost"}, statusUsage, "port"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var out bytes.Buffer
			if got := run(t.Context(), nil, append([]string{"-groups", missing, "-data", missing}, test.args...), &out, &out); got != test.want {
				t.Errorf("status %d\n%s", got, out.String())
			}
			if !strings.Contains(out.String(), test.says) {
				t.Errorf("says nothing of %q:\n%s", test.says, out.String())
			}
		})
	}
}

func TestEphemeralMediaPortIsSaid(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	missing := filepath.Join(t.TempDir(), "missing")
	for {
		// A port that is taken for media; whether it is free for the web only
		// trying shows.
		udp, err := net.ListenPacket("udp", ":0")
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { udp.Close() })
		_, port, err := net.SplitHostPort(udp.LocalAddr().String())
		if err != nil {
			t.Fatal(err)
		}
		log, stop := serveUntilListening(t, "-http", "localhost:"+port, "-groups", missing, "-data", missing, "-log-format", "json")
		if stop == nil && mentions(log, "ERROR", "address already in use") {
			continue
		}
		if stop == nil {
			t.Fatalf("the server does not start: %v", log)
		}
		stop()
		if !mentions(log, "WARN", "ephemeral UDP port") || !mentions(log, "WARN", "UDP port "+port+" is taken") {
			t.Errorf("no warning in %v", log)
		}
		return
	}
}

// mentions tells whether an entry of a log, of that level, has the text in one
// of its values.
func mentions(log []map[string]any, level, text string) bool {
	for _, entry := range log {
		for _, value := range entry {
			if s, _ := value.(string); entry["level"] == level && strings.Contains(s, text) {
				return true
			}
		}
	}
	return false
}

// serveUntilListening runs the server in this process and returns what it
// logged until it listened. stop is nil if it has ended instead.
func serveUntilListening(t *testing.T, args ...string) (log []map[string]any, stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	reader, writer := io.Pipe()
	ended := make(chan int, 1)
	go func() {
		ended <- run(ctx, nil, args, io.Discard, writer)
		writer.Close()
	}()
	scanner := bufio.NewScanner(reader)
	for scanner.Scan() {
		var entry map[string]any
		if json.Unmarshal(scanner.Bytes(), &entry) != nil {
			// What ends the server is said to who started it.
			entry = map[string]any{"level": "ERROR", "msg": scanner.Text()}
		}
		log = append(log, entry)
		if entry["msg"] == "listening" {
			break
		}
	}
	go io.Copy(io.Discard, reader)
	if len(log) == 0 || log[len(log)-1]["msg"] != "listening" {
		cancel()
		<-ended
		return log, nil
	}
	return log, func() {
		cancel()
		if status := <-ended; status != statusOK {
			t.Errorf("status %d", status)
		}
	}
}
