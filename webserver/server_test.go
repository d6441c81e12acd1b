package webserver_test

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/fstest"
	"time"

	"galene/group"
	"galene/group/leaktest"
	"galene/token"
	"galene/webserver"
	"galene/webserver/wstest"
)

// site is a web server with files and groups of its own.
type site struct {
	t       *testing.T
	server  *webserver.Server
	options webserver.Options
	URL     string
	groups  string
	client  *http.Client
	// target is the address that requests go to.
	target atomic.Pointer[net.Addr]
}

// visit directs the following requests to another address.
func (s *site) visit(a net.Addr) {
	s.client.CloseIdleConnections()
	s.target.Store(&a)
}

// newSite starts a server; change may change its options.
func newSite(t *testing.T, change func(*webserver.Options)) *site {
	t.Helper()
	s := &site{t: t, groups: t.TempDir()}
	logger := slog.New(slog.DiscardHandler)
	data := t.TempDir()
	s.options = webserver.Options{
		Address: "localhost:0", Insecure: true, DataDirectory: data,
		Static: fstest.MapFS{
			"index.html":  {Data: []byte("landing")},
			"galene.html": {Data: []byte("group page")},
			"404.html":    {Data: []byte("friendly")},
			"app/main.js": {Data: []byte(strings.Repeat("export {};\n", 100))},
		},
		Recordings: t.TempDir(),
		Config:     group.NewConfigFile(filepath.Join(data, "config.json"), logger),
		Logger:     logger,
	}
	s.options.Registry = group.NewRegistry(group.RegistryOptions{
		Store:  group.NewFileStore(os.DirFS(s.groups), s.groups, logger),
		Tokens: token.NewFileStore(filepath.Join(data, "var", "tokens.jsonl"), logger),
		Config: s.options.Config, Logger: logger,
	})
	if change != nil {
		change(&s.options)
	}
	server, err := webserver.New(s.options)
	if err != nil {
		t.Fatal(err)
	}
	s.server = server
	address := server.Addr()
	s.target.Store(&address)
	scheme := "https"
	if s.options.Insecure {
		scheme = "http"
	}
	s.URL = fmt.Sprintf("%s://%s", scheme, server.Addr())
	s.client = &http.Client{
		Transport: &http.Transport{
			TLSClientConfig: &tls.Config{InsecureSkipVerify: true},
			DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
				target := *s.target.Load()
				return new(net.Dialer).DialContext(ctx, target.Network(), target.String())
			},
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	serving := make(chan error, 1)
	go func() { serving <- server.Serve() }()
	t.Cleanup(func() {
		s.options.Registry.Shutdown()
		s.client.CloseIdleConnections()
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		if err := server.Shutdown(ctx); err != nil {
			t.Error(err)
		}
		if err := <-serving; err != nil {
			t.Errorf("serve: %v", err)
		}
	})
	return s
}

func (s *site) write(directory, name, content string) {
	s.t.Helper()
	path := filepath.Join(directory, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		s.t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		s.t.Fatal(err)
	}
}

// webAssembly returns what the page of a group may do beyond the others.
func webAssembly(r *http.Response) string {
	page := strings.HasPrefix(r.Request.URL.Path, "/group/") && strings.HasPrefix(r.Header.Get("Content-Type"), "text/html")
	if page && r.StatusCode == http.StatusOK {
		return "'wasm-unsafe-eval' "
	}
	return ""
}

// do makes a request; header holds names and values in turn.
func (s *site) do(method, path string, header ...string) (*http.Response, string) {
	s.t.Helper()
	r, err := http.NewRequestWithContext(s.t.Context(), method, s.URL, nil)
	if err != nil {
		s.t.Fatal(err)
	}
	// Set apart, so that it is sent as it stands.
	r.URL.Path, r.URL.RawQuery, _ = strings.Cut(path, "?")
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
		if header[i] == "Host" {
			r.Host = header[i+1]
		}
	}
	response, err := s.client.Do(r)
	if err != nil {
		s.t.Fatalf("%s %s: %v", method, path, err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	return response, string(body)
}

func (s *site) json(path string, v any, header ...string) *http.Response {
	s.t.Helper()
	response, body := s.do("GET", path, header...)
	if err := json.Unmarshal([]byte(body), v); err != nil {
		s.t.Fatalf("%s: %d %q: %v", path, response.StatusCode, body, err)
	}
	return response
}

func TestRoutes(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	s := newSite(t, nil)
	s.write(s.groups, "g.json", `{}`)
	s.write(s.groups, "a/b c.json", `{}`)
	s.write(s.groups, "broken.json", `{`)
	s.write(s.groups, "away.json", `{"redirect": "https://other.example/x?y"}`)
	tests := []struct {
		method, path string
		status       int
		body, header string
	}{
		{"GET", "/", 200, "landing", "Permissions-Policy: camera=(self), microphone=(self), display-capture=(self)"},
		{"GET", "/app/main.js", 200, "*", "Permissions-Policy: "},
		{"HEAD", "/", 200, "", ""},
		{"POST", "/", 405, "method not allowed\n", "Allow: GET, HEAD"},
		{"GET", "/none", 404, "friendly", "Content-Type: text/html; charset=utf-8"},
		{"HEAD", "/none", 404, "", ""},
		{"GET", "/app", 308, "*", "Location: /app/"},
		{"GET", "/app/", 403, "Forbidden\n", ""},
		{"GET", "/app//main.js", 307, "*", "Location: /app/main.js"},
		{"GET", "/../etc/passwd", 307, "*", "Location: /etc/passwd"},
		{"GET", "//evil.example/./a b//c%2f/?x", 307, "*", "Location: /evil.example/a%20b/c%252f/?x"},
		{"GET", "/a\x00b", 400, "bad path\n", ""},
		{"GET", `/a\b`, 400, "bad path\n", ""},
		{"GET", "/" + strings.Repeat("x", 5000), 404, "friendly", ""},
		{"GET", "/group", 307, "*", "Location: /group/"},
		{"GET", "/group/", 404, "friendly", ""},
		{"GET", "/group/g/", 200, "group page", "Cache-Control: max-age=1800"},
		{"HEAD", "/group/g/", 200, "", ""},
		{"POST", "/group/g/", 405, "method not allowed\n", ""},
		{"GET", "/group/g?token=x", 308, "*", "Location: /group/g/?token=x"},
		{"GET", "/group/a/b c", 308, "*", "Location: /group/a/b%20c/"},
		{"GET", "/group/a/b c/", 200, "group page", ""},
		{"GET", "/group/none/", 404, "friendly", ""},
		{"GET", "/group/" + strings.Repeat("x", 5000) + "/", 404, "friendly", ""},
		{"GET", "/group/a/", 404, "friendly", ""},
		{"GET", "/group/broken/", 500, "Internal server error\n", ""},
		{"GET", "/group/broken/.status", 500, "Internal server error\n", ""},
		{"GET", "/group/away/", 308, "*", "Location: https://other.example/x?y"},
		{"GET", "/group/away/", 308, "*", "Cache-Control: no-cache"},
		{"GET", "/group/.hidden/", 404, "friendly", ""},
		{"GET", "/group/g/.status.json?x", 308, "*", "Location: /group/g/.status?x"},
		{"GET", "/group/g/.status/x", 404, "friendly", ""},
		{"GET", "/group/g/.nothing", 404, "friendly", ""},
		{"GET", "/group/none/.status", 404, "friendly", ""},
		{"POST", "/group/g/.status", 405, "method not allowed\n", ""},
		{"POST", "/public-groups.json", 405, "method not allowed\n", ""},
		{"GET", "/ws", 400, "*", ""},
		{"GET", "/recordings", 308, "*", "Location: /recordings/"},
		{"GET", "/recordings/", 400, "Bad group name\n", ""},
		{"GET", "/recordings/g/", 401, "*", `WWW-Authenticate: Basic realm="recordings/g", charset="UTF-8"`},
		{"GET", "/galene-api/v0/.stats", 401, "*", `WWW-Authenticate: Basic realm="/galene-api/", charset="UTF-8"`},
		{"GET", "/galene-api/v0/", 404, "there is no such resource\n", ""},
		{"GET", "/stats.json", 401, "*", `WWW-Authenticate: Basic realm="stats", charset="UTF-8"`},
		{"GET", "/metrics", 404, "friendly", ""},
		{"GET", "/ice", 404, "friendly", ""},
		{"GET", "/ice-servers.json", 404, "friendly", ""},
	}
	for _, tt := range tests {
		r, body := s.do(tt.method, tt.path)
		name, value, _ := strings.Cut(tt.header, ": ")
		if r.StatusCode != tt.status || tt.body != "*" && body != tt.body || name != "" && r.Header.Get(name) != value {
			t.Errorf("%s %.80q: got %d %.80q with %s %q", tt.method, tt.path, r.StatusCode, body, name, r.Header.Get(name))
		}
		for header, want := range map[string]string{
			"Referrer-Policy":        "no-referrer",
			"X-Content-Type-Options": "nosniff",
			"Content-Security-Policy": "connect-src ws: wss: 'self'; img-src 'self'; media-src blob: 'self'; " +
				"script-src " + webAssembly(r) + "'self'; default-src 'self'",
		} {
			if got := r.Header.Get(header); got != want {
				t.Errorf("%s %.80q: %s is %q", tt.method, tt.path, header, got)
			}
		}
	}
}

func TestStatus(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	s := newSite(t, nil)
	s.write(s.groups, "city/watch.json", `{"public": true, "displayName": "The Watch", "autolock": true,
		"users": {"sam": {"password": "x", "permissions": "op"}}}`)
	s.write(s.groups, "private.json", `{"description": "ours", "autolock": true, "authServer": "https://auth.example/login"}`)
	s.write(s.groups, "away.json", `{"public": true, "redirect": "https://other.example/", "authServer": "https://a"}`)
	host := strings.TrimPrefix(s.URL, "http://")
	c := wstest.Dial(t, s.URL+"/ws")
	c.Join("city/watch", "sam", "x")
	watch := map[string]any{
		"name": "city/watch", "location": s.URL + "/group/city/watch/", "endpoint": "ws://" + host + "/ws",
		"displayName": "The Watch", "locked": true, "clientCount": 1.0,
	}
	away := map[string]any{"name": "away", "redirect": "https://other.example/"}
	for path, want := range map[string]map[string]any{
		"/group/city/watch/.status": watch,
		"/group/away/.status":       away,
		"/group/private/.status": {
			"name": "private", "location": s.URL + "/group/private/", "endpoint": "ws://" + host + "/ws",
			"description": "ours", "authServer": "https://auth.example/login",
		},
	} {
		var got map[string]any
		r := s.json(path, &got)
		if fmt.Sprint(got) != fmt.Sprint(want) || r.Header.Get("Content-Type") != "application/json" || r.Header.Get("Cache-Control") != "no-cache" {
			t.Errorf("%s: got %v, %v, want %v", path, got, r.Header, want)
		}
	}
	var list []map[string]any
	s.json("/public-groups.json", &list)
	if fmt.Sprint(list) != fmt.Sprint([]map[string]any{away, watch}) {
		t.Errorf("public groups are %v", list)
	}
	r, _ := s.do("GET", "/app/filters/worker.js")
	if got := r.Header.Get("Content-Security-Policy"); !strings.Contains(got, "'wasm-unsafe-eval'") {
		t.Errorf("the worker of the blur may do %q", got)
	}
	r, _ = s.do("GET", "/group/private/")
	if got := r.Header.Get("Content-Security-Policy"); !strings.HasPrefix(got, "connect-src https://auth.example ws: wss: 'self';") {
		t.Errorf("policy is %q", got)
	}
}

func TestNoPublicGroupsIsAnEmptyArray(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	s := newSite(t, nil)
	if _, body := s.do("GET", "/public-groups.json"); strings.TrimSpace(body) != "[]" {
		t.Errorf("got %q", body)
	}
}

func TestAddressBehindAProxy(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	for proxy, want := range map[string][2]string{
		"":                  {"http://a.example", "ws://a.example/ws"},
		"/base":             {"http://a.example/base", "ws://a.example/base/ws"},
		"https:":            {"https://a.example", "wss://a.example/ws"},
		"https://b.org/v/":  {"https://b.org/v", "wss://b.org/v/ws"},
		"http://b.org:8080": {"http://b.org:8080", "ws://b.org:8080/ws"},
	} {
		s := newSite(t, nil)
		s.write(s.groups, "g.json", `{}`)
		s.write(s.options.DataDirectory, "config.json", fmt.Sprintf(`{"proxyURL": %q}`, proxy))
		var status group.Status
		s.json("/group/g/.status", &status, "Host", "a.example")
		prefix := strings.TrimPrefix(want[0][strings.Index(want[0], "//")+2:], strings.Split(want[0], "/")[2])
		for from, to := range map[string]string{"/group/g": "/group/g/", "/app": "/app/", "/group": "/group/", "/group/g/.status.json": "/group/g/.status",
			"/branding": "/branding/", "/galene-api": "/galene-api/", "//group/./g//": "/group/g/", "/../ä/": "/%C3%A4/"} {
			if r, _ := s.do("GET", from, "Host", "a.example"); r.Header.Get("Location") != prefix+to {
				t.Errorf("%q: %s leads to %q", proxy, from, r.Header.Get("Location"))
			}
		}
		if status.Location != want[0]+"/group/g/" || status.Endpoint != want[1] {
			t.Errorf("%q: got %q and %q", proxy, status.Location, status.Endpoint)
		}
	}
}

func TestCanonicalHost(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	s := newSite(t, nil)
	s.write(s.groups, "g.json", `{}`)
	s.write(s.options.DataDirectory, "config.json", `{"canonicalHost": "meet.example:8443"}`)
	for _, tt := range []struct {
		method, path, host string
		status             int
		location           string
	}{
		{"GET", "/group/g/?token=x%20y", "other.example", 301, "https://meet.example:8443/group/g/?token=x%20y"},
		{"GET", "/a b", "other.example", 301, "https://meet.example:8443/a%20b"},
		{"GET", "/group/g/.status", "other.example", 301, "https://meet.example:8443/group/g/.status"},
		{"POST", "/group/g/.whip", "other.example", 308, "https://meet.example:8443/group/g/.whip"},
		{"GET", "/group/g/", "MEET.example:8443", 200, ""},
		{"GET", "/public-groups.json", "other.example", 200, ""},
		{"GET", "/ws", "other.example", 400, ""},
	} {
		r, _ := s.do(tt.method, tt.path, "Host", tt.host)
		if r.StatusCode != tt.status || r.Header.Get("Location") != tt.location {
			t.Errorf("%s %s at %s: got %d %q", tt.method, tt.path, tt.host, r.StatusCode, r.Header.Get("Location"))
		}
	}
	s.write(s.options.DataDirectory, "config.json", `{"canonicalHost": "meet.example", "proxyURL": "https://meet.example/base/"}`)
	r, _ := s.do("GET", "/group/g/?x", "Host", "www.meet.example")
	if got := r.Header.Get("Location"); got != "https://meet.example/base/group/g/?x" {
		t.Errorf("behind a proxy visitors are sent to %q", got)
	}
}

func TestOrigins(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	s := newSite(t, nil)
	s.write(s.groups, "g.json", `{}`)
	try := func(origin string) (accepted bool, shared string) {
		t.Helper()
		header := http.Header{}
		if origin != "" {
			header.Set("Origin", origin)
		}
		c, r, err := wstest.DialHeader(t, s.URL+"/ws", header)
		if err != nil && (r == nil || r.StatusCode != http.StatusForbidden) {
			t.Errorf("origin %q: %v", origin, err)
		}
		if err == nil {
			c.Handshake()
		}
		status, _ := s.do("GET", "/group/g/.status", "Origin", origin)
		return err == nil, status.Header.Get("Access-Control-Allow-Origin")
	}
	for _, tt := range []struct {
		config, origin string
		accepted       bool
		shared         string
	}{
		{`{}`, "", true, ""},
		{`{}`, strings.ToUpper(s.URL), true, strings.ToUpper(s.URL)},
		{`{}`, "https://evil.example", false, ""},
		{`{}`, "null", false, ""},
		{`{"allowOrigin": ["https://App.example"]}`, "https://app.example", true, "https://app.example"},
		{`{"allowOrigin": ["https://app.example"] }`, "http://app.example", false, ""},
		{`{"allowOrigin": ["*"]}`, "https://app.example", false, ""},
		{`{"proxyURL": "https://p.example/"}`, "https://p.example", true, "https://p.example"},
		{`{"publicServer": true}`, "https://evil.example", true, "*"},
	} {
		s.write(s.options.DataDirectory, "config.json", tt.config)
		if accepted, shared := try(tt.origin); accepted != tt.accepted || shared != tt.shared {
			t.Errorf("%s: origin %q: got %v, %q", tt.config, tt.origin, accepted, shared)
		}
	}
}

// TestPagesElsewhereSeeWhatBecomesOfTheStatus asks for it as Galene's landing page
// does, from another origin: browsers show nothing that is not shared, a redirect or
// that there is no such group included.
func TestPagesElsewhereSeeWhatBecomesOfTheStatus(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	s := newSite(t, nil)
	s.write(s.groups, "g.json", `{}`)
	s.write(s.groups, "broken.json", `{`)
	s.write(s.options.DataDirectory, "config.json", `{"allowOrigin": ["https://app.example"]}`)
	for path, status := range map[string]int{
		"/group/g/.status": 200, "/group/g/.status.json": 308, "/group/none/.status": 404, "/group/broken/.status": 500,
	} {
		for origin, shared := range map[string]string{"https://app.example": "https://app.example", "https://evil.example": ""} {
			r, _ := s.do("HEAD", path, "Origin", origin)
			if got := r.Header.Get("Access-Control-Allow-Origin"); r.StatusCode != status || got != shared {
				t.Errorf("%s from %s: got %d, shared with %q", path, origin, r.StatusCode, got)
			}
			if vary := r.Header.Values("Vary"); !slices.Contains(vary, "Origin") {
				t.Errorf("%s from %s varies with %q", path, origin, vary)
			}
		}
	}
}

func TestBrowsersAreToldOnThePageThatAGroupCannotBeRead(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	s := newSite(t, nil)
	s.write(s.groups, "broken.json", "{")
	for _, tt := range []struct {
		path, dest string
		status     int
		body, kind string
	}{
		{"/group/broken/", "document", 500, "group page", "text/html; charset=utf-8"},
		{"/group/broken", "document", 308, "*", "text/html; charset=utf-8"},
		{"/group/broken/", "empty", 500, "Internal server error\n", "text/plain; charset=utf-8"},
		{"/group/broken/.status", "document", 500, "Internal server error\n", "text/plain; charset=utf-8"},
	} {
		r, body := s.do("GET", tt.path, "Sec-Fetch-Dest", tt.dest)
		if kind := r.Header.Get("Content-Type"); r.StatusCode != tt.status || tt.body != "*" && body != tt.body || kind != tt.kind {
			t.Errorf("%s for %s: %d %q, %s", tt.path, tt.dest, r.StatusCode, body, kind)
		}
	}
}
