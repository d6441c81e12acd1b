package webserver_test

import (
	"encoding/base64"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"galene/group/leaktest"
)

func newRecordings(t *testing.T) *site {
	t.Helper()
	s := newAPISite(t)
	s.write(s.groups, "city/watch.json", `{"displayName": "The <Watch>", "allow-recording": true, "auto-subgroups": true,
		"users": {"sam": {"password": "s", "permissions": "op"}, "vic": {"password": "v", "permissions": "present"}, "rec": {"password": "r", "permissions": ["record"]}}}`)
	s.write(s.groups, "city/watch/own.json", `{}`)
	s.write(s.groups, "off.json", `{"users": {"sam": {"password": "s", "permissions": "op"}}}`)
	for name, content := range map[string]string{
		"city/watch/2026-11-19T14:16:02.123-sam-slash-v-01.webm": "0123456789", `city/watch/<b>&"?#%.webm`: "x", "city/watch/notes.html": "<script>",
		"city/watch/sub/x.webm": "sub", "city/watch/own/x.webm": "own", "off/x.webm": "off", "root.webm": "root", "gone/x.webm": "gone",
	} {
		s.write(s.options.Recordings, name, content)
		old := time.Now().Add(-time.Hour)
		if err := os.Chtimes(filepath.Join(s.options.Recordings, name), old, old); err != nil {
			t.Fatal(err)
		}
	}
	// What was last written to an hour and a half after it began.
	end := time.Date(2026, 11, 19, 15, 46, 0, 0, time.Local)
	if err := os.Chtimes(filepath.Join(s.options.Recordings, "city/watch/2026-11-19T14:16:02.123-sam-slash-v-01.webm"), end, end); err != nil {
		t.Fatal(err)
	}
	return s
}

func basic(user string) []string {
	return []string{"Authorization", "Basic " + base64.StdEncoding.EncodeToString([]byte(user))}
}

func TestWhoMaySeeRecordings(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	s := newRecordings(t)
	r := s.expect(201, "", call{method: "POST", path: ".groups/city/watch/.tokens/", body: `{"permissions":["record"],"expires":"2999-01-01T00:00:00Z"}`})
	bearer := []string{"Authorization", "Bearer " + r.Header.Get("Location")}
	file := "/recordings/city/watch/2026-11-19T14:16:02.123-sam-slash-v-01.webm"
	for _, tt := range []struct {
		path   string
		header []string
		status int
	}{
		{"/recordings/city/watch/", basic("sam:s"), 200}, {"/recordings/city/watch/", basic("rec:r"), 200}, {"/recordings/city/watch/", bearer, 200},
		{file, bearer, 200}, {file, basic("sam:s"), 200},
		{"/recordings/city/watch/", nil, 401}, {"/recordings/city/watch/", basic("sam:x"), 401}, {"/recordings/city/watch/", basic("vic:v"), 401},
		{file, nil, 401}, {file + "x", nil, 401}, {file, basic("vic:v"), 401}, {file + "x", basic("sam:s"), 404},
		{"/recordings/off/", basic("sam:s"), 401}, {"/recordings/off/x.webm", basic("sam:s"), 401},
		{"/recordings/none/", basic("sam:s"), 401}, {"/recordings/none/x.webm", basic("sam:s"), 401}, {"/recordings/gone/x.webm", basic("sam:s"), 401},
		{"/recordings/city/watch/sub/", basic("sam:s"), 200}, {"/recordings/city/watch/sub/x.webm", basic("sam:s"), 200},
		{"/recordings/city/watch/own/", basic("sam:s"), 401}, {"/recordings/city/watch/empty/", basic("sam:s"), 200},
		{"/recordings/city/watch", basic("sam:s"), 308}, {"/recordings/city/watch/sub", basic("sam:s"), 308},
		{"/recordings/root.webm", basic("sam:s"), 400}, {"/recordings/", basic("sam:s"), 400}, {"/recordings/.x/", nil, 400}, {"/recordings/a\\b/", nil, 400},
	} {
		r, body := s.do("GET", tt.path, tt.header...)
		if r.StatusCode != tt.status {
			t.Errorf("%s with %v: %d %.100q, want %d", tt.path, tt.header, r.StatusCode, body, tt.status)
		}
		if tt.status == 401 && !strings.HasPrefix(r.Header.Get("WWW-Authenticate"), `Basic realm="recordings/`) {
			t.Errorf("%s: challenge %q", tt.path, r.Header.Get("WWW-Authenticate"))
		}
	}
	r, _ = s.do("GET", "/recordings/city/watch", basic("sam:s")...)
	if r.Header.Get("Location") != "/recordings/city/watch/" {
		t.Errorf("redirected to %q", r.Header.Get("Location"))
	}
}

func TestListingOfRecordings(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	s := newRecordings(t)
	r, body := s.do("GET", "/recordings/city/watch/", basic("sam:s")...)
	for name, want := range map[string]string{"Content-Type": "text/html; charset=utf-8", "Cache-Control": "private, no-cache", "X-Content-Type-Options": "nosniff"} {
		if got := r.Header.Get(name); got != want {
			t.Errorf("%s is %q", name, got)
		}
	}
	if !strings.Contains(r.Header.Get("Content-Security-Policy"), "default-src 'self'") {
		t.Error("no policy")
	}
	for _, part := range []string{
		"The &lt;Watch&gt;", `data-l10n="recordings.count" data-count="3">3 recordings<`, `data-bytes="19">19 bytes<`,
		`href="./2026-11-19T14:16:02.123-sam-slash-v-01.webm"`, ">2026-11-19T14:16:02.123-sam-slash-v-01.webm</a>", "<b>sam/v-01</b>", "19 Nov 2026, 14:16", `data-l10n="recordings.hours" data-hours="1" data-minutes="30">1 h 30 min<`, ">–<",
		`href="./%3Cb%3E&amp;%22%3F%23%25.webm"`, "&lt;b&gt;&amp;&#34;?#%.webm", `name="q" value="delete"`, `name="filename" value="notes.html"`,
		`<a href="./sub/">sub</a>`, `href="../../../css/base.css"`, `href="../../../group/city/watch/"`,
	} {
		if !strings.Contains(body, part) {
			t.Errorf("no %s in %s", part, body)
		}
	}
	for _, part := range []string{`"./own/"`, "x.webm"} {
		if strings.Contains(body, part) {
			t.Errorf("%s is in %s", part, body)
		}
	}
	head, empty := s.do("HEAD", "/recordings/city/watch/", basic("sam:s")...)
	if head.StatusCode != 200 || empty != "" || head.Header.Get("Content-Length") != r.Header.Get("Content-Length") && r.Header.Get("Content-Length") != "" {
		t.Errorf("HEAD: %d %q %v", head.StatusCode, empty, head.Header)
	}
	if r, _ := s.do("PUT", "/recordings/city/watch/", basic("sam:s")...); r.StatusCode != 405 || r.Header.Get("Allow") != "OPTIONS, HEAD, GET, POST" {
		t.Errorf("PUT: %d %q", r.StatusCode, r.Header.Get("Allow"))
	}
	if _, body := s.do("GET", "/recordings/city/watch/empty/", basic("sam:s")...); !strings.Contains(body, "Nothing has been recorded in this room.") {
		t.Errorf("an empty one: %s", body)
	}
}

func TestRefusalIsAPageToBrowsers(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	s := newRecordings(t)
	for accept, want := range map[string]string{"text/html,*/*;q=0.8": `data-l10n="recordings.refused"`, "*/*": "not authorised: sign in"} {
		r, body := s.do("GET", "/recordings/city/watch/", "Accept", accept)
		if r.StatusCode != 401 || r.Header.Get("WWW-Authenticate") == "" || r.Header.Get("Cache-Control") != "no-store" || !strings.Contains(body, want) {
			t.Errorf("to %s: %d %v %s", accept, r.StatusCode, r.Header, body)
		}
	}
}

func TestRecordingsAreSentInParts(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	s := newRecordings(t)
	path := "/recordings/city/watch/2026-11-19T14:16:02.123-sam-slash-v-01.webm"
	r, body := s.do("GET", path, append(basic("sam:s"), "Range", "bytes=2-4")...)
	if r.StatusCode != 206 || body != "234" || r.Header.Get("Content-Type") != "video/webm" || r.Header.Get("Cache-Control") != "private, max-age=1800" {
		t.Errorf("got %d %q %v", r.StatusCode, body, r.Header)
	}
	r, _ = s.do("GET", path, append(basic("sam:s"), "If-None-Match", r.Header.Get("ETag"))...)
	if r.StatusCode != 304 {
		t.Errorf("with its tag: %d", r.StatusCode)
	}
	if err := os.Chtimes(filepath.Join(s.options.Recordings, path[len("/recordings/"):]), time.Now(), time.Now()); err != nil {
		t.Fatal(err)
	}
	if r, _ := s.do("GET", path, basic("sam:s")...); r.Header.Get("Cache-Control") != "private, no-cache" {
		t.Errorf("while it is being recorded: %q", r.Header.Get("Cache-Control"))
	}
	if r, _ := s.do("GET", "/recordings/city/watch/notes.html", basic("sam:s")...); r.Header.Get("Content-Disposition") != "attachment" {
		t.Errorf("a page: %v", r.Header)
	}
	if err := os.Symlink(filepath.Join(s.options.DataDirectory, "config.json"), filepath.Join(s.options.Recordings, "city/watch/link.webm")); err != nil {
		t.Fatal(err)
	}
	if r, body := s.do("GET", "/recordings/city/watch/link.webm", basic("sam:s")...); r.StatusCode != 404 || strings.Contains(body, "secret") {
		t.Errorf("a link to the outside: %d %q", r.StatusCode, body)
	}
}

func TestRecordingsAreDeletedByTheirForm(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	s := newRecordings(t)
	form := []string{"Content-Type", "application/x-www-form-urlencoded"}
	said := ""
	post := func(body string, header ...string) (r *http.Response) {
		r, said = s.call(call{method: "POST", path: "~/recordings/city/watch/", body: body, user: "sam:s", header: append(form, header...)})
		return r
	}
	there := func(name string) bool {
		_, err := os.Stat(filepath.Join(s.options.Recordings, "city/watch", name))
		return err == nil
	}
	odd := url.QueryEscape(`<b>&"?#%.webm`)
	for _, header := range [][]string{
		{"Origin", "https://evil.example"}, {"Origin", "null"}, {"Sec-Fetch-Site", "cross-site"}, {"Sec-Fetch-Site", "same-site"},
		{"Origin", "https://evil.example", "Sec-Fetch-Site", "same-origin"}, {"Origin", "null", "Sec-Fetch-Site", "cross-site"},
	} {
		if r := post("q=delete&filename="+odd, header...); r.StatusCode != 403 {
			t.Errorf("with %v: %d", header, r.StatusCode)
		}
	}
	for body, want := range map[string]int{
		"q=delete": 400, "q=delete&filename=": 400, "q=delete&filename=sub%2Fx.webm": 400, "q=delete&filename=a%5Cb": 400,
		"q=delete&filename=.": 404, "q=delete&filename=..": 404, "q=delete&filename=sub": 404, "q=delete&filename=none": 404, "q=delete&filename=%00": 404,
		"filename=" + odd: 400, "q=keep&filename=" + odd: 400, "q=%zz": 400, "q=delete&filename=" + strings.Repeat("x", 1<<20): 400,
	} {
		if r := post(body); r.StatusCode != want {
			t.Errorf("%.60s: %d, want %d", body, r.StatusCode, want)
		}
	}
	if !there(`<b>&"?#%.webm`) || !there("sub/x.webm") {
		t.Error("something was deleted")
	}
	for body, want := range map[string]string{
		"q=delete": "No filename provided", "q=delete&filename=sub%2Fx.webm": "Bad character in filename", "q=keep&filename=" + odd: "Unknown query",
		"": "Unknown query", "q=%zz": "Couldn't parse request",
	} {
		if post(body); !strings.Contains(said, want) {
			t.Errorf("%.60s: %q, want %q", body, said, want)
		}
	}
	if r, _ := s.call(call{method: "POST", path: "~/recordings/city/watch/", body: "q=delete&filename=" + odd, user: "vic:v", header: form}); r.StatusCode != 401 {
		t.Errorf("by somebody else: %d", r.StatusCode)
	}
	r := post("q=delete&filename="+odd, "Origin", s.URL, "Sec-Fetch-Site", "same-origin")
	if r.StatusCode != 303 || r.Header.Get("Location") != "/recordings/city/watch/" || there(`<b>&"?#%.webm`) {
		t.Errorf("got %d %q", r.StatusCode, r.Header.Get("Location"))
	}
	s.write(s.options.Recordings, "city/watch/again.webm", "x")
	if r := post("q=delete&filename=again.webm", "Origin", "null", "Sec-Fetch-Site", "same-origin"); r.StatusCode != 303 {
		t.Errorf("by a page that keeps its address to itself: %d", r.StatusCode)
	}
	if r := post("q=delete&filename=notes.html"); r.StatusCode != 303 || there("notes.html") {
		t.Errorf("by a script: %d", r.StatusCode)
	}
}
