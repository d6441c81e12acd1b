package webserver_test

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"galene/group/leaktest"
)

// api is the beginning of all addresses of the administrative interface.
const api = "/galene-api/v0/"

// newAPISite starts a server whose groups may be changed by root, whose
// password is secret.
func newAPISite(t *testing.T) *site {
	t.Helper()
	s := newSite(t, nil)
	s.write(s.options.DataDirectory, "config.json",
		`{"users": {"root": {"password": "secret", "permissions": "admin"}, "guest": {"password": "secret", "permissions": "op"}},
		"writableGroups": true, "allowAdminOrigin": ["https://admin.example"]}`)
	return s
}

// call is a request to the interface; header holds names and values in turn.
type call struct {
	method, path, body string
	header             []string
	// user is "name:password", "" for root, "-" for nobody, "Bearer x" for a
	// token.
	user string
}

func (s *site) call(c call) (*http.Response, string) {
	s.t.Helper()
	r, err := http.NewRequestWithContext(s.t.Context(), c.method, s.URL, strings.NewReader(c.body))
	if err != nil {
		s.t.Fatal(err)
	}
	r.URL.Path, _ = strings.CutPrefix(c.path, "~")
	if r.URL.Path == c.path {
		r.URL.Path = api + c.path
	}
	if c.method == http.MethodPut || c.method == http.MethodPost {
		r.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i < len(c.header); i += 2 {
		r.Header.Set(c.header[i], c.header[i+1])
	}
	switch {
	case c.user == "":
		r.SetBasicAuth("root", "secret")
	case strings.HasPrefix(c.user, "Bearer "), strings.HasPrefix(c.user, "Basic "):
		r.Header.Set("Authorization", c.user)
	case c.user != "-":
		name, password, _ := strings.Cut(c.user, ":")
		r.SetBasicAuth(name, password)
	}
	response, err := s.client.Do(r)
	if err != nil {
		s.t.Fatalf("%s %s: %v", c.method, c.path, err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	return response, string(body)
}

// expect makes a call and compares the answer; want is a status, and then the
// body, unless it is "*".
func (s *site) expect(status int, want string, c call) *http.Response {
	s.t.Helper()
	r, body := s.call(c)
	if r.StatusCode != status || want != "*" && strings.TrimSpace(body) != want {
		s.t.Errorf("%s %s %.80s as %q with %q: got %d %.300q, want %d %s", c.method, c.path, c.body, c.user, c.header, r.StatusCode, body, status, want)
	}
	return r
}

func (s *site) read(name string) string {
	s.t.Helper()
	data, err := os.ReadFile(filepath.Join(s.groups, name))
	if err != nil {
		s.t.Fatal(err)
	}
	return strings.TrimSpace(string(data))
}

func TestAPIGroups(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	s := newAPISite(t)
	s.expect(200, `[]`, call{method: "GET", path: ".groups/"})
	s.expect(201, "", call{method: "PUT", path: ".groups/city/night", body: `{"displayName":"Night"}`, header: []string{"If-None-Match", "*"}})
	s.expect(412, "*", call{method: "PUT", path: ".groups/city/night", body: `{}`, header: []string{"If-None-Match", "*"}})
	if got := s.read("city/night.json"); got != `{"displayName":"Night"}` {
		t.Errorf("the file is %s", got)
	}
	r := s.expect(200, `{"displayName":"Night"}`, call{method: "GET", path: ".groups/city/night/"})
	tag := r.Header.Get("ETag")
	if r.Header.Get("Content-Type") != "application/json" || len(tag) < 20 {
		t.Errorf("headers are %v", r.Header)
	}
	s.expect(200, "", call{method: "HEAD", path: ".groups/city/night"})
	r = s.expect(304, "", call{method: "GET", path: ".groups/city/night", header: []string{"If-None-Match", tag}})
	if r.Header.Get("ETag") != tag || r.Header.Get("Content-Type") != "" {
		t.Errorf("304 with %v", r.Header)
	}
	s.expect(204, "", call{method: "PUT", path: ".groups/city/night", body: `{"displayName":"Night","public":true}`, header: []string{"If-Match", tag}})
	s.expect(412, "*", call{method: "PUT", path: ".groups/city/night", body: `{"displayName":"Day"}`, header: []string{"If-Match", tag}})
	s.expect(412, "*", call{method: "GET", path: ".groups/city/night", header: []string{"If-Match", tag}})
	s.expect(412, "*", call{method: "DELETE", path: ".groups/city/night", header: []string{"If-Match", tag}})
	s.expect(412, "*", call{method: "PUT", path: ".groups/none", body: `{}`, header: []string{"If-Match", "*"}})
	s.write(s.groups, "broken.json", `{`)
	s.write(s.groups, ".hidden.json", `{}`)
	s.expect(200, `["broken","city/night"]`, call{method: "GET", path: ".groups"})
	s.expect(500, "the file of this group has a mistake at line 1, column 2: unexpected end of file", call{method: "GET", path: ".groups/broken"})
	s.expect(401, "*", call{method: "GET", path: ".groups/broken", user: "guest:secret"})
	s.expect(404, "friendly", call{method: "GET", path: ".groups/none"})
	s.expect(204, "", call{method: "DELETE", path: ".groups/city/night"})
	s.expect(404, "friendly", call{method: "DELETE", path: ".groups/city/night"})
	s.expect(200, `["broken"]`, call{method: "GET", path: ".groups/"})
}

func TestAPIKeepsSecretsOfGroups(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	s := newAPISite(t)
	s.write(s.groups, "g.json", `{"users": {"ada": {"password": "lovelace", "permissions": "op"}, "": {"permissions": "present"}},
		"wildcard-user": {"password": "x", "permissions": ["present"]}, "fallback-users": [{"password": "y", "permissions": "message"}, {"password": "z", "permissions": "message"}],
		"authKeys": [{"kty": "oct", "alg": "HS256", "k": "MYz3IfCq4Yq-UmPdNqWEOdPl4C_m9imHHs9uveDUJGQ"}], "allow-subgroups": true, "comment": "kept"}`)
	s.expect(200, `{"comment":"kept","auto-subgroups":true}`, call{method: "GET", path: ".groups/g"})
	s.expect(204, "", call{method: "PUT", path: ".groups/g", body: `{"public": true, "x-future": 1}`})
	for _, secret := range []string{"lovelace", `"x"`, `"y"`, `"z"`, "MYz3IfCq4Yq"} {
		if got := s.read("g.json"); !strings.Contains(got, secret) {
			t.Errorf("%s is gone from %s", secret, got)
		}
	}
	for _, key := range []string{"users", "wildcard-user", "authKeys", "fallback-users", "op", "presenter", "other"} {
		before := s.read("g.json")
		s.expect(400, "*", call{method: "PUT", path: ".groups/g", body: fmt.Sprintf(`{%q: {}}`, key)})
		if s.read("g.json") != before {
			t.Errorf("%s changed the file", key)
		}
	}
	s.expect(200, `["ada"]`, call{method: "GET", path: ".groups/g/.users/"})
	s.expect(200, `{"permissions":"op"}`, call{method: "GET", path: ".groups/g/.users/ada"})
	s.expect(200, `{"permissions":"present"}`, call{method: "GET", path: ".groups/g/.empty-user"})
	s.expect(200, `{"permissions":["present"]}`, call{method: "GET", path: ".groups/g/.wildcard-user"})
	s.expect(405, "method not allowed", call{method: "GET", path: ".groups/g/.keys"})
	s.expect(405, "method not allowed", call{method: "GET", path: ".groups/g/.users/ada/.password"})
}

func TestAPIKeys(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	s := newAPISite(t)
	keys := []string{"Content-Type", "application/jwk-set+json; charset=utf-8"}
	const key = `{"kty":"oct","alg":"HS256","k":"MYz3IfCq4Yq-UmPdNqWEOdPl4C_m9imHHs9uveDUJGQ"}`
	s.expect(404, "friendly", call{method: "PUT", path: ".groups/g/.keys", body: `{"keys":[]}`, header: keys})
	s.expect(404, "friendly", call{method: "DELETE", path: ".groups/g/.keys"})
	s.write(s.groups, "g.json", `{}`)
	r := s.expect(415, "*", call{method: "PUT", path: ".groups/g/.keys", body: `{"keys":[]}`})
	if r.Header.Get("Accept") != "application/jwk-set+json" {
		t.Errorf("Accept is %q", r.Header.Get("Accept"))
	}
	s.expect(204, "", call{method: "PUT", path: ".groups/g/.keys", body: `{"keys":[` + key + `]}`, header: keys})
	if got := s.read("g.json"); got != `{"authKeys":[`+key+`]}` {
		t.Errorf("the file is %s", got)
	}
	r, body := s.call(call{method: "PUT", path: ".groups/g/.keys", body: `{"keys":[` + key + `,{"kty":"oct","alg":"none","k":"x"}]}`, header: keys})
	if r.StatusCode != 400 || !strings.Contains(body, "1") {
		t.Errorf("a bad key: %d %q", r.StatusCode, body)
	}
	s.expect(204, "", call{method: "PUT", path: ".groups/g/.keys", body: `{}`, header: keys})
	if got := s.read("g.json"); got != `{}` {
		t.Errorf("the file is %s", got)
	}
	s.expect(204, "", call{method: "DELETE", path: ".groups/g/.keys"})
}

func TestAPIUsers(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	s := newAPISite(t)
	s.expect(404, "friendly", call{method: "GET", path: ".groups/g/.users/"})
	s.expect(404, "friendly", call{method: "PUT", path: ".groups/g/.users/ada", body: `{"permissions":"op"}`})
	s.write(s.groups, "g.json", `{}`)
	for _, user := range []string{".users/ada", ".users/a/b", ".users/Zoë", ".empty-user", ".wildcard-user"} {
		path := ".groups/g/" + user
		s.expect(404, "friendly", call{method: "GET", path: path})
		s.expect(412, "*", call{method: "PUT", path: path, body: `{"permissions":"op"}`, header: []string{"If-Match", "*"}})
		s.expect(201, "", call{method: "PUT", path: path, body: `{"permissions":"op"}`, header: []string{"If-None-Match", "*"}})
		s.expect(412, "*", call{method: "PUT", path: path, body: `{"permissions":"op"}`, header: []string{"If-None-Match", "*"}})
		s.expect(204, "", call{method: "POST", path: path + "/.password", body: "correct horse", header: []string{"Content-Type", "text/plain"}})
		tag := s.expect(200, `{"permissions":"op"}`, call{method: "GET", path: path}).Header.Get("ETag")
		s.expect(304, "", call{method: "GET", path: path, header: []string{"If-None-Match", tag}})
		s.expect(204, "", call{method: "PUT", path: path, body: `{"permissions":["present","message"]}`, header: []string{"If-Match", tag}})
		s.expect(412, "*", call{method: "PUT", path: path, body: `{"permissions":"op"}`, header: []string{"If-Match", tag}})
		s.expect(400, "*", call{method: "PUT", path: path, body: `{"permissions":"emperor"}`})
		s.expect(400, "*", call{method: "PUT", path: path, body: `{"permissions":"op","password":"x"}`})
		s.expect(200, `{"permissions":["present","message"]}`, call{method: "GET", path: path})
		if !strings.Contains(s.read("g.json"), `"$2a$08$`) {
			t.Errorf("the password of %s is gone", user)
		}
		s.expect(412, "*", call{method: "DELETE", path: path, header: []string{"If-Match", tag}})
		s.expect(204, "", call{method: "DELETE", path: path + "/.password"})
		s.expect(204, "", call{method: "DELETE", path: path})
		s.expect(404, "friendly", call{method: "DELETE", path: path})
		s.expect(404, "friendly", call{method: "DELETE", path: path + "/.password"})
		if got := s.read("g.json"); got != `{}` {
			t.Errorf("after %s the file is %s", user, got)
		}
	}
	s.expect(201, "", call{method: "PUT", path: ".groups/g/.users/b", body: `{}`})
	s.expect(201, "", call{method: "PUT", path: ".groups/g/.users/a", body: `{"permissions":"present"}`})
	s.expect(201, "", call{method: "PUT", path: ".groups/g/.empty-user", body: `{"permissions":"present"}`})
	r := s.expect(200, `["a","b"]`, call{method: "GET", path: ".groups/g/.users/"})
	s.expect(304, "", call{method: "GET", path: ".groups/g/.users/", header: []string{"If-None-Match", r.Header.Get("ETag")}})
	s.expect(200, `{}`, call{method: "GET", path: ".groups/g/.users/b"})
	r = s.expect(404, "*", call{method: "GET", path: ".groups/g/.users"})
	if !strings.HasPrefix(r.Header.Get("Content-Type"), "text/plain") {
		t.Errorf("without a slash: %v", r.Header)
	}
}

func TestAPITokens(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	s := newAPISite(t)
	s.expect(404, "friendly", call{method: "GET", path: ".groups/g/.tokens/"})
	s.write(s.groups, "g.json", `{"auto-subgroups": true}`)
	s.write(s.groups, "h.json", `{}`)
	list := s.expect(200, `[]`, call{method: "GET", path: ".groups/g/.tokens/"})
	if _, ok := list.Header["Etag"]; ok {
		t.Errorf("a tag without a file: %v", list.Header)
	}
	s.expect(200, `[]`, call{method: "GET", path: ".groups/g/sub/.tokens/"})
	soon, later := time.Now().Add(time.Hour).UTC().Format(time.RFC3339), time.Now().Add(2*time.Hour).UTC().Format(time.RFC3339)
	r := s.expect(201, "", call{method: "POST", path: ".groups/g/.tokens/", body: `{"permissions":["present","message"],"expires":"` + later + `","username":"ada"}`})
	name := r.Header.Get("Location")
	if len(name) < 8 || strings.ContainsAny(name, "/:") {
		t.Fatalf("Location is %q", name)
	}
	path := ".groups/g/.tokens/" + name
	r, body := s.call(call{method: "GET", path: path})
	for _, part := range []string{`"token":""`, `"group":""`, `"username":"ada"`, `"issuedBy":"root"`, `"issuedAt":"`} {
		if !strings.Contains(body, part) {
			t.Errorf("no %s in %s", part, body)
		}
	}
	tag := r.Header.Get("ETag")
	s.expect(304, "", call{method: "GET", path: path, header: []string{"If-None-Match", tag}})
	s.expect(404, "friendly", call{method: "GET", path: ".groups/h/.tokens/" + name})
	s.expect(404, "friendly", call{method: "DELETE", path: ".groups/h/.tokens/" + name})
	s.expect(409, "token exists in different group", call{method: "PUT", path: ".groups/h/.tokens/" + name, body: body})
	s.expect(204, "", call{method: "PUT", path: path, body: strings.Replace(body, later, soon, 1), header: []string{"If-Match", tag}})
	s.expect(412, "*", call{method: "PUT", path: path, body: body, header: []string{"If-Match", tag}})
	s.expect(400, "overspecified token: its name and its group stand in the address", call{method: "POST", path: ".groups/g/.tokens/", body: `{"group":"g","expires":"` + later + `"}`})
	s.expect(201, "", call{method: "PUT", path: ".groups/g/.tokens/chosen-name_1", body: `{"permissions":[],"expires":"` + later + `"}`, header: []string{"If-None-Match", "*"}})
	s.expect(400, "*", call{method: "PUT", path: ".groups/g/.tokens/short", body: `{"permissions":[],"expires":"` + later + `"}`})
	s.expect(200, `["`+name+`","chosen-name_1"]`, call{method: "GET", path: ".groups/g/.tokens/"})
	for _, bad := range []string{
		`{"permissions":["present"]}`, `{"permissions":["emperor"],"expires":"` + soon + `"}`, `{"token":"x","expires":"` + soon + `"}`,
		`{"group":"g","expires":"` + soon + `"}`, `{"expires":"tomorrow"}`, `{"username":7,"expires":"` + soon + `"}`,
		`{"username":"a\\b","expires":"` + soon + `"}`, `[]`, `null`, `"x"`, ``,
	} {
		s.expect(400, "*", call{method: "POST", path: ".groups/g/.tokens/", body: bad})
	}
	s.expect(412, "*", call{method: "DELETE", path: path, header: []string{"If-Match", tag}})
	s.expect(204, "", call{method: "DELETE", path: path})
	s.expect(404, "friendly", call{method: "DELETE", path: path})

	r = s.expect(201, "", call{method: "POST", path: ".groups/.tokens/", body: `{"permissions":["admin"],"includeSubgroups":true,"expires":"` + soon + `"}`})
	bearer := "Bearer " + r.Header.Get("Location")
	s.expect(200, `["`+r.Header.Get("Location")+`"]`, call{method: "GET", path: ".groups/.tokens/"})
	s.expect(200, `["g","h"]`, call{method: "GET", path: ".groups/", user: bearer})
	s.expect(200, "*", call{method: "GET", path: ".stats", user: bearer})
	s.expect(200, "{}", call{method: "GET", path: ".groups/h", user: bearer})
	s.expect(201, "", call{method: "PUT", path: ".groups/new", body: "{}", user: bearer})
}
