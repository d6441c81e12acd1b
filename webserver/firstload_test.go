package webserver_test

import (
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"galene/group/leaktest"
	"galene/static"
	"galene/webserver"
)

// maxFirstLoad is what the first visit of a group may take, in bytes on the
// wire.
const maxFirstLoad = 250_000

func TestFirstLoadOfAGroupIsSmall(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	s := newSite(t, func(o *webserver.Options) { o.Static = static.FS })
	s.write(s.groups, "a/g.json", `{}`)
	total := 0
	fetch := func(path string) (body string) {
		t.Helper()
		r, body := s.do("GET", path, "Accept-Encoding", "br, gzip")
		if r.StatusCode != http.StatusOK {
			t.Errorf("%s: %d", path, r.StatusCode)
		}
		total += len(body)
		for name, values := range r.Header {
			total += len(name) + len(strings.Join(values, "")) + len(": \r\n")
		}
		return body
	}
	fetch("/group/a/g/")
	_, page := s.do("GET", "/group/a/g/", "Accept-Encoding", "identity")
	links := regexp.MustCompile(`(?:href|src)="([^"]*)"`).FindAllStringSubmatch(page, -1)
	if len(links) < 20 {
		t.Fatalf("the page names %d files", len(links))
	}
	paths := []string{"/locales/en.json", "/third-party/icons.svg", "/group/a/g/.status"}
	for _, link := range links {
		path, ok := strings.CutPrefix(link[1], "../../../")
		if !ok {
			t.Errorf("%s does not work below a path of a proxy", link[0])
		}
		paths = append(paths, "/"+path)
	}
	slices.Sort(paths)
	for _, path := range slices.Compact(paths) {
		fetch(path)
	}
	if total > maxFirstLoad {
		t.Errorf("%d bytes, more than %d", total, maxFirstLoad)
	}
	t.Logf("%d bytes in %d requests", total, len(paths)+1)
}
