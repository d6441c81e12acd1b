package webserver

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"galene/group"
	"galene/group/loglimit"
	"galene/rtpconn"
	"galene/webserver/api"
	"galene/webserver/certs"
	"galene/webserver/files"
	"galene/webserver/iceservers"
	"galene/webserver/metrics"
	"galene/webserver/nonblocking"
	"galene/webserver/recordings"
	"galene/webserver/whip"
	"galene/webserver/ws"
)

const (
	readHeaderTimeout = time.Minute
	idleTimeout       = 2 * time.Minute
	maxHeaderBytes    = 1 << 20
)

// Options are what a Server works with. Registry, Config and Static must be
// given; without an Engine there is no media.
type Options struct {
	// Address is host:port or :port to listen on, or the path of a Unix-domain
	// socket, which begins with a slash.
	Address string
	// Insecure means HTTP instead of HTTPS.
	Insecure bool
	// MetricsAddress is one more address, of the same form, to listen on for
	// requests of /metrics and /healthz: by HTTP and without a password; "" for
	// none.
	MetricsAddress string
	// DataDirectory is where cert.pem, key.pem and ice-servers.json may be.
	DataDirectory string
	// Recordings is the directory of recordings, which need not exist.
	Recordings string
	// Static is what is served to browsers. It holds galene.html, the page of
	// a group.
	Static fs.FS

	Registry *group.Registry
	Config   *group.ConfigFile
	Engine   *rtpconn.Engine
	// RelayOnly tells clients to use no other than relayed addresses.
	RelayOnly bool
	// ResumeGrace is how long members keep their seats when their connection
	// is lost: 0 means ws.DefaultGrace, a negative one not at all.
	ResumeGrace time.Duration
	// Version says which build this is, to those who have joined a group.
	Version string
	// Logger is slog.Default() when nil.
	Logger *slog.Logger
}

// Server is the web server.
type Server struct {
	options  Options
	logger   *slog.Logger
	static   *files.Handler
	branding *files.Handler
	sockets  *ws.Handler
	relays   *iceservers.File
	api      *api.Handler
	recorded *recordings.Handler
	sessions *whip.Handler
	metrics  http.Handler
	http     *http.Server
	listener net.Listener
	// schemes is about a proxy whose HTTPS the configuration does not know of.
	schemes loglimit.Limit
	// numbers is the server behind MetricsAddress, nil if there is none.
	numbers         *http.Server
	numbersListener net.Listener
}

// New makes a server and has it listen; it answers once Serve runs. An address
// that is in use is an error that wraps syscall.EADDRINUSE.
func New(o Options) (*Server, error) {
	if o.Logger == nil {
		o.Logger = slog.Default()
	}
	s := &Server{options: o, logger: o.Logger}
	s.static = files.NewHandler(o.Static, s.logger)
	branding := files.NewBranding(filepath.Join(o.DataDirectory, "static"))
	s.static.Branding = branding
	s.branding = files.NewHandler(branding, s.logger)
	s.static.Prefix = func(r *http.Request) string { return s.baseURL(r).Path }
	s.branding.Prefix = func(r *http.Request) string { return s.baseURL(r).Path + "/branding" }
	s.relays = iceservers.New(filepath.Join(o.DataDirectory, "ice-servers.json"), o.Logger)
	// Now is when the log is read, and not when the first visitor comes.
	s.relays.Servers(time.Now())
	s.sockets = ws.NewHandler(ws.Options{
		Registry: o.Registry, Config: o.Config, Engine: ws.MediaEngine{Engine: o.Engine},
		AllowOrigin: s.allowOrigin, ICEServers: s.iceServers, RelayOnly: o.RelayOnly, Grace: o.ResumeGrace, Version: o.Version, Logger: o.Logger,
	})
	s.api = api.NewHandler(api.Options{
		Registry: o.Registry, Config: o.Config, Stats: s.statistics,
		ClientAddress: s.clientAddress, AllowOrigin: s.allowAdminOrigin, NotFound: s.static.NotFound, Logger: o.Logger,
	})
	s.recorded = recordings.NewHandler(recordings.Options{
		Directory: o.Recordings, Registry: o.Registry, Prefix: s.static.Prefix, Branding: branding,
		ClientAddress: s.clientAddress, AllowOrigin: s.allowAdminOrigin, NotFound: s.static.NotFound, Logger: o.Logger,
	})
	s.sessions = whip.NewHandler(whip.Options{
		Registry: o.Registry, Engine: o.Engine, ShareWithOrigin: s.shareWithOrigin, ICEServers: s.iceServersOfEncoders,
		Prefix:  func(r *http.Request) string { return s.baseURL(r).Path },
		Address: s.clientAddress, Endpoint: s.clientEndpoint, Logger: o.Logger,
	})
	s.metrics = metrics.NewHandler(metrics.Options{
		Registry: o.Registry, Config: o.Config, Engine: o.Engine, Logger: o.Logger,
	})
	s.http = s.newHTTPServer(s.handler())
	listener, err := listen(o.Address)
	if err != nil {
		return nil, fmt.Errorf("listen on %s: %w", o.Address, err)
	}
	s.listener = nonblocking.Listener(listener)
	if o.MetricsAddress != "" {
		s.numbers = s.newHTTPServer(s.numbersHandler())
		if s.numbersListener, err = listen(o.MetricsAddress); err != nil {
			listener.Close()
			return nil, fmt.Errorf("listen on %s for metrics: %w", o.MetricsAddress, err)
		}
	}
	if !o.Insecure {
		source := certs.New(o.DataDirectory, o.Logger)
		// Now is when the log is read. A fault has been logged, and may have
		// been repaired when the first visitor comes.
		_, _ = source.Get(nil)
		s.http.TLSConfig = &tls.Config{MinVersion: tls.VersionTLS12, GetCertificate: source.Get}
	}
	return s, nil
}

func (s *Server) newHTTPServer(h http.Handler) *http.Server {
	return &http.Server{
		Handler:           h,
		ReadHeaderTimeout: readHeaderTimeout,
		IdleTimeout:       idleTimeout,
		MaxHeaderBytes:    maxHeaderBytes,
		ConnContext: func(ctx context.Context, c net.Conn) context.Context {
			if s.options.Config.Get().Shared(c.RemoteAddr().String()) {
				return ctx
			}
			return group.ContextWithConnection(ctx)
		},
		ErrorLog: newHTTPLog(s.logger),
	}
}

// Handler returns what answers requests, for tests that need no network.
func (s *Server) Handler() http.Handler { return s.http.Handler }

// Addr returns the address that the server listens on.
func (s *Server) Addr() net.Addr { return s.listener.Addr() }

// MetricsAddr returns the address that metrics are to be had at, nil if they
// have none of their own.
func (s *Server) MetricsAddr() net.Addr {
	if s.numbersListener == nil {
		return nil
	}
	return s.numbersListener.Addr()
}

// Serve answers requests until Shutdown is called; it then returns nil.
func (s *Server) Serve() error {
	if s.numbers == nil {
		return s.serve()
	}
	serving := make(chan error, 1)
	go func() { serving <- s.numbers.Serve(s.numbersListener) }()
	err := s.serve()
	// Whoever reads metrics does not keep the server from ending.
	s.numbers.Close()
	if numbersErr := <-serving; !errors.Is(numbersErr, http.ErrServerClosed) {
		err = errors.Join(err, numbersErr)
	}
	return err
}

func (s *Server) serve() error {
	var err error
	if s.options.Insecure {
		err = s.http.Serve(s.listener)
	} else {
		err = s.http.ServeTLS(s.listener, "", "")
	}
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return err
}

// Shutdown stops listening, waits for the requests in flight and for the
// clients to be gone, and returns when they are, or with ctx's error when it is
// done. Registry.Shutdown comes first, so that members are told why.
func (s *Server) Shutdown(ctx context.Context) error {
	// Sockets are not requests: the two kinds end side by side.
	requests := make(chan error, 1)
	go func() { requests <- s.http.Shutdown(ctx) }()
	err := errors.Join(s.sockets.Shutdown(ctx), s.sessions.Shutdown(ctx))
	if err := errors.Join(err, <-requests); err != nil {
		s.http.Close()
		return fmt.Errorf("shut down web server: %w", err)
	}
	return nil
}

func listen(address string) (net.Listener, error) {
	if !strings.HasPrefix(address, "/") {
		return net.Listen("tcp", address)
	}
	l, err := net.Listen("unix", address)
	if !errors.Is(err, syscall.EADDRINUSE) {
		return l, err
	}
	// Somebody may be there, or only have been.
	conn, dialErr := net.Dial("unix", address)
	if dialErr == nil {
		conn.Close()
		return nil, err
	}
	if !errors.Is(dialErr, syscall.ECONNREFUSED) {
		return nil, err
	}
	if err := os.Remove(address); err != nil {
		return nil, err
	}
	return net.Listen("unix", address)
}
