package webserver_test

import (
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"galene/group/leaktest"
	"galene/static"
	"galene/webserver"
)

// example is one call of curl in the manual, with what is to be answered.
type example struct {
	line    int
	command string
	status  int
	// header are the lines "Name: value", body the lines that follow.
	header []string
	body   string
}

// examples reads the blocks of a page of the manual that begin with a call of
// curl.
func examples(t *testing.T, path string) (list []example) {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	fenced, inside := false, false
	lines := strings.Split(string(data), "\n")
	for i, line := range lines {
		comment, isComment := strings.CutPrefix(line, "# ")
		switch {
		case strings.HasPrefix(line, "```"):
			fenced = !fenced
			inside = fenced && strings.HasPrefix(lines[min(i+1, len(lines)-1)], "curl ")
		case !inside:
		case strings.HasPrefix(line, "curl "):
			list = append(list, example{line: i + 1, command: line})
		case len(list) == 0:
			t.Fatalf("%s:%d: an answer without a call", path, i+1)
		case isComment && list[len(list)-1].status == 0:
			if list[len(list)-1].status, err = strconv.Atoi(comment); err != nil {
				t.Fatalf("%s:%d: %v", path, i+1, err)
			}
		case isComment:
			list[len(list)-1].header = append(list[len(list)-1].header, comment)
		default:
			list[len(list)-1].body += line + "\n"
		}
	}
	return list
}

// words splits a command as a shell does, which knows single quotes.
func words(command string) []string {
	var list []string
	for _, m := range regexp.MustCompile(`'([^']*)'|[^\s']+`).FindAllStringSubmatch(command, -1) {
		if m[1] != "" || m[0] == "''" {
			list = append(list, m[1])
		} else {
			list = append(list, m[0])
		}
	}
	return list
}

// request makes the request that a call of curl would.
func (e example) request(t *testing.T, s *site, variables *strings.Replacer) *http.Request {
	t.Helper()
	method, address, body, user := "", "", "", ""
	header := http.Header{}
	list := words(variables.Replace(e.command))[1:]
	for i := 0; i < len(list); i++ {
		switch list[i] {
		case "-X":
			i++
			method = list[i]
		case "-u":
			i++
			user = list[i]
		case "-H":
			i++
			name, value, _ := strings.Cut(list[i], ": ")
			header.Set(name, value)
		case "-d":
			i++
			body = list[i]
			if method == "" {
				method = http.MethodPost
			}
			if header.Get("Content-Type") == "" {
				header.Set("Content-Type", "application/x-www-form-urlencoded")
			}
		default:
			address = list[i]
		}
	}
	path, ok := strings.CutPrefix(address, "https://meet.example.org")
	if !ok || strings.Contains(path, " ") {
		t.Fatalf("line %d: address %q", e.line, address)
	}
	r, err := http.NewRequestWithContext(t.Context(), method, s.URL+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header = header
	if user != "" {
		name, password, _ := strings.Cut(user, ":")
		r.SetBasicAuth(name, password)
	}
	return r
}

// fits tells whether a text is as the manual has it, where an ellipsis stands
// for anything.
func fits(pattern, text string) bool {
	parts := strings.Split(strings.TrimSpace(pattern), "…")
	for i, p := range parts {
		parts[i] = regexp.QuoteMeta(p)
	}
	return regexp.MustCompile(`(?s)^` + strings.Join(parts, ".+") + `$`).MatchString(strings.TrimSpace(text))
}

func TestExamplesOfTheManual(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	pages, err := filepath.Glob("../docs/*.md")
	if err != nil {
		t.Fatal(err)
	}
	more, err := filepath.Glob("../docs/integrations/*.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range append(pages, more...) {
		list := examples(t, path)
		if len(list) == 0 {
			continue
		}
		t.Run(filepath.Base(path), func(t *testing.T) {
			t.Parallel()
			runExamples(t, path, list)
		})
	}
}

func runExamples(t *testing.T, path string, list []example) {
	t.Helper()
	s := newSite(t, func(o *webserver.Options) { o.Static = static.FS })
	s.write(s.options.DataDirectory, "config.json", `{"users": {"root": {"password": "secret", "permissions": "admin"}}, "writableGroups": true, "metrics": true}`)
	s.write(s.groups, "example.json", `{"displayName": "An example", "public": true, "allow-recording": true, "users": {"bob": {"password": "secret", "permissions": "op"}}}`)
	s.write(s.options.Recordings, "example/lecture.webm", "film and sound")
	etag, location := "", ""
	for _, e := range list {
		variables := strings.NewReplacer("$ETAG", etag, "$LOCATION", location)
		response, err := s.client.Do(e.request(t, s, variables))
		if err != nil {
			t.Fatalf("%s:%d: %v", path, e.line, err)
		}
		body, err := io.ReadAll(response.Body)
		response.Body.Close()
		if err != nil {
			t.Fatal(err)
		}
		if response.StatusCode != e.status || e.body != "" && !fits(e.body, string(body)) {
			t.Errorf("%s:%d: %s\ngot %d %.300s\nwant %d %s", path, e.line, e.command, response.StatusCode, body, e.status, e.body)
		}
		for _, h := range e.header {
			name, value, _ := strings.Cut(h, ": ")
			if !fits(value, response.Header.Get(name)) {
				t.Errorf("%s:%d: %s: %s is %q, not %q", path, e.line, e.command, name, response.Header.Get(name), value)
			}
		}
		if v := response.Header.Get("ETag"); v != "" {
			etag = v
		}
		if v := response.Header.Get("Location"); v != "" {
			location = v
		}
	}
}
