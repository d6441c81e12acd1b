package webserver_test

import (
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"galene/group"
	"galene/group/leaktest"
	"galene/webserver"
	"galene/webserver/wstest"
)

func TestHTTPSWithACertificateOfOurOwn(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	s := newSite(t, func(o *webserver.Options) { o.Insecure = false })
	s.write(s.groups, "g.json", `{"users": {"bob": {"password": "secret", "permissions": "op"}}}`)
	if r, body := s.do("GET", "/"); r.StatusCode != 200 || body != "landing" {
		t.Errorf("got %d %q", r.StatusCode, body)
	}
	var status group.Status
	s.json("/group/g/.status", &status)
	if !strings.HasPrefix(status.Endpoint, "wss://") {
		t.Errorf("endpoint is %q", status.Endpoint)
	}
	wstest.Dial(t, status.Endpoint).Join("g", "bob", "secret")
	clear, err := http.Get("http://" + s.server.Addr().String() + "/")
	if err != nil {
		t.Fatal(err)
	}
	defer clear.Body.Close()
	if clear.StatusCode != http.StatusBadRequest {
		t.Errorf("a request in the clear got %d", clear.StatusCode)
	}
}

func TestUnixSocketReplacesAStaleOne(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	// Paths of sockets must be short.
	directory, err := os.MkdirTemp("", "ws")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(directory) })
	path := filepath.Join(directory, "s")
	stale, err := net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"})
	if err != nil {
		t.Fatal(err)
	}
	stale.SetUnlinkOnClose(false)
	stale.Close()
	s := newSite(t, func(o *webserver.Options) { o.Address = path })
	s.URL = "http://localhost"
	if r, body := s.do("GET", "/"); r.StatusCode != 200 || body != "landing" {
		t.Errorf("got %d %q", r.StatusCode, body)
	}
	if _, err := webserver.New(s.options); err == nil {
		t.Error("the socket of a living server was taken")
	}
}

func TestAddressInUse(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	s := newSite(t, nil)
	o := s.options
	o.Address = s.server.Addr().String()
	if _, err := webserver.New(o); err == nil || !strings.Contains(err.Error(), o.Address) {
		t.Errorf("got %v", err)
	}
}

func TestShutdownClosesSockets(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	s := newSite(t, nil)
	c := wstest.Dial(t, s.URL+"/ws")
	c.Handshake()
	if err := s.server.Shutdown(t.Context()); err != nil {
		t.Fatal(err)
	}
	c.ExpectClose(1000, "server is shutting down")
}
