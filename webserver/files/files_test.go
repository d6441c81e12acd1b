package files

import (
	"compress/gzip"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/andybalholm/brotli"

	"galene/group/leaktest"
)

var script = strings.Repeat("export const answer = 42;\n", 100)

func get(h http.Handler, path string, header ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodGet, "http://localhost/", nil)
	r.URL.Path = path
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func TestHeadersAndConditions(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	modified := time.Date(2026, 1, 2, 3, 4, 5, 678, time.UTC)
	h := NewHandler(fstest.MapFS{
		"app.js":              {Data: []byte(script), ModTime: modified},
		"third-party/x.woff2": {Data: []byte("font"), ModTime: modified},
		"embedded.css":        {Data: []byte("a{}")},
	}, nil)
	w := get(h, "/app.js")
	want := map[string]string{
		"Content-Type": "text/javascript; charset=utf-8", "Cache-Control": "max-age=1800",
		"ETag": `"2600-1767323045000000678"`, "Last-Modified": "Fri, 02 Jan 2026 03:04:05 GMT",
		"Vary": "Accept-Encoding", "Content-Length": "2600",
	}
	for name, value := range want {
		if got := w.Header().Get(name); got != value {
			t.Errorf("%s is %q, want %q", name, got, value)
		}
	}
	if w.Code != 200 || w.Body.String() != script {
		t.Errorf("got %d and %d bytes", w.Code, w.Body.Len())
	}
	if w := get(h, "/app.js", "If-None-Match", want["ETag"]); w.Code != 304 {
		t.Errorf("with the tag: %d", w.Code)
	}
	if w := get(h, "/app.js", "If-Modified-Since", want["Last-Modified"]); w.Code != 304 {
		t.Errorf("with the date: %d", w.Code)
	}
	if w := get(h, "/app.js", "Range", "bytes=0-5", "Accept-Encoding", "gzip"); w.Code != 206 || w.Body.String() != "export" {
		t.Errorf("a range: %d %q", w.Code, w.Body)
	}
	if w := get(h, "/third-party/x.woff2"); w.Header().Get("Cache-Control") != "max-age=86400" || w.Header().Get("Content-Type") != "font/woff2" {
		t.Errorf("of a third party: %v", w.Header())
	}
	if w := get(h, "/embedded.css"); w.Header().Get("Last-Modified") == "" {
		t.Errorf("a file without a time: %v", w.Header())
	}
}

func TestCompression(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	files := fstest.MapFS{
		"app.js": {Data: []byte(script)}, "small.js": {Data: []byte("1")}, "a.png": {Data: []byte(script)},
	}
	h := NewHandler(files, nil)
	decoders := map[string]func(io.Reader) (io.Reader, error){
		"gzip": func(r io.Reader) (io.Reader, error) { return gzip.NewReader(r) },
		"br":   func(r io.Reader) (io.Reader, error) { return brotli.NewReader(r), nil },
	}
	for _, accept := range []string{"br;q=0.4, gzip;q=0.5", "br;q=0.4, gzip;q=0.5", "gzip, deflate, br, zstd", "*", "br"} {
		coding := "br"
		if strings.HasPrefix(accept, "br;") {
			coding = "gzip"
		}
		w := get(h, "/app.js", "Accept-Encoding", accept)
		if w.Header().Get("Content-Encoding") != coding || w.Body.Len() > 200 || !strings.HasSuffix(w.Header().Get("ETag"), "-"+coding+`"`) {
			t.Fatalf("%s: got %d bytes, %v", accept, w.Body.Len(), w.Header())
		}
		if again := get(h, "/app.js", "Accept-Encoding", accept, "If-None-Match", w.Header().Get("ETag")); again.Code != 304 {
			t.Errorf("%s: with the tag: %d", accept, again.Code)
		}
		r, err := decoders[coding](w.Body)
		if err != nil {
			t.Fatal(err)
		}
		if data, err := io.ReadAll(r); err != nil || string(data) != script {
			t.Errorf("%s: inside: %d bytes, %v", accept, len(data), err)
		}
	}
	for path, accept := range map[string]string{
		"/app.js": "gzip;q=0, br;q=x", "/small.js": "gzip", "/a.png": "gzip",
	} {
		if w := get(h, path, "Accept-Encoding", accept); w.Header().Get("Content-Encoding") != "" {
			t.Errorf("%s is compressed for %q", path, accept)
		}
	}
	if w := get(h, "/app.js", "Accept-Encoding", "identity"); w.Body.String() != script {
		t.Error("compressed for a client that does not want it")
	}
	files["app.js"] = &fstest.MapFile{Data: []byte(script + "new"), ModTime: time.Unix(1, 0)}
	if w := get(h, "/app.js", "Accept-Encoding", "gzip"); !strings.HasPrefix(w.Header().Get("ETag"), `"2603-`) {
		t.Errorf("after a change: %v", w.Header())
	}
}

func TestManyFilesAtOnceAreCompressedInLittleMemory(t *testing.T) {
	leaktest.Check(t)
	const count, limit = 100, 64 << 20
	files := fstest.MapFS{}
	for i := range count {
		files[fmt.Sprintf("%d.js", i)] = &fstest.MapFile{Data: []byte(fmt.Sprint(i) + script)}
	}
	h := NewHandler(files, nil)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	var browsers sync.WaitGroup
	for i := range count {
		browsers.Go(func() {
			w := get(h, fmt.Sprintf("/%d.js", i), "Accept-Encoding", "br")
			if data, err := io.ReadAll(brotli.NewReader(w.Body)); err != nil || string(data) != fmt.Sprint(i)+script {
				t.Errorf("file %d: %d bytes, %v", i, len(data), err)
			}
		})
	}
	browsers.Wait()
	runtime.ReadMemStats(&after)
	if n := after.TotalAlloc - before.TotalAlloc; n > limit {
		t.Errorf("%d files took %d MB", count, n>>20)
	}
}

func TestNothingOutsideTheRootIsServed(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	directory := t.TempDir()
	inside := filepath.Join(directory, "static")
	for path, content := range map[string]string{"secret": "secret", "static/index.html": "index", "static/sub/x": "x"} {
		path = filepath.Join(directory, path)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink("../secret", filepath.Join(inside, "link")); err != nil {
		t.Fatal(err)
	}
	root, err := os.OpenRoot(inside)
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	h := NewHandler(root.FS(), nil)
	for path, want := range map[string]int{
		"/": 200, "/index.html": 200, "/sub/": 403, "/sub": 308, "/sub/x": 200, "/sub/x/": 404,
		"/../secret": 404, "/link": 404, "/sub/../../secret": 404, "/./index.html": 404, "": 404,
		"/a\x00": 404, "/none/": 404, "/" + strings.Repeat("x/", 3000): 404,
	} {
		w := get(h, path)
		if w.Code != want || strings.Contains(w.Body.String(), "secret") {
			t.Errorf("%.40q: got %d %q, want %d", path, w.Code, w.Body, want)
		}
	}
}

func TestContentTypesDoNotDependOnTheMachine(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	for name, want := range map[string]string{
		"a.js": "text/javascript; charset=utf-8", "a.css": "text/css; charset=utf-8", "a.html": "text/html; charset=utf-8",
		"a.svg": "image/svg+xml", "a.json": "application/json", "a.wasm": "application/wasm",
		"a.webmanifest": "application/manifest+json", "a.tflite": "application/octet-stream", "a": "application/octet-stream",
		"a.webm": "video/webm", "a.mkv": "video/x-matroska", "a.woff2": "font/woff2",
	} {
		if got := ContentType(name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
}

func TestLinksOfPagesWorkBelowAnyPath(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	const page = `<a href="/"><link href="/a.css"><script src="/p/x.js"></script><form action="/f"><a href="//other.example/"><a href="b">`
	h := NewHandler(fstest.MapFS{"index.html": {Data: []byte(page)}, "404.html": {Data: []byte(page)}, "sub/index.html": {Data: []byte(page)}}, nil)
	for path, root := range map[string]string{"/": "./", "/sub/": "../", "/none": "./", "/a/b/none": "../../"} {
		want := strings.NewReplacer(`"//`, `"//`, `"/`, `"`+root).Replace(page)
		if got := get(h, path).Body.String(); got != want {
			t.Errorf("%s: got %s, want %s", path, got, want)
		}
	}
	r := httptest.NewRequest(http.MethodGet, "http://localhost/group/a%2Fb/", nil)
	w := httptest.NewRecorder()
	h.ServeFile(w, r, "index.html")
	if !strings.Contains(w.Body.String(), `href="../../a.css"`) {
		t.Errorf("got %s", w.Body)
	}
	h.Prefix = func(*http.Request) string { return "/v" }
	if got := get(h, "/sub").Header().Get("Location"); got != "/v/sub/" {
		t.Errorf("redirected to %q", got)
	}
}
