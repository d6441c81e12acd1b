package whip_test

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"galene/group"
	"galene/group/leaktest"
	"galene/rtpconn"
	"galene/rtpconn/loadtest"
	"galene/token"
	"galene/webserver"
	"galene/webserver/wstest"
)

// TestMain fails when goroutines are left after the tests.
func TestMain(m *testing.M) { leaktest.Main(m) }

// patience is more than any test here takes, also where a busy machine has yet to
// start another program.
const patience = 3 * time.Minute

// site is a whole web server with media.
type site struct {
	t         *testing.T
	ctx       context.Context
	URL       string
	groups    string
	tokens    *token.FileStore
	generator *loadtest.Generator
	client    *http.Client
}

// open is a group where op is an operator, an encoder needs no token, and
// anybody watches.
const open = `{
	"users": {
		"op": {"password": "op", "permissions": "op"},
		"guest": {"password": "guest", "permissions": "present"},
		"whip": {"password": {"type": "wildcard"}, "permissions": "present"}
	},
	"wildcard-user": {"password": {"type": "wildcard"}, "permissions": "observe"}
}`

func newSite(t *testing.T, groups map[string]string) *site {
	t.Helper()
	return newSiteOn(t, groups, netip.MustParseAddr("127.0.0.1"))
}

// newSiteOn is newSite with media on other addresses; none means all.
func newSiteOn(t *testing.T, groups map[string]string, addresses ...netip.Addr) *site {
	t.Helper()
	logger := slog.New(slog.DiscardHandler)
	s := &site{t: t, groups: t.TempDir(), client: &http.Client{
		Transport:     &http.Transport{ExpectContinueTimeout: patience},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
	for name, content := range groups {
		s.write(name, content)
	}
	data := t.TempDir()
	s.tokens = token.NewFileStore(filepath.Join(data, "tokens.jsonl"), logger)
	engine, err := rtpconn.NewEngine(rtpconn.Options{Addresses: addresses, Logger: logger})
	s.check(err)
	config := group.NewConfigFile(filepath.Join(data, "config.json"), logger)
	s.check(os.WriteFile(filepath.Join(data, "config.json"), []byte(`{"allowOrigin": ["https://friend.example"]}`), 0o600))
	registry := group.NewRegistry(group.RegistryOptions{
		Store: group.NewFileStore(os.DirFS(s.groups), s.groups, logger), Tokens: s.tokens, Config: config, Logger: logger,
	})
	server, err := webserver.New(webserver.Options{
		Address: "localhost:0", Insecure: true, DataDirectory: data, Static: fstest.MapFS{},
		Registry: registry, Config: config, Engine: engine, Logger: logger,
	})
	s.check(err)
	s.URL = "http://" + server.Addr().String()
	serving := make(chan error, 1)
	go func() { serving <- server.Serve() }()
	t.Cleanup(func() {
		registry.Shutdown()
		s.client.CloseIdleConnections()
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		s.check(server.Shutdown(ctx))
		s.check(<-serving)
		s.check(engine.Close())
	})
	s.generator, err = loadtest.New(loadtest.Options{Bitrate: 200_000})
	s.check(err)
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	t.Cleanup(cancel)
	s.ctx = ctx
	return s
}

func (s *site) write(name, content string) {
	s.t.Helper()
	s.check(os.WriteFile(filepath.Join(s.groups, name+".json"), []byte(content), 0o600))
}

func (s *site) check(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}

// answer is what a request has led to.
type answer struct {
	status int
	header http.Header
	body   string
}

// do makes a request; header are pairs of names and values.
func (s *site) do(method, path, body string, header ...string) answer {
	s.t.Helper()
	r, err := http.NewRequestWithContext(s.ctx, method, s.URL+path, strings.NewReader(body))
	s.check(err)
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	response, err := s.client.Do(r)
	s.check(err)
	defer response.Body.Close()
	data, err := io.ReadAll(response.Body)
	s.check(err)
	return answer{response.StatusCode, response.Header, string(data)}
}

// post sends an offer.
func (s *site) post(path, offer string, header ...string) answer {
	s.t.Helper()
	return s.do("POST", path, offer, append([]string{"Content-Type", "application/sdp"}, header...)...)
}

// watcher returns a client in the group g that has heard of itself.
func (s *site) watcher(username, password string) *wstest.Client {
	s.t.Helper()
	c := wstest.Dial(s.t, s.URL+"/ws")
	c.Join("g", username, password)
	c.Await(wstest.Message{"type": "user", "kind": "add", "id": c.ID})
	c.Send(wstest.Message{"type": "request", "request": wstest.Message{"": []string{"audio", "video"}}})
	return c
}

// publisher returns one whose offer has not been answered.
func (s *site) publisher() (p *loadtest.Publisher, offer string) {
	s.t.Helper()
	p, err := s.generator.NewPublisher()
	s.check(err)
	s.t.Cleanup(func() { s.check(p.Close()) })
	offer, err = p.Offer(s.ctx)
	s.check(err)
	return p, offer
}

// run has a publisher send until the test ends.
func (s *site) run(p *loadtest.Publisher) {
	ctx, cancel := context.WithCancel(s.ctx)
	ended := make(chan error, 1)
	go func() { ended <- p.Run(ctx) }()
	s.t.Cleanup(func() {
		cancel()
		<-ended // that it was disconnected may be what is tested
	})
}

// publish opens a session that sends.
func (s *site) publish(path string, header ...string) (p *loadtest.Publisher, created answer) {
	s.t.Helper()
	p, offer := s.publisher()
	created = s.post(path, offer, header...)
	if created.status != http.StatusCreated {
		s.t.Fatalf("status %d, %s", created.status, created.body)
	}
	s.check(p.Answer(created.body))
	s.run(p)
	return p, created
}

// receive takes the offer of a stream.
func (s *site) receive(c *wstest.Client, offer wstest.Message) *loadtest.Subscriber {
	s.t.Helper()
	sub, err := s.generator.NewSubscriber()
	s.check(err)
	s.t.Cleanup(func() { s.check(sub.Close()) })
	sdp, err := sub.Answer(s.ctx, offer["sdp"].(string))
	s.check(err)
	c.Send(wstest.Message{"type": "answer", "id": offer["id"], "sdp": sdp})
	return sub
}

// flow waits until so many more packets have come.
func (s *site) flow(sub *loadtest.Subscriber, packets uint64) {
	s.t.Helper()
	target := sub.Stats().Packets + packets
	ticker := time.NewTicker(10 * time.Millisecond)
	defer ticker.Stop()
	for sub.Stats().Packets < target {
		select {
		case <-ticker.C:
		case <-s.ctx.Done():
			s.t.Fatal("nothing flows")
		}
	}
}

type message = wstest.Message
