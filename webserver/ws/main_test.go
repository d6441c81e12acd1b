package ws_test

import (
	"context"
	"log/slog"
	"net"
	"net/http/httptest"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"galene/group"
	"galene/group/leaktest"
	"galene/token"
	"galene/webserver/ws"
	"galene/webserver/wstest"
)

// TestMain fails when goroutines are left after the tests.
func TestMain(m *testing.M) { leaktest.Main(m) }

// server is a websocket handler on a real socket, with groups of its own.
type server struct {
	t         *testing.T
	URL       string
	Registry  *group.Registry
	engine    *fakeEngine
	handler   *ws.Handler
	directory string
	stop      func()
}

// newServer starts a server; groups maps names to the contents of files.
func newServer(t *testing.T, groups map[string]string) *server {
	t.Helper()
	return newServerOn(t, nil, groups)
}

// newServerOn is newServer on a listener of the caller's.
func newServerOn(t *testing.T, listener net.Listener, groups map[string]string) *server {
	t.Helper()
	return newServerWith(t, listener, groups, time.Hour)
}

// newServerWith also says how long a client without a socket keeps its seat.
func newServerWith(t *testing.T, listener net.Listener, groups map[string]string, grace time.Duration) *server {
	t.Helper()
	engine := &fakeEngine{}
	s := newServerOf(t, listener, groups, ws.Options{Engine: engine, Grace: grace, Version: "galene v0"})
	s.engine = engine
	t.Cleanup(func() {
		s.stop()
		engine.checkClosed(t)
	})
	return s
}

// newServerOf starts a server with the given options, which it completes.
func newServerOf(t *testing.T, listener net.Listener, groups map[string]string, o ws.Options) *server {
	t.Helper()
	s := &server{t: t, directory: t.TempDir()}
	for name, content := range groups {
		s.write(name, content)
	}
	logger := o.Logger
	if logger == nil {
		logger = slog.New(slog.DiscardHandler)
	}
	o.Config = group.NewConfigFile(filepath.Join(s.directory, "config.json"), logger)
	s.Registry = group.NewRegistry(group.RegistryOptions{
		Store: group.NewFileStore(os.DirFS(s.directory), s.directory, logger), Logger: logger,
		Tokens: token.NewFileStore(filepath.Join(t.TempDir(), "tokens.jsonl"), logger),
		Config: o.Config,
	})
	o.Registry, o.Logger = s.Registry, logger
	s.handler = ws.NewHandler(o)
	web := httptest.NewUnstartedServer(s.handler)
	if listener != nil {
		web.Listener.Close()
		web.Listener = listener
	}
	web.Start()
	s.URL = web.URL
	s.stop = sync.OnceFunc(func() {
		s.Registry.Shutdown()
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		if err := s.handler.Shutdown(ctx); err != nil {
			t.Errorf("shut down: %v", err)
		}
		web.Close()
	})
	t.Cleanup(s.stop)
	return s
}

func (s *server) write(name, content string) {
	s.t.Helper()
	path := filepath.Join(s.directory, name+".json")
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		s.t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		s.t.Fatal(err)
	}
}

// dial returns a client that has not said anything yet.
func (s *server) dial() *wstest.Client {
	s.t.Helper()
	return wstest.Dial(s.t, s.URL)
}

// shakeHands returns a client that is in no group.
func (s *server) shakeHands() *wstest.Client {
	s.t.Helper()
	c := s.dial()
	c.Handshake()
	return c
}

// join returns a client in a group, which has heard of itself already. Others
// must not join meanwhile.
func (s *server) join(name, username, password string) *wstest.Client {
	s.t.Helper()
	c := s.dial()
	c.Join(name, username, password)
	c.Await(wstest.Message{"type": "user", "kind": "add", "id": c.ID})
	return c
}

// open is a group where op is an operator, guest presents, talker chats and
// anybody watches.
const open = `{
	"users": {
		"op": {"password": "op", "permissions": "op"},
		"guest": {"password": "guest", "permissions": "present"},
		"talker": {"password": "talker", "permissions": "message"},
		"captioner": {"password": "captioner", "permissions": "caption"}
	},
	"wildcard-user": {"password": {"type": "wildcard"}, "permissions": "observe"}
}`

func newOpenServer(t *testing.T) *server {
	t.Helper()
	return newServer(t, map[string]string{"g": open})
}

type message = wstest.Message
