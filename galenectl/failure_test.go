package main

import (
	"bytes"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"galene/group/leaktest"
)

// A proxy that sends everybody from HTTP to HTTPS has requests that change
// something become ones that ask (RFC 9110, section 15.4.2).
func TestChangesAreNotLostOnTheWayToAnotherAddress(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	for _, test := range []struct {
		code    int
		command string
		status  int
		method  string
	}{
		{301, "delete-group -group city", 1, ""},
		{302, "create-group -group city", 1, ""},
		{303, "set-password -group city -user ada -password lace", 1, ""},
		{307, "delete-group -group city", 0, "DELETE"},
		{308, "create-group -group city", 0, "PUT"},
		{301, "show-group -group city", 0, "GET"},
	} {
		t.Run(fmt.Sprintf("%d for %s", test.code, test.command), func(t *testing.T) {
			t.Parallel()
			method := ""
			there := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				method = r.Method
				fmt.Fprint(w, `{}`)
			}))
			defer there.Close()
			here := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("Location", there.URL+r.URL.Path)
				w.WriteHeader(test.code)
			}))
			defer here.Close()
			var stdout, stderr bytes.Buffer
			args := append([]string{"-config", "", "-server", here.URL}, strings.Fields(test.command)...)
			status := run(t.Context(), args, strings.NewReader(""), &stdout, &stderr)
			if status != test.status || method != test.method {
				t.Errorf("status %d, and the other address got %q: %q", status, method, &stderr)
			}
			if want := "is at " + there.URL; status != 0 && !strings.Contains(stderr.String(), want) {
				t.Errorf("complaint %q does not say %q", &stderr, want)
			}
		})
	}
}

func TestFileThatCannotBeWrittenIsNotLeftBehind(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	path := filepath.Join(t.TempDir(), "key.json")
	if err := writeNew(path, []any{strings.Repeat("x", 1<<16), make(chan int)}); err == nil {
		t.Error("a channel was written")
	}
	if _, err := os.Stat(path); !os.IsNotExist(err) {
		t.Errorf("there is a file that keeps a second try from succeeding: %v", err)
	}
}

// answering starts a server with one answer to who asks for a list, and one to who
// asks for anything else.
func answering(t *testing.T, list, other string) *httptest.Server {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/") {
			fmt.Fprint(w, list)
		} else {
			fmt.Fprint(w, other)
		}
	}))
	t.Cleanup(server.Close)
	return server
}

func TestAnswerThatIsNoObjectIsRefused(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	server := answering(t, `["x"]`, `null`)
	for _, command := range []string{"list-tokens -group city -l -o json", "show-group -group city", "revoke-token -group city -token x"} {
		var stdout, stderr bytes.Buffer
		args := append([]string{"-config", "", "-server", server.URL}, strings.Fields(command)...)
		if status := run(t.Context(), args, strings.NewReader(""), &stdout, &stderr); status != 1 || !strings.Contains(stdout.String()+stderr.String(), "no JSON object") {
			t.Errorf("%s: status %d: %q, %q", command, status, &stdout, &stderr)
		}
	}
}

// fullDisk is a standard output that takes nothing.
type fullDisk struct{}

func (fullDisk) Write([]byte) (int, error) { return 0, errors.New("no space left on device") }

func TestListingThatCannotBeWrittenFails(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	server := answering(t, `["ada"]`, `{}`)
	for _, command := range []string{"list-groups", "list-users -group city", "list-users -group city -l", "list-tokens -group city -l", "show-group -group city", "hash-password -password x"} {
		var stderr bytes.Buffer
		args := append([]string{"-config", "", "-server", server.URL}, strings.Fields(command)...)
		if status := run(t.Context(), args, strings.NewReader(""), fullDisk{}, &stderr); status != 1 || !strings.Contains(stderr.String(), "no space left") {
			t.Errorf("%s: status %d: %q", command, status, &stderr)
		}
	}
}
