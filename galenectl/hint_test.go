package main

import (
	"bytes"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"galene/group/leaktest"
)

// The person at the terminal may know nothing of the server but its address.
func TestComplaintsSayWhatToDo(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	answer := func(code int, text string) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if code == http.StatusUnauthorized {
				w.Header().Set("WWW-Authenticate", "Basic")
			}
			http.Error(w, text, code)
		})
	}
	plain := httptest.NewServer(answer(500, "Internal server error"))
	defer plain.Close()
	full := httptest.NewServer(answer(500, "the disk of the server is full"))
	defer full.Close()
	stranger := httptest.NewServer(answer(401, "not authorised"))
	defer stranger.Close()
	encrypted := httptest.NewTLSServer(answer(500, ""))
	defer encrypted.Close()
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	nobody := "http://" + free.Addr().String()
	free.Close()
	for _, tt := range []struct{ name, server, want string }{
		{"a fault of the server", plain.URL, "(the server's log says why)"},
		{"a fault that can be mended", full.URL, "(the disk of the server is full)"},
		{"wrong credentials", stranger.URL, "in the server's config.json, or that cannot be read: then its log says so"},
		{"HTTP to a server of HTTPS", strings.Replace(encrypted.URL, "https:", "http:", 1), "begins with https://"},
		{"HTTPS to a server of HTTP", strings.Replace(plain.URL, "http:", "https:", 1), "begins with http://"},
		{"nobody there", nobody, "is the server running, and is it at the address"},
	} {
		var stdout, stderr bytes.Buffer
		status := run(t.Context(), []string{"-config", "", "-server", tt.server, "list-groups"}, strings.NewReader(""), &stdout, &stderr)
		if status != statusError || !strings.Contains(stderr.String(), tt.want) {
			t.Errorf("%s: status %d, %q, want %q", tt.name, status, &stderr, tt.want)
		}
	}
}

func TestFilesThatNotepadHasSavedAreUnderstood(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	var username, password string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		username, password, _ = r.BasicAuth()
		fmt.Fprint(w, "[]")
	}))
	defer server.Close()
	directory := t.TempDir()
	file := func(name, content string) string {
		path := filepath.Join(directory, name)
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	config := file("config", "\ufeff{\"admin-username\": \"root\", \"admin-password\": \"other\"}\r\n")
	wide := file("wide", "\xff\xfes\x00")
	for _, tt := range []struct {
		name, config, password string
		want                   string
		status                 int
		complaint              string
	}{
		{"the configuration", config, "", "other", statusOK, ""},
		{"the password", config, file("password", "\ufeffsecret\r\n"), "secret", statusOK, ""},
		{"a password in UTF-16", config, wide, "", statusError, "wide: this is UTF-16; save the file as UTF-8"},
		{"a configuration in UTF-16", wide, "", "", statusError, "wide: this is UTF-16; save the file as UTF-8"},
	} {
		username, password = "", ""
		args := []string{"-server", server.URL, "-config", tt.config}
		if tt.password != "" {
			args = append(args, "-admin-password-file", tt.password)
		}
		var stdout, stderr bytes.Buffer
		status := run(t.Context(), append(args, "list-groups"), strings.NewReader(""), &stdout, &stderr)
		if status != tt.status || password != tt.want || status == statusOK && username != "root" || !strings.Contains(stderr.String(), tt.complaint) {
			t.Errorf("%s: status %d, %q asked with %q, %q", tt.name, status, username, password, &stderr)
		}
	}
}
