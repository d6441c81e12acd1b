package webserver_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"galene/group/leaktest"
	"galene/webserver"
	"galene/webserver/wstest"
)

func TestHealthIsAnsweredUnderAnyName(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	s := newSite(t, nil)
	s.write(s.options.DataDirectory, "config.json", `{"canonicalHost": "meet.example:8443"}`)
	if r, body := s.do("GET", "/healthz", "Host", "10.0.0.1"); r.StatusCode != 200 || body != "ok\n" {
		t.Errorf("got %d %q", r.StatusCode, body)
	}
	if r, _ := s.do("POST", "/healthz"); r.StatusCode != 405 {
		t.Errorf("POST: %d", r.StatusCode)
	}
}

func TestMetricsOnTheirOwnAddress(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	s := newSite(t, func(o *webserver.Options) { o.MetricsAddress = "localhost:0" })
	s.write(s.groups, "g.json", `{"wildcard-user": {"password": {"type": "wildcard"}, "permissions": "present"}}`)
	wstest.Dial(t, s.URL+"/ws").Join("g", "ada", "x")
	if r, _ := s.do("GET", "/metrics"); r.StatusCode != 404 {
		t.Errorf("on the main address: %d", r.StatusCode)
	}
	s.visit(s.server.MetricsAddr())
	r, body := s.do("GET", "/metrics")
	if r.StatusCode != 200 || !strings.HasPrefix(r.Header.Get("Content-Type"), "text/plain") {
		t.Errorf("got %d %q", r.StatusCode, r.Header)
	}
	for _, line := range []string{"galene_groups 1", "galene_members 1", `galene_build_info{`, "go_goroutines "} {
		if !strings.Contains(body, "\n"+line) {
			t.Errorf("no line %q in %s", line, body)
		}
	}
	if r, body := s.do("GET", "/healthz"); r.StatusCode != 200 || body != "ok\n" {
		t.Errorf("health: %d %q", r.StatusCode, body)
	}
	if r, _ := s.do("GET", "/group/g/.status"); r.StatusCode != 404 {
		t.Errorf("a group: %d", r.StatusCode)
	}
	o := s.options
	o.MetricsAddress = s.server.MetricsAddr().String()
	if _, err := webserver.New(o); err == nil || !strings.Contains(err.Error(), "metrics") {
		t.Errorf("an address that is in use: %v", err)
	}
}

func TestStatisticsAreForAdministrators(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	s := newAPISite(t)
	s.write(s.groups, "g.json", `{"users": {"sam": {"password": "s", "permissions": "op"}, "chief": {"password": "c", "permissions": "admin"}}}`)
	wstest.Dial(t, s.URL+"/ws").Join("g", "sam", "s")
	_, want := s.call(call{method: "GET", path: ".stats"})
	if !strings.HasPrefix(want, `[{"name":"g","clients":[{"id":"`) {
		t.Errorf("got %s", want)
	}
	r, got := s.call(call{method: "GET", path: "~/stats.json"})
	if r.StatusCode != 200 || got != want || r.Header.Get("Cache-Control") != "no-cache" || r.Header.Get("Content-Type") != "application/json" {
		t.Errorf("got %d %s %v", r.StatusCode, got, r.Header)
	}
	for _, user := range []string{"sam:s", "chief:c", "root:x", "-"} {
		for _, path := range []string{"~/stats.json", ".stats"} {
			s.expect(401, "*", call{method: "GET", path: path, user: user})
		}
	}
	s.expect(405, "*", call{method: "POST", path: "~/stats.json"})
}

func TestMetricsForAdministratorsIfConfigured(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	s := newAPISite(t)
	s.write(s.groups, "g.json", `{"users": {"sam": {"password": "s", "permissions": "op"}}}`)
	s.write(s.groups, "broken/group.json", `{`)
	s.expect(404, "friendly", call{method: "GET", path: "~/metrics"})
	s.write(s.options.DataDirectory, "config.json", `{"metrics": true, "users": {"root": {"password": "secret", "permissions": "admin"}}}`)
	s.expect(401, "*", call{method: "GET", path: "~/metrics", user: "sam:s"})
	s.expect(500, "*", call{method: "GET", path: "~/group/broken/group/.status"})
	s.expect(200, "*", call{method: "GET", path: ".groups/"})
	s.write(s.options.DataDirectory, "config.json", `{`)
	s.expect(200, "*", call{method: "GET", path: ".groups/"})
	_, body := s.call(call{method: "GET", path: "~/metrics"})
	for _, line := range []string{
		`galene_group_errors{group="broken/group"} 1`, "galene_config_error 1",
		`galene_logins_total{result="refused"} 1`, `galene_logins_total{result="succeeded"} `,
	} {
		if !strings.Contains(body, "\n"+line) {
			t.Errorf("no line %q in %s", line, body)
		}
	}
}

func TestHeadersThatAreTooLarge(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	s := newSite(t, nil)
	if r, _ := s.do("GET", "/", "X-Large", strings.Repeat("x", 1<<20+1<<14)); r.StatusCode != 431 {
		t.Errorf("got %d", r.StatusCode)
	}
	if r, _ := s.do("GET", "/", "X-Large", strings.Repeat("x", 1<<19)); r.StatusCode != 200 {
		t.Errorf("half of it: %d", r.StatusCode)
	}
}

func TestGroupFilesMayBeCopiedAndLinked(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	s := newAPISite(t)
	s.write(s.groups, "a.json", `{"displayName": "One"}`)
	s.write(s.groups, "copy.json", s.read("a.json"))
	if err := os.Symlink("a.json", filepath.Join(s.groups, "soft.json")); err != nil {
		t.Fatal(err)
	}
	if err := os.Link(filepath.Join(s.groups, "a.json"), filepath.Join(s.groups, "hard.json")); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"a", "copy", "soft", "hard"} {
		var status map[string]any
		s.json("/group/"+name+"/.status", &status)
		if status["displayName"] != "One" || status["name"] != name {
			t.Errorf("%s: %v", name, status)
		}
	}
	s.expect(204, "", call{method: "PUT", path: ".groups/soft", body: `{"displayName": "Two"}`})
	if got := s.read("a.json"); got != `{"displayName":"Two"}` {
		t.Errorf("behind the link: %s", got)
	}
	s.expect(200, `{"displayName":"Two"}`, call{method: "GET", path: ".groups/a"})
}
