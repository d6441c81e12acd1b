package webserver_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"galene/group/leaktest"
	"galene/group/logtest"
	"galene/webserver"
	"galene/webserver/wstest"
)

// sharedKey signs JWTs in these tests.
const sharedKey = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY"

// signed returns a JWT, as a header has it, that gives permissions in what is below a
// path.
func signed(permissions, path string) string {
	key, _ := base64.RawURLEncoding.DecodeString(sharedKey)
	encode := base64.RawURLEncoding.EncodeToString
	text := encode([]byte(`{"alg":"HS256"}`)) + "." +
		encode([]byte(`{"aud":"https://meet.example`+path+`","exp":32503680000,"include-subgroups":true,"permissions":`+permissions+`}`))
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(text))
	return "Bearer " + text + "." + encode(mac.Sum(nil))
}

func TestWhoMayAdminister(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	s := newAPISite(t)
	s.write(s.groups, "g.json", `{"users": {
		"chief": {"password": "c", "permissions": "admin"}, "listed": {"password": "l", "permissions": ["admin"]},
		"op": {"password": "o", "permissions": "op"}, "any": {"password": {"type": "wildcard"}, "permissions": "present"},
		"root": {"password": "other", "permissions": "op"}}, "auto-subgroups": true}`)
	s.write(s.groups, "h.json", `{"users": {"sam": {"password": "s", "permissions": "admin"}}, "authKeys": [{"kty": "oct", "alg": "HS256", "k": "`+sharedKey+`"}]}`)
	expires := `"expires":"2999-01-01T00:00:00Z"`
	token := func(path, body string) string {
		r := s.expect(201, "", call{method: "POST", path: path, body: body})
		return "Bearer " + r.Header.Get("Location")
	}
	admin := token(".groups/g/.tokens/", `{"permissions":["admin"],`+expires+`}`)
	present := token(".groups/g/.tokens/", `{"permissions":["present"],"username":"root",`+expires+`}`)
	old := token(".groups/g/.tokens/", `{"permissions":["admin"],"expires":"2020-01-01T00:00:00Z"}`)
	shallow := token(".groups/.tokens/", `{"permissions":["admin"],`+expires+`}`)
	// Refusals take their time, but not one after the other.
	var requests sync.WaitGroup
	for user, allowed := range map[string][3]bool{ // server, group g, group h
		"root:secret":                     {true, true, true},
		"root:other":                      {},
		"root:":                           {},
		"guest:secret":                    {},
		"chief:c":                         {false, true, false},
		"chief:x":                         {},
		"listed:l":                        {false, true, false},
		"op:o":                            {},
		"any:x":                           {},
		"sam:s":                           {false, false, true},
		":":                               {},
		"-":                               {},
		admin:                             {false, true, false},
		present:                           {},
		old:                               {},
		shallow:                           {},
		"Bearer ":                         {},
		"Bearer unknown":                  {},
		"Basic x, " + admin:               {false, true, false},
		"Bearer eyJhbGciOiJub25lIn0.e30.": {},
		// A JWT is for the group that has its key, and never for the server.
		signed(`["admin"]`, "/group/h/"): {false, false, true},
		signed(`["admin"]`, "/group/"):   {false, false, true},
		signed(`["op"]`, "/group/h/"):    {},
		signed(`["admin"]`, "/group/g/"): {},
	} {
		for i, path := range []string{".stats", ".groups/g", ".groups/h"} {
			requests.Go(func() {
				r, body := s.call(call{method: "GET", path: path, user: user})
				want := map[bool]int{true: 200, false: 401}[allowed[i]]
				if r.StatusCode != want {
					t.Errorf("%s as %q: %d %q, want %d", path, user, r.StatusCode, body, want)
				}
				if want == 401 && r.Header.Get("WWW-Authenticate") == "" {
					t.Errorf("%s as %q: no challenge", path, user)
				}
			})
		}
	}
	requests.Wait()
	// What exists is not revealed.
	for _, path := range []string{".groups/none", ".groups/g/.users/none", ".groups/g/.other", ".groups/g/.users/ada/.password/x", ".groups/g/.tokens/none"} {
		s.expect(401, "*", call{method: "GET", path: path, user: "op:o"})
		s.expect(404, "*", call{method: "GET", path: path})
	}
	s.expect(200, "[]", call{method: "GET", path: ".groups/g/sub/.tokens/", user: "chief:c"})
}

// TestWhoMayMakeGroups tries it with passwords and tokens that are good for something
// else; what is made for a group outlives it.
func TestWhoMayMakeGroups(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	s := newAPISite(t)
	s.write(s.groups, "gone.json", `{"users": {"chief": {"password": "c", "permissions": "admin"}}}`)
	s.write(s.groups, "above.json", `{"users": {"chief": {"password": "c", "permissions": "admin"}}}`)
	token := func(path, more string) string {
		r := s.expect(201, "", call{method: "POST", path: path, body: `{"permissions":["admin"],"expires":"2999-01-01T00:00:00Z"` + more + `}`})
		return "Bearer " + r.Header.Get("Location")
	}
	gone, above := token(".groups/gone/.tokens/", ""), token(".groups/above/.tokens/", `,"includeSubgroups":true`)
	all := token(".groups/.tokens/", `,"includeSubgroups":true`)
	s.expect(200, "*", call{method: "GET", path: ".groups/gone", user: gone})
	s.expect(204, "", call{method: "DELETE", path: ".groups/gone"})
	for user, path := range map[string]string{gone: ".groups/gone", above: ".groups/above/new", "chief:c": ".groups/above/new"} {
		s.expect(401, "*", call{method: "PUT", path: path, body: `{}`, user: user})
		s.expect(401, "*", call{method: "GET", path: path, user: user})
	}
	s.expect(201, "", call{method: "PUT", path: ".groups/above/new", body: `{}`, user: all})
	s.expect(201, "", call{method: "PUT", path: ".groups/gone", body: `{}`})
	s.expect(204, "", call{method: "PUT", path: ".groups/above/new", body: `{}`, user: above})
}

func TestUsersChangeTheirOwnPasswords(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	s := newAPISite(t)
	s.write(s.groups, "g.json", `{"users": {"ada": {"password": "old", "permissions": "present"}, "Zoë/x": {"password": "ü", "permissions": "present"},
		"open": {"password": {"type": "wildcard"}, "permissions": "present"}, "shut": {"permissions": "present"}},
		"wildcard-user": {"password": {"type": "wildcard"}, "permissions": "present"}}`)
	text := []string{"Content-Type", "text/plain; charset=utf-8"}
	path := ".groups/g/.users/ada/.password"
	s.expect(401, "*", call{method: "POST", path: path, body: "new", header: text, user: "ada:wrong"})
	s.expect(401, "*", call{method: "POST", path: path, body: "new", header: text, user: "eve:old"})
	s.expect(401, "*", call{method: "GET", path: ".groups/g/.users/ada", user: "ada:old"})
	s.expect(204, "", call{method: "POST", path: path, body: "new", header: text, user: "ada:old"})
	s.expect(401, "*", call{method: "POST", path: path, body: "old", header: text, user: "ada:old"})
	s.expect(400, "*", call{method: "POST", path: path, body: strings.Repeat("x", 73), header: text, user: "ada:new"})
	s.expect(204, "", call{method: "POST", path: path, body: strings.Repeat("x", 72), header: text, user: "ada:new"})
	s.expect(204, "", call{method: "PUT", path: path, body: `"plain"`, user: "ada:" + strings.Repeat("x", 72)})
	if got := s.read("g.json"); strings.Contains(got, "plain") || !strings.Contains(got, "$2a$08$") {
		t.Errorf("a password in clear text was left: %s", got)
	}
	for _, bad := range []string{`{"type":"wildcard"}`, `{"type":"none"}`, `null`, `{"type":"md5","key":"x"}`, `7`} {
		s.expect(400, "*", call{method: "PUT", path: path, body: bad, user: "ada:plain"})
	}
	for _, user := range []string{"open", "shut", "nobody"} {
		s.expect(401, "*", call{method: "POST", path: ".groups/g/.users/" + user + "/.password", body: "new", header: text, user: user + ":x"})
	}
	s.expect(401, "*", call{method: "POST", path: ".groups/g/.wildcard-user/.password", body: "new", header: text, user: ":x"})
	s.expect(204, "", call{method: "POST", path: ".groups/g/.users/Zoë/x/.password", body: "neü", header: text, user: "Zoë/x:ü"})
	wstest.Dial(t, s.URL+"/ws").Join("g", "Zoë/x", "neü")

	s.expect(204, "", call{method: "PUT", path: path, body: `"clear"`})
	if !strings.Contains(s.read("g.json"), `"password":"clear"`) {
		t.Errorf("an administrator's words were changed: %s", s.read("g.json"))
	}
}

func TestGroupFilesAreReadOnlyUnlessAllowed(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	s := newAPISite(t)
	s.write(s.options.DataDirectory, "config.json", `{"users": {"root": {"password": "secret", "permissions": "admin"}}}`)
	s.write(s.groups, "g.json", `{"users": {"ada": {"password": "old", "permissions": "present"}}}`)
	before := s.read("g.json")
	for _, c := range []call{
		{method: "PUT", path: ".groups/g", body: "{}"}, {method: "DELETE", path: ".groups/g"}, {method: "PUT", path: ".groups/new", body: "{}"},
		{method: "PUT", path: ".groups/g/.keys", body: "{}"}, {method: "DELETE", path: ".groups/g/.keys"},
		{method: "PUT", path: ".groups/g/.users/ada", body: "{}"}, {method: "DELETE", path: ".groups/g/.users/ada"},
		{method: "PUT", path: ".groups/g/.empty-user", body: "{}"}, {method: "DELETE", path: ".groups/g/.wildcard-user"},
		{method: "POST", path: ".groups/g/.users/ada/.password", body: "new", user: "ada:old"},
		{method: "DELETE", path: ".groups/g/.users/ada/.password"},
	} {
		r := s.expect(401, "*", c)
		if r.Header.Get("WWW-Authenticate") != "" {
			t.Errorf("%s %s asks for another password", c.method, c.path)
		}
	}
	if s.read("g.json") != before {
		t.Errorf("the file was changed: %s", s.read("g.json"))
	}
	s.expect(201, "", call{method: "POST", path: ".groups/g/.tokens/", body: `{"expires":"2999-01-01T00:00:00Z"}`})
}

func TestAPIFromOtherOrigins(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	s := newAPISite(t)
	s.write(s.groups, "g.json", `{}`)
	for origin, allowed := range map[string]bool{
		s.URL: true, "https://admin.example": true, "HTTPS://ADMIN.example": true,
		"https://evil.example": false, "null": false, "https://admin.example.evil.example": false,
	} {
		header := []string{"Origin", origin}
		r := s.expect(200, "", call{method: "OPTIONS", path: ".groups/g", header: header, user: "-"})
		shared := ""
		if allowed {
			shared = origin
		}
		for name, want := range map[string]string{
			"Access-Control-Allow-Origin": shared, "Vary": "Origin",
			"Access-Control-Allow-Methods": "OPTIONS, HEAD, GET, PUT, DELETE",
			"Access-Control-Allow-Headers": "Authorization, Content-Type, If-Match, If-None-Match",
		} {
			if got := r.Header.Get(name); got != want {
				t.Errorf("from %s: %s is %q, want %q", origin, name, got, want)
			}
		}
		r = s.expect(200, "{}", call{method: "GET", path: ".groups/g", header: header})
		if got := r.Header.Get("Access-Control-Allow-Origin"); got != shared || allowed && r.Header.Get("Access-Control-Expose-Headers") != "ETag, Location" {
			t.Errorf("from %s: %v", origin, r.Header)
		}
		status := 204
		if !allowed {
			status = 403
		}
		s.expect(status, "*", call{method: "PUT", path: ".groups/g", body: "{}", header: header})
	}
	s.expect(204, "", call{method: "PUT", path: ".groups/g", body: "{}"})
	s.write(s.options.DataDirectory, "config.json", `{"publicServer": true, "writableGroups": true, "allowOrigin": ["https://app.example"],
		"users": {"root": {"password": "secret", "permissions": "admin"}}}`)
	for _, origin := range []string{"https://evil.example", "https://app.example"} {
		r := s.expect(403, "*", call{method: "DELETE", path: ".groups/g", header: []string{"Origin", origin}})
		if r.Header.Get("Access-Control-Allow-Origin") != "" {
			t.Errorf("%s: the list for websockets opens the interface", origin)
		}
	}
}

func TestBadInputIsTheClientsError(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	s := newAPISite(t)
	s.write(s.groups, "g.json", `{"users": {"ada": {"password": "old", "permissions": "present"}}}`)
	before := s.read("g.json")
	deep := strings.Repeat(`{"x":`, 10_001) + "1" + strings.Repeat("}", 10_001)
	for _, body := range []string{
		``, ` `, `{`, `{}x`, `{} {}`, `[]`, `null`, `7`, `"x"`, "\xff", deep,
		`{"public": 1}`, `{"public": "yes"}`, `{"displayName": 7}`, `{"max-clients": "x"}`, `{"max-clients": 1.5}`, `{"codecs": "vp8"}`,
		`{"expires": "tomorrow"}`, `{"public": true, "public": false}`, `{"x": {"a": 1, "a": 2}}`, `{"x": [{"a": 1, "a": 2}]}`,
	} {
		s.expect(400, "*", call{method: "PUT", path: ".groups/g", body: body})
		s.expect(400, "*", call{method: "PUT", path: ".groups/new", body: body})
	}
	large := fmt.Sprintf(`{"comment": %q}`, strings.Repeat("x", 1<<20))
	s.expect(413, "Request body too large", call{method: "PUT", path: ".groups/g", body: large})
	for _, contentType := range []string{"", "text/plain", "application/jsonp", "application/json x", ";"} {
		r := s.expect(415, "*", call{method: "PUT", path: ".groups/g", body: "{}", header: []string{"Content-Type", contentType}})
		if r.Header.Get("Accept") != "application/json" {
			t.Errorf("Accept is %q", r.Header.Get("Accept"))
		}
	}
	r := s.expect(405, "method not allowed", call{method: "PATCH", path: ".groups/g"})
	if r.Header.Get("Allow") != "OPTIONS, HEAD, GET, PUT, DELETE" {
		t.Errorf("Allow is %q", r.Header.Get("Allow"))
	}
	s.expect(405, "*", call{method: "POST", path: ".groups/"})
	s.expect(405, "*", call{method: "DELETE", path: ".stats"})
	for _, password := range []string{`{"type":"pbkdf2"}`, `{"type":"bcrypt","key":"x"}`, `{"type":"pbkdf2","hash":"sha-256","key":"zz","iterations":1}`,
		`{"type":"plain"}`, `{"type":7}`, `[]`, `null`, `true`} {
		s.expect(400, "*", call{method: "PUT", path: ".groups/g/.users/ada/.password", body: password})
	}
	s.expect(400, "*", call{method: "POST", path: ".groups/g/.users/ada/.password", body: "\xff\xfe", header: []string{"Content-Type", "text/plain"}})
	if got := s.read("g.json"); got != before {
		t.Errorf("the file was changed: %s", got)
	}
	s.expect(404, "*", call{method: "GET", path: ".groups/new"})

	_, body := s.call(call{method: "PUT", path: ".groups/g", body: "{", header: []string{"Accept", "application/json"}})
	var answer struct {
		Status int
		Error  string
	}
	if err := json.Unmarshal([]byte(body), &answer); err != nil || answer.Status != 400 || !strings.Contains(answer.Error, "JSON") {
		t.Errorf("as JSON: %s, %v", body, err)
	}
	s.expect(404, `{"status":404,"error":"not found"}`, call{method: "GET", path: ".groups/none", header: []string{"Accept", "application/json"}})
}

func TestOddNamesAreTheClientsError(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	s := newAPISite(t)
	s.write(s.groups, "g.json", `{"users": {"caf\u00e9": {"permissions": "op"}}}`)
	long := strings.Repeat("x", 4096)
	for _, name := range []string{"..", "../g", "a/../g", `a\b`, "a\x00b", "a\x1fb", "a\x7f", ".hidden", "a/.hidden", "a//b", "/a", "a/", long, "\xff", " ", "g/", ".groups", ".tokens"} {
		for _, path := range []string{".groups/" + name, ".groups/" + name + "/.users/x", ".groups/g/.users/" + name, ".groups/g/.users/" + name + "/.password",
			".groups/g/.tokens/" + name, name, "~/galene-api/" + name, "~/group/" + name, "~/recordings/" + name, "~/recordings/g/" + name, "~/" + name, "~/group/g/.whip/" + name} {
			for _, method := range []string{"GET", "DELETE"} {
				if r, body := s.call(call{method: method, path: path}); r.StatusCode >= 500 {
					t.Errorf("%s %.60q: %d %.100q", method, path, r.StatusCode, body)
				}
			}
			if r, body := s.call(call{method: "PUT", path: path, body: "{}"}); r.StatusCode >= 500 {
				t.Errorf("PUT %.60q: %d %.100q", path, r.StatusCode, body)
			}
		}
	}
	s.write(s.groups, "g.json", `{"users": {"caf\u00e9": {"permissions": "op"}}}`)
	s.expect(200, "*", call{method: "GET", path: ".groups/g/.users/caf\u00e9"})
	s.expect(404, "*", call{method: "GET", path: ".groups/g/.users/cafe\u0301"})
	for _, path := range []string{".groups/" + long, ".groups/a" + long + "/b", ".groups/\xff", ".groups/g/.users/" + strings.Repeat("x", 300)} {
		s.expect(400, "*", call{method: "PUT", path: path, body: "{}"})
	}
}

func TestAcceptedEditsAreNotLost(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	rounds := 10_000
	if testing.Short() {
		rounds = 500
	}
	s := newAPISite(t)
	s.write(s.groups, "g.json", `{"max-clients": 1}`)
	h := s.server.Handler()
	serve := func(method, body, tag string) *recorder {
		r, err := http.NewRequestWithContext(t.Context(), method, api+".groups/g", strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		r.SetBasicAuth("root", "secret")
		r.Header.Set("Content-Type", "application/json")
		if tag != "" {
			r.Header.Set("If-Match", tag)
		}
		w := &recorder{header: http.Header{}, status: 200}
		h.ServeHTTP(w, r)
		return w
	}
	var accepted, tried atomic.Int64
	var writers sync.WaitGroup
	for range 2 {
		writers.Go(func() {
			for int(tried.Add(1)) <= rounds {
				got := serve(http.MethodGet, "", "")
				var d struct {
					MaxClients int `json:"max-clients"`
				}
				if err := json.Unmarshal([]byte(got.body.String()), &d); err != nil {
					t.Errorf("%d %s: %v", got.status, got.body.String(), err)
					return
				}
				put := serve(http.MethodPut, fmt.Sprintf(`{"max-clients": %d}`, d.MaxClients+1), got.header.Get("ETag"))
				switch put.status {
				case http.StatusNoContent:
					accepted.Add(1)
				case http.StatusPreconditionFailed:
				default:
					t.Errorf("got %d %s", put.status, put.body.String())
					return
				}
			}
		})
	}
	writers.Wait()
	if got, want := s.read("g.json"), fmt.Sprintf(`{"max-clients":%d}`, accepted.Load()+1); got != want {
		t.Errorf("the file is %s, want %s", got, want)
	}
	t.Logf("%d of %d edits were accepted", accepted.Load(), rounds)
}

// recorder is an http.ResponseWriter that keeps what it is given.
type recorder struct {
	header http.Header
	status int
	body   strings.Builder
}

func (w *recorder) Header() http.Header         { return w.header }
func (w *recorder) WriteHeader(status int)      { w.status = status }
func (w *recorder) Write(b []byte) (int, error) { return w.body.Write(b) }

func TestChangesAreLoggedWithoutSecrets(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	var log logtest.Buffer
	s := newSite(t, func(o *webserver.Options) { o.Logger = slog.New(slog.NewTextHandler(&log, nil)) })
	s.write(s.options.DataDirectory, "config.json", `{"users": {"root": {"password": "secret", "permissions": "admin"}}, "writableGroups": true}`)
	s.expect(201, "", call{method: "PUT", path: ".groups/g", body: "{}"})
	s.expect(201, "", call{method: "PUT", path: ".groups/g/.users/ada", body: `{"permissions":"op"}`})
	s.expect(204, "", call{method: "POST", path: ".groups/g/.users/ada/.password", body: "lovelace", header: []string{"Content-Type", "text/plain"}})
	name := s.expect(201, "", call{method: "POST", path: ".groups/g/.tokens/", body: `{"expires":"2999-01-01T00:00:00Z"}`}).Header.Get("Location")
	s.expect(204, "", call{method: "DELETE", path: ".groups/g/.tokens/" + name})
	s.expect(204, "", call{method: "DELETE", path: ".groups/g"})
	text := log.String()
	for _, action := range []string{"create group", "create user", "set password", "create token", "delete token", "delete group"} {
		want := fmt.Sprintf("action=%q by=root address=127.0.0.1 group=g", action)
		if !strings.Contains(text, want) {
			t.Errorf("no %s in %s", want, text)
		}
	}
	for _, secret := range []string{"lovelace", "secret", name} {
		if strings.Contains(text, secret) {
			t.Errorf("%s is in the log", secret)
		}
	}
}
