package ws

import (
	"context"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"galene/group"

	"github.com/gorilla/websocket"
)

// upgradeTimeout is how long the HTTP part may take.
const upgradeTimeout = 30 * time.Second

// Options are what a Handler works with.
type Options struct {
	Registry *group.Registry
	Config   *group.ConfigFile
	// Engine makes the connections that media take.
	Engine Engine
	// AllowOrigin tells whether a request may come from where it does; nil
	// means that it may.
	AllowOrigin func(*http.Request) bool
	// ICEServers returns the servers that clients are told to use, with
	// passwords that are good for a day; nil means none.
	ICEServers func() []ICEServer
	// RelayOnly tells clients to use no other than relayed addresses.
	RelayOnly bool
	// Grace is how long a client that has lost its socket, and knows how to
	// resume, keeps its seat: 0 means DefaultGrace, a negative one not at all.
	Grace time.Duration
	// Version says which build this is, to those who have joined and have asked
	// for it; "" says nothing.
	Version string
	// Logger is slog.Default() when nil.
	Logger *slog.Logger
}

// Handler accepts websockets and serves the clients behind them.
type Handler struct {
	options  Options
	upgrader websocket.Upgrader
	logger   *slog.Logger
	buffers  buffers
	refused  refused

	// seats are those of clients that know how to resume.
	seats *seats
	// spread is what clients have had others sent.
	spread *spreadLimits

	// stop is closed by Shutdown.
	stop chan struct{}

	// mu guards closed and conns, and with them that nothing is added to
	// running once Shutdown waits.
	mu      sync.Mutex
	closed  bool
	conns   map[*Conn]struct{}
	running sync.WaitGroup
}

// readBuffer is what a socket keeps for as long as somebody stays, in bytes; the
// buffer of HTTP, which would serve otherwise, is four times as large.
const readBuffer = 1024

// NewHandler returns a handler for one address of the server.
func NewHandler(o Options) *Handler {
	if o.Logger == nil {
		o.Logger = slog.Default()
	}
	if o.AllowOrigin == nil {
		o.AllowOrigin = func(*http.Request) bool { return true }
	}
	if o.Grace == 0 {
		o.Grace = DefaultGrace
	}
	h := &Handler{options: o, logger: o.Logger, seats: newSeats(), spread: newSpreadLimits(), stop: make(chan struct{}), conns: make(map[*Conn]struct{})}
	h.upgrader = websocket.Upgrader{
		HandshakeTimeout: upgradeTimeout,
		ReadBufferSize:   readBuffer,
		WriteBufferPool:  new(sync.Pool),
		CheckOrigin:      o.AllowOrigin,
	}
	return h
}

// ServeHTTP implements http.Handler. It returns as soon as the socket is open, so
// that the buffers, the request and the stack of HTTP are not kept for as long as
// somebody stays; Shutdown waits for the goroutines that it starts.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !h.enter() {
		http.Error(w, group.ErrShuttingDown.Text, http.StatusServiceUnavailable)
		return
	}
	defer h.running.Done()
	hijacker := &batchHijacker{ResponseWriter: w, buffers: &h.buffers}
	socket, err := h.upgrader.Upgrade(hijacker, r, nil)
	if err != nil {
		// Upgrade has answered.
		h.refused.log(h.logger, r, h.options.AllowOrigin(r), err)
		return
	}
	// A proxy knows better where the client is.
	address := h.options.Config.Get().ClientEndpoint(r.RemoteAddr, r.Header.Values("X-Forwarded-For"))
	conn := newConn(socket, hijacker.conn, address, h.spread.limit(addressOf(address)))
	h.keep(conn)
	client := newClient(h, conn)
	// The seat may outlive this socket; Shutdown waits for it.
	ctx := group.ContextWithSoftware(group.ContextWithConnection(context.Background()), r.Header)
	h.running.Go(func() { client.run(ctx) })
	h.running.Go(func() {
		defer h.forget(conn)
		conn.run()
	})
}

// enter counts one more request, unless the handler is closed.
func (h *Handler) enter() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closed {
		return false
	}
	h.running.Add(1)
	return true
}

func (h *Handler) keep(c *Conn) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.conns[c] = struct{}{}
}

func (h *Handler) forget(c *Conn) {
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.conns, c)
}

// Shutdown says good-bye to the clients that are left and waits until all are
// gone; those that are not when ctx is done are cut off, and its error is
// returned. Members of groups are told by Registry.Shutdown, which comes first.
func (h *Handler) Shutdown(ctx context.Context) error {
	h.mu.Lock()
	if !h.closed {
		h.closed = true
		close(h.stop)
	}
	h.mu.Unlock()
	done := make(chan struct{})
	go func() {
		h.running.Wait()
		close(done)
	}()
	select {
	case <-done:
		return nil
	case <-ctx.Done():
	}
	h.mu.Lock()
	for c := range h.conns {
		c.drop()
	}
	h.mu.Unlock()
	<-done
	return ctx.Err()
}
