package main

import (
	"bytes"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"galene/group"
	"galene/group/leaktest"
)

// start runs an authorisation server, and gives the groups that trust it.
func start(t *testing.T, check checker, fallback bool) (address string, groups *group.Registry) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "key")
	made, err := loadKey(path)
	if err != nil {
		t.Fatal(err)
	}
	again, err := loadKey(path)
	if err != nil || again != made {
		t.Fatalf("the key was not kept: %v", err)
	}
	s := &authServer{
		check: check, key: again, server: "https://meet.example.org/", permissions: []string{"present", "message"},
		fallback: fallback, log: slog.New(slog.DiscardHandler),
	}
	web := httptest.NewServer(s)
	t.Cleanup(web.Close)
	groups = group.NewRegistry(group.RegistryOptions{Store: group.NewFileStore(fstest.MapFS{
		"city/watch.json": {Data: []byte(`{"authServer": "` + web.URL + `", "authKeys": [` + again.String() + `]}`)},
		"other.json":      {Data: []byte(`{"authKeys": [` + again.String() + `]}`)},
	}, "groups", slog.New(slog.DiscardHandler)), Logger: slog.New(slog.DiscardHandler)})
	return web.URL, groups
}

func ask(t *testing.T, address string, q map[string]string) (status int, contentType, body string) {
	t.Helper()
	data, err := json.Marshal(q)
	if err != nil {
		t.Fatal(err)
	}
	r, err := http.Post(address, "application/json", bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	text, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	if r.Header.Get("Access-Control-Allow-Origin") != "*" || r.Header.Get("Cache-Control") != "no-store" {
		t.Errorf("headers are %v", r.Header)
	}
	return r.StatusCode, r.Header.Get("Content-Type"), string(text)
}

// The command stands for ldapwhoami: it knows ada, and somebody of no password.
const directory = `read -r password; case $NAME in ada) [ "$password" = lovelace ];; bob) false;; *) exit 2;; esac`

func TestTokensOfBothExchangesAdmit(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	address, groups := start(t, commandChecker(directory), false)
	for name, where := range map[string]map[string]string{
		"today":   {"location": "https://meet.example.org/group/city/watch/"},
		"in 2021": {"group": "city/watch"},
		"both":    {"location": "https://meet.example.org/group/city/watch/", "group": "city/watch"},
	} {
		q := map[string]string{"username": "ada", "password": "lovelace\n"}
		for key, value := range where {
			q[key] = value
		}
		status, contentType, body := ask(t, address, q)
		if status != http.StatusOK || contentType != "application/jwt" {
			t.Errorf("%s: %d %q %s", name, status, contentType, body)
			continue
		}
		m, err := groups.Authenticate(t.Context(), "city/watch", group.Credentials{Token: body})
		slices.Sort(m.Permissions)
		if err != nil || m.Username != "ada" || !slices.Equal(m.Permissions, []string{"message", "present"}) {
			t.Errorf("%s: the token makes %+v, %v", name, m, err)
		}
		if _, err := groups.Authenticate(t.Context(), "other", group.Credentials{Token: body}); err == nil {
			t.Errorf("%s: the token opens another group", name)
		}
	}
}

func TestRefusals(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	const location = "https://meet.example.org/group/city/watch/"
	address, _ := start(t, commandChecker(directory), false)
	lenient, _ := start(t, commandChecker(directory), true)
	broken, _ := start(t, oidcChecker("http://127.0.0.1:1/", "x", "y"), false)
	for _, tt := range []struct {
		address string
		q       map[string]string
		want    int
	}{
		{address, map[string]string{"location": location, "username": "ada", "password": "x"}, 401},
		{address, map[string]string{"location": location, "username": "bob", "password": "x"}, 401},
		{address, map[string]string{"location": location, "username": "eve", "password": "x"}, 401},
		{lenient, map[string]string{"location": location, "username": "eve", "password": "x"}, 204},
		{lenient, map[string]string{"location": location, "username": "bob", "password": "x"}, 401},
		{address, map[string]string{"location": "https://evil.example/group/city/watch/", "username": "ada", "password": "lovelace"}, 403},
		{address, map[string]string{"username": "ada", "password": "lovelace"}, 400},
		{address, map[string]string{"location": location, "password": "lovelace"}, 400},
		{broken, map[string]string{"location": location, "username": "ada", "password": "x"}, 502},
	} {
		if status, _, body := ask(t, tt.address, tt.q); status != tt.want {
			t.Errorf("%v: %d %s, want %d", tt.q, status, body, tt.want)
		}
	}
	r, err := http.Get(address)
	if err != nil {
		t.Fatal(err)
	}
	r.Body.Close()
	if r.StatusCode != http.StatusMethodNotAllowed {
		t.Errorf("GET: %d", r.StatusCode)
	}
}

func TestPasswordsOfAnOpenIDProvider(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	provider := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		client, secret, _ := r.BasicAuth()
		switch {
		case client != "galene" || secret != "s3cret" || r.FormValue("grant_type") != "password":
			http.Error(w, `{"error": "invalid_client"}`, http.StatusUnauthorized)
		case r.FormValue("username") != "ada" || r.FormValue("password") != "lövelace":
			http.Error(w, `{"error": "invalid_grant"}`, http.StatusBadRequest)
		default:
			_, _ = io.Copy(w, strings.NewReader(`{"access_token": "x"}`))
		}
	}))
	t.Cleanup(provider.Close)
	for _, tt := range []struct {
		secret, name, password string
		want                   verdict
		fails                  bool
	}{
		{"s3cret", "ada", "lövelace", right, false}, {"s3cret", "ada", "x", wrong, false}, {"s3cret", "eve", "lövelace", wrong, false}, {"x", "ada", "lövelace", wrong, true},
	} {
		got, err := oidcChecker(provider.URL, "galene", tt.secret)(t.Context(), tt.name, tt.password)
		if got != tt.want || (err != nil) != tt.fails {
			t.Errorf("%+v: got %v, %v", tt, got, err)
		}
	}
}
