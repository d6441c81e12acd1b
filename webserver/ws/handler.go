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
	// RelayOnly tells clients to use no other than relayed addresses.
	RelayOnly bool
	// Logger is slog.Default() when nil.
	Logger *slog.Logger
}

// Handler accepts websockets and serves the clients behind them.
type Handler struct {
	options  Options
	upgrader websocket.Upgrader
	logger   *slog.Logger

	// stopping is cancelled by Shutdown.
	stopping context.Context
	stop     context.CancelFunc

	// mu guards closed, and with it that nothing is added to running once
	// Shutdown waits.
	mu      sync.Mutex
	closed  bool
	running sync.WaitGroup
}

// NewHandler returns a handler for one address of the server.
func NewHandler(o Options) *Handler {
	if o.Logger == nil {
		o.Logger = slog.Default()
	}
	if o.AllowOrigin == nil {
		o.AllowOrigin = func(*http.Request) bool { return true }
	}
	h := &Handler{options: o, logger: o.Logger}
	h.upgrader = websocket.Upgrader{
		HandshakeTimeout: upgradeTimeout,
		WriteBufferSize:  writeChunk,
		WriteBufferPool:  new(sync.Pool),
		CheckOrigin:      o.AllowOrigin,
	}
	h.stopping, h.stop = context.WithCancel(context.Background())
	return h
}

// ServeHTTP implements http.Handler; it returns when the client is gone.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h.mu.Lock()
	if h.closed {
		h.mu.Unlock()
		http.Error(w, group.ErrShuttingDown.Text, http.StatusServiceUnavailable)
		return
	}
	h.running.Add(1)
	h.mu.Unlock()
	defer h.running.Done()

	socket, err := h.upgrader.Upgrade(w, r, nil)
	if err != nil {
		// Upgrade has answered.
		h.logger.Debug("websocket refused", "address", r.RemoteAddr, "error", err)
		return
	}
	conn := newConn(socket)
	client := newClient(h, conn)
	seat := make(chan struct{})
	go func() {
		defer close(seat)
		client.run(h.stopping)
	}()
	conn.run()
	<-seat
}

// Shutdown says good-bye to the clients that are left and waits until all are
// gone, or ctx is done. Members of groups are told by Registry.Shutdown, which
// comes first.
func (h *Handler) Shutdown(ctx context.Context) error {
	h.mu.Lock()
	h.closed = true
	h.mu.Unlock()
	h.stop()
	done := make(chan struct{})
	go func() {
		h.running.Wait()
		close(done)
	}()
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
