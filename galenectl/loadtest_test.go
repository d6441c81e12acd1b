package main

import (
	"bytes"
	"encoding/pem"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"galene/group/leaktest"
)

// The options that say how to reach a server are those of every command. The
// servers here have no groups, and say so to whoever gets through to them.
func TestLoadTestReachesTheServerAsOtherCommandsDo(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	secure := httptest.NewTLSServer(http.NotFoundHandler())
	defer secure.Close()
	authority := filepath.Join(t.TempDir(), "ca.pem")
	certificate := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: secure.Certificate().Raw})
	if err := os.WriteFile(authority, certificate, 0o600); err != nil {
		t.Fatal(err)
	}
	// The path of a socket has to be short.
	dir, err := os.MkdirTemp("", "galenectl")
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "socket")
	local := httptest.NewUnstartedServer(http.NotFoundHandler())
	_ = local.Listener.Close()
	if local.Listener, err = net.Listen("unix", path); err != nil {
		t.Fatal(err)
	}
	local.Start()
	defer local.Close()
	for _, test := range []struct{ name, server, option, value, want string }{
		{"trusts the certificates in a file", secure.URL, "-ca", authority, "404"},
		{"trusts any", secure.URL, "-insecure", "", "404"},
		{"says what to do about another", secure.URL, "", "", "use -ca FILE"},
		{"by a Unix socket", "http://nowhere.invalid", "-unix", path, "404"},
	} {
		t.Run(test.name, func(t *testing.T) {
			args := []string{"-config", "", "-server", test.server, "load-test", "-group", "g", "-subscribers", "1"}
			for _, word := range []string{test.value, test.option} {
				if word != "" {
					args = append([]string{word}, args...)
				}
			}
			var stdout, stderr bytes.Buffer
			if status := run(t.Context(), args, strings.NewReader(""), &stdout, &stderr); status != 1 || !strings.Contains(stderr.String(), test.want) {
				t.Errorf("status %d: %q", status, &stderr)
			}
		})
	}
}
