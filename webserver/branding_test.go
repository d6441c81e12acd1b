package webserver_test

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"galene/group/leaktest"
	"galene/webserver"
)

func TestPagesLookAsTheAdministratorWants(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	const page = "<!doctype html><html><head><title>A page</title></head><body></body></html>"
	s := newSite(t, func(o *webserver.Options) {
		o.Static = fstest.MapFS{"index.html": {Data: []byte(page)}, "galene.html": {Data: []byte(page)}, "404.html": {Data: []byte(page)}}
	})
	s.write(s.groups, "city.json", `{"users": {"sam": {"password": "s", "permissions": "op"}}}`)
	pages := map[string]string{"/": "./", "/group/city/": "../../", "/none/at/all": "../../", "/recordings/city/": "../../"}
	look := func(page string) (body, tag string) {
		r, body := s.do("GET", page, "Accept", "text/html")
		return body, r.Header.Get("ETag")
	}
	plain := map[string]string{}
	for page := range pages {
		body, tag := look(page)
		if strings.Contains(body, "branding") {
			t.Errorf("%s: there is no branding, but\n%s", page, body)
		}
		plain[page] = tag
	}
	directory := filepath.Join(s.options.DataDirectory, "static")
	if err := os.MkdirAll(filepath.Join(directory, "fonts"), 0o755); err != nil {
		t.Fatal(err)
	}
	const sheet = ":root { --blue-600: #9c2339; }"
	s.write(directory, "branding.css", sheet)
	s.write(directory, "logo.svg", "<svg xmlns='http://www.w3.org/2000/svg'/>")
	for page, root := range pages {
		body, tag := look(page)
		head, _, _ := strings.Cut(body, "</head>")
		for _, want := range []string{
			`<link rel="stylesheet" href="` + root + `branding/branding.css">`, `<meta name="logo" content="` + root + `branding/logo.svg">`,
		} {
			if !strings.Contains(head, want) {
				t.Errorf("%s: no %s in\n%s", page, want, head)
			}
		}
		if tag != "" && tag == plain[page] {
			t.Errorf("%s: has changed, but has still the tag %s", page, tag)
		}
	}
	for path, want := range map[string]struct {
		status  int
		content string
	}{
		"/branding/branding.css":  {http.StatusOK, "text/css; charset=utf-8"},
		"/branding/logo.svg":      {http.StatusOK, "image/svg+xml"},
		"/branding/none.css":      {http.StatusNotFound, "text/html; charset=utf-8"},
		"/branding/%2e%2e/groups": {http.StatusNotFound, "text/html; charset=utf-8"},
		"/branding/":              {http.StatusForbidden, "text/plain; charset=utf-8"},
	} {
		r, body := s.do("GET", path)
		if r.StatusCode != want.status || r.Header.Get("Content-Type") != want.content {
			t.Errorf("%s: %s, %s", path, r.Status, r.Header.Get("Content-Type"))
		}
		if path == "/branding/branding.css" && body != sheet {
			t.Errorf("the style sheet is %q", body)
		}
	}
	if r, _ := s.do("GET", "/branding/fonts"); r.Header.Get("Location") != "/branding/fonts/" {
		t.Errorf("the directory is at %q", r.Header.Get("Location"))
	}
	if err := os.RemoveAll(directory); err != nil {
		t.Fatal(err)
	}
	if body, tag := look("/"); strings.Contains(body, "branding") || tag != plain["/"] {
		t.Errorf("the branding is gone, but not from the page with tag %s:\n%s", tag, body)
	}
}
