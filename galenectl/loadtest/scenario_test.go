package loadtest

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
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
	"galene/webserver"
)

// startServer runs a whole server on the loopback interface, and returns its
// URL.
func startServer(t *testing.T) string {
	t.Helper()
	logger := slog.New(slog.DiscardHandler)
	groups, data := t.TempDir(), t.TempDir()
	for name, content := range map[string]string{
		"example.json": `{"auto-subgroups": true, "codecs": ["vp8", "vp9", "opus"], "users": {"bob": {"password": "secret", "permissions": "op"}, "eve": {"password": "pst", "permissions": "observe"}}}`,
		"narrow.json":  `{"codecs": ["vp9", "opus"], "users": {"bob": {"password": "secret", "permissions": "op"}}}`,
		"full.json":    `{"max-clients": 1, "users": {"bob": {"password": "secret", "permissions": "present"}}}`,
		"moved.json":   `{"redirect": "https://elsewhere.example/group/moved/"}`,
	} {
		if err := os.WriteFile(filepath.Join(groups, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	engine, err := rtpconn.NewEngine(rtpconn.Options{Addresses: []netip.Addr{netip.MustParseAddr("127.0.0.1")}, Logger: logger})
	if err != nil {
		t.Fatal(err)
	}
	registry := group.NewRegistry(group.RegistryOptions{Store: group.NewFileStore(os.DirFS(groups), groups, logger), Logger: logger})
	server, err := webserver.New(webserver.Options{
		Address: "localhost:0", DataDirectory: data, Static: fstest.MapFS{},
		Registry: registry, Config: group.NewConfigFile(filepath.Join(data, "config.json"), logger),
		Engine: engine, Logger: logger,
	})
	if err != nil {
		t.Fatal(err)
	}
	serving := make(chan error, 1)
	go func() { serving <- server.Serve() }()
	t.Cleanup(func() {
		registry.Shutdown()
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		if err := errors.Join(server.Shutdown(ctx), <-serving, engine.Close()); err != nil {
			t.Error(err)
		}
	})
	return "https://" + server.Addr().String()
}

func options(server string) Options {
	return Options{
		Server: server, TLS: &tls.Config{InsecureSkipVerify: true}, Group: "example", Username: "bob", Password: "secret",
		Subscribers: 2, Bitrate: 300_000, Duration: 200 * time.Millisecond,
	}
}

func TestNothingIsLost(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	server := startServer(t)
	tests := []struct {
		name   string
		change func(*Options)
		// publishers and subscribers of each.
		publishers, subscribers int
	}{
		{"webinar", func(*Options) {}, 1, 2},
		{"webinar with layers", func(o *Options) { o.Video = loadtest.VP9SVC }, 1, 2},
		{"webinar with simulcast", func(o *Options) { o.Video = loadtest.Simulcast }, 1, 2},
		{"meeting", func(o *Options) { o.Mode, o.Members = Meeting, 3 }, 3, 2},
		{"audio", func(o *Options) { o.Mode, o.Bitrate = Audio, 0 }, 1, 2},
		{"join storm", func(o *Options) { o.Mode, o.Joiners = JoinStorm, 3 }, 1, 5},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			o := options(server)
			o.Group += "/" + strings.ReplaceAll(test.name, " ", "-")
			o.PID = os.Getpid()
			if _, err := os.Stat("/proc/self/stat"); err != nil {
				o.PID = 0
			}
			test.change(&o)
			r := runOnAnIdleMachine(t, o)
			if r.Total.Received == 0 || r.Total.Lost != 0 || r.Total.Restarts != 0 || r.Join.P99 == 0 || r.Verdict == "" {
				t.Errorf("%+v", r)
			}
			if r.Publishers != test.publishers || r.Subscribers != test.subscribers {
				t.Errorf("%d publishers and %d subscribers", r.Publishers, r.Subscribers)
			}
			if (r.Storm != nil) != (o.Mode == JoinStorm) || r.Storm != nil && (r.Storm.Lost != 0 || r.Storm.Join.P99 == 0) {
				t.Errorf("storm: %+v", r.Storm)
			}
		})
	}
}

// runOnAnIdleMachine runs a scenario again while packets are lost: what a server
// drops that gets no processor is no mistake of the scenario's.
func runOnAnIdleMachine(t *testing.T, o Options) *Report {
	t.Helper()
	const attempts = 3
	for attempt := 1; ; attempt++ {
		r, err := Run(t.Context(), o)
		switch {
		case err == nil && (r.Total.Lost == 0 || attempt == attempts):
			return r
		case err != nil && (!errors.Is(err, errTooLong) || attempt == attempts):
			t.Fatal(err)
		case err != nil:
			t.Log(err)
		default:
			t.Logf("%d packets were lost", r.Total.Lost)
		}
	}
}

// film is two frames of one encoding, which nobody decodes.
func film(t *testing.T) *loadtest.Film {
	t.Helper()
	file := "DKIF" + strings.Repeat("\x00", 4) + "VP80" + strings.Repeat("\x00", 20)
	for _, frame := range []string{"\x10\x00\x00\x9d\x01\x2a\x40\x01\xb4\x00", "\x11\x00\x00\x00"} {
		file += string(rune(len(frame))) + strings.Repeat("\x00", 11) + frame
	}
	f, err := loadtest.ReadFilm(strings.NewReader(file), 1)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func TestCamerasSendAndReceiveNothing(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	o := options(startServer(t))
	o.Mode, o.Members, o.Films = Cameras, 3, []*loadtest.Film{film(t), film(t)}
	r, err := Run(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	if r.Video != loadtest.Simulcast || r.Publishers != 3 || r.Subscribers != 0 || r.Published == 0 || r.Total.Received != 0 {
		t.Errorf("%+v", r)
	}
	var text strings.Builder
	if err := r.WriteText(&text); err != nil || !strings.Contains(text.String(), "3 cameras") || strings.Contains(text.String(), "delay") {
		t.Errorf("%v\n%s", err, text.String())
	}
}

func TestWebinarTellsWhyItCannotBe(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	server := startServer(t)
	tests := []struct {
		name   string
		change func(*Options)
		want   string
	}{
		{"no server", func(o *Options) { o.Server = "localhost" }, "not the URL"},
		{"no such group", func(o *Options) { o.Group = "nowhere" }, "404"},
		{"moved", func(o *Options) { o.Group = "moved" }, "elsewhere.example"},
		{"wrong password", func(o *Options) { o.Password = "wrong" }, "not authorised"},
		{"may not present", func(o *Options) { o.Username, o.Password = "eve", "pst" }, "not authorised"},
		{"a codec that the group has not", func(o *Options) { o.Group = "narrow" }, "refuses video/VP8"},
		{"too many", func(o *Options) { o.Group = "full" }, "too many users"},
		{"certificate", func(o *Options) { o.TLS = nil }, "certificate"},
		{"nobody there", func(o *Options) { o.Subscribers = 0 }, "at least one"},
		{"mode", func(o *Options) { o.Mode = "party" }, "unknown mode"},
		{"protocol", func(o *Options) { o.Protocol = "sip" }, "unknown protocol"},
		{"video", func(o *Options) { o.Video = "mjpeg" }, "unknown video"},
		{"no time", func(o *Options) { o.Duration = 0 }, "time to last"},
		{"less than no time", func(o *Options) { o.JoinInterval = -time.Second }, "less than no time"},
		{"alone in a meeting", func(o *Options) { o.Mode, o.Members = Meeting, 1 }, "two members"},
		{"films without cameras", func(o *Options) { o.Films = []*loadtest.Film{film(t)} }, "films"},
		{"cameras without films", func(o *Options) { o.Mode, o.Members = Cameras, 1 }, "films"},
		{"no cameras", func(o *Options) { o.Mode, o.Films = Cameras, []*loadtest.Film{film(t)} }, "one camera"},
		{"no storm", func(o *Options) { o.Mode = JoinStorm }, "join storm"},
		{"no Janus", func(o *Options) { o.Protocol = Janus }, "Janus"},
		{"bit rate", func(o *Options) { o.Bitrate = 1 }, "too few"},
		{"bit rate of nobody's camera", func(o *Options) { o.Bitrate = 1_000_000_000 }, "too many"},
		{"process", func(o *Options) { o.PID = -1 }, "CPU time"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			o := options(server)
			test.change(&o)
			if _, err := Run(t.Context(), o); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want something about %q", err, test.want)
			}
		})
	}
}

func TestWebinarEndsWhenItIsToldTo(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	o := options(startServer(t))
	o.Duration = time.Hour
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	o.Logger = slog.New(cancelWhenMeasuring{slog.DiscardHandler, cancel})
	if _, err := Run(ctx, o); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

// cancelWhenMeasuring is a log that ends the scenario in the midst of it.
type cancelWhenMeasuring struct {
	slog.Handler
	cancel func()
}

func (cancelWhenMeasuring) Enabled(context.Context, slog.Level) bool { return true }

func (c cancelWhenMeasuring) Handle(_ context.Context, r slog.Record) error {
	if r.Message == "measuring" {
		c.cancel()
	}
	return nil
}

func TestNoLoadIsPutOnAnotherServerThanTheOneNamed(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	other := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		t.Errorf("%s was asked for", r.URL)
	}))
	defer other.Close()
	for name, answer := range map[string]http.HandlerFunc{
		"endpoint": func(w http.ResponseWriter, _ *http.Request) {
			_ = json.NewEncoder(w).Encode(groupStatus{Endpoint: other.URL + "/ws"})
		},
		"HTTP redirect": func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, other.URL, http.StatusFound)
		},
	} {
		t.Run(name, func(t *testing.T) {
			server := httptest.NewServer(answer)
			defer server.Close()
			if _, err := Run(t.Context(), options(server.URL)); err == nil {
				t.Error("went on")
			}
		})
	}
}
