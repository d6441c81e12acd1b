package webserver_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	"galene/group/leaktest"
)

// describedMethods are those that a description may name.
var describedMethods = []string{"GET", "PUT", "POST", "DELETE"}

func loadDescription(t *testing.T, s *site) *openapi3.T {
	t.Helper()
	r, body := s.call(call{method: "GET", path: "openapi.json", user: "-"})
	if r.StatusCode != 200 || r.Header.Get("Content-Type") != "application/json" {
		t.Fatalf("got %d %v", r.StatusCode, r.Header)
	}
	doc, err := openapi3.NewLoader().LoadFromData([]byte(body))
	if err != nil {
		t.Fatal(err)
	}
	if err := doc.Validate(t.Context(), openapi3.DisableExamplesValidation()); err != nil {
		t.Fatal(err)
	}
	return doc
}

func TestDescriptionNamesWhatThereIs(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	s := newAPISite(t)
	doc := loadDescription(t, s)
	paths := []string{
		".stats", ".groups/", ".groups/{group}", ".groups/{group}/.keys", ".groups/{group}/.users/", ".groups/{group}/.users/{user}",
		".groups/{group}/.users/{user}/.password", ".groups/{group}/.empty-user", ".groups/{group}/.empty-user/.password",
		".groups/{group}/.wildcard-user", ".groups/{group}/.wildcard-user/.password", ".groups/{group}/.tokens/", ".groups/{group}/.tokens/{token}",
		".groups/.tokens/", ".groups/.tokens/{token}",
	}
	if got := doc.Paths.Len(); got != len(paths) {
		t.Errorf("%d paths are described, %d there are", got, len(paths))
	}
	for _, path := range paths {
		item := doc.Paths.Value("/" + path)
		if item == nil {
			t.Errorf("%s is not described", path)
			continue
		}
		var described []string
		for _, method := range describedMethods {
			if item.GetOperation(method) != nil {
				described = append(described, method)
			}
		}
		r := s.expect(200, "", call{method: "OPTIONS", path: path, user: "-"})
		allowed := slices.DeleteFunc(strings.Split(r.Header.Get("Allow"), ", "), func(m string) bool { return m == "OPTIONS" || m == "HEAD" })
		if !slices.Equal(described, allowed) {
			t.Errorf("%s: described are %v, there are %v", path, described, allowed)
		}
	}
}

// operation is a request of the description with its example.
type operation struct {
	*openapi3.Operation
	method, path, mediaType, body string
}

func operations(t *testing.T, doc *openapi3.T) (list []operation) {
	t.Helper()
	// Creating comes before looking, deleting last, outside after inside.
	for _, method := range []string{"PUT", "POST", "GET", "DELETE"} {
		paths := doc.Paths.InMatchingOrder()
		slices.SortFunc(paths, func(a, b string) int { return len(a) - len(b) })
		if method == "DELETE" {
			slices.Reverse(paths)
		}
		for _, path := range paths {
			o := doc.Paths.Value(path).GetOperation(method)
			if o == nil {
				continue
			}
			op := operation{Operation: o, method: method}
			op.path = strings.NewReplacer("{group}", "city/watch", "{user}", "ada", "{token}", "chosen-name").Replace(strings.TrimPrefix(path, "/"))
			if strings.HasPrefix(op.path, ".groups/.tokens/c") {
				op.path += "-global"
			}
			if o.RequestBody != nil {
				for mediaType, content := range o.RequestBody.Value.Content {
					op.mediaType = mediaType
					if err := content.Schema.Value.VisitJSON(content.Example); err != nil {
						t.Errorf("%s %s: the example does not fit: %v", method, path, err)
					}
					op.body = fmt.Sprint(content.Example)
					if mediaType != "text/plain" {
						data, err := json.Marshal(content.Example)
						if err != nil {
							t.Fatal(err)
						}
						op.body = string(data)
					}
				}
			}
			list = append(list, op)
		}
	}
	return list
}

// check compares an answer with what the description says of it.
func (o operation) check(t *testing.T, r *http.Response, body string) {
	t.Helper()
	described := o.Responses.Status(r.StatusCode)
	if described == nil {
		t.Errorf("%s %s with %.60q: %d %.100q is not described", o.method, o.path, o.body, r.StatusCode, body)
		return
	}
	for name := range described.Value.Headers {
		if r.Header.Get(name) == "" {
			t.Errorf("%s %s: no header %s", o.method, o.path, name)
		}
	}
	if len(described.Value.Content) == 0 {
		if body != "" {
			t.Errorf("%s %s: %d with the body %.100q", o.method, o.path, r.StatusCode, body)
		}
		return
	}
	mediaType, _, _ := strings.Cut(r.Header.Get("Content-Type"), ";")
	content := described.Value.Content[mediaType]
	if content == nil {
		t.Errorf("%s %s: %d is of type %q", o.method, o.path, r.StatusCode, mediaType)
		return
	}
	if mediaType != "application/json" {
		return
	}
	var v any
	if err := json.Unmarshal([]byte(body), &v); err != nil {
		t.Errorf("%s %s: %v", o.method, o.path, err)
	} else if err := content.Schema.Value.VisitJSON(v); err != nil {
		t.Errorf("%s %s: %d does not fit: %v", o.method, o.path, r.StatusCode, err)
	}
}

func TestAnswersAreAsDescribed(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	s := newAPISite(t)
	ops := operations(t, loadDescription(t, s))
	if len(ops) < 35 {
		t.Fatalf("%d operations", len(ops))
	}
	request := func(o operation) call {
		c := call{method: o.method, path: o.path, body: o.body}
		if o.mediaType != "" {
			c.header = []string{"Content-Type", o.mediaType}
		}
		return c
	}
	for _, o := range ops {
		c := request(o)
		r, body := s.call(c)
		if r.StatusCode >= 300 {
			t.Errorf("%s %s: %d %s", o.method, o.path, r.StatusCode, body)
		}
		o.check(t, r, body)
	}
	// After the last one nothing is there. Errors are as described as well.
	for _, o := range ops {
		for _, change := range []func(*call){
			func(*call) {},
			func(c *call) { c.header = append(c.header, "Accept", "application/json") },
			func(c *call) { c.header = append(c.header, "If-Match", `"x"`) },
			func(c *call) { c.body = "{" },
			func(c *call) { c.body = strings.Repeat(" ", 1<<20+1) },
			func(c *call) { c.header = []string{"Content-Type", "image/png"} },
			func(c *call) { c.header = append(c.header, "Origin", "https://evil.example") },
		} {
			c := request(o)
			change(&c)
			r, body := s.call(c)
			o.check(t, r, body)
		}
	}
}
