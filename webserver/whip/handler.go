package whip

import (
	"context"
	"crypto/subtle"
	"log/slog"
	"net/http"
	"net/netip"
	"strings"
	"sync"

	"galene/group"
	"galene/rtpconn"
)

// Kind is what a session does; its text is the last part of the endpoint's
// path.
type Kind string

// The kinds of session.
const (
	// Publishing sends a stream to the group (WHIP).
	Publishing Kind = ".whip"
	// Playing receives a stream of the group (WHEP).
	Playing Kind = ".whep"
)

// credentials are those of a client that shows a token, or none.
func (k Kind) credentials(token string, address netip.Addr) group.Credentials {
	username := string(k[1:])
	return group.Credentials{Username: &username, Token: token, Address: address}
}

// ICEServer is a STUN or TURN server for the use of clients.
type ICEServer struct {
	URLs                 []string
	Username, Credential string
}

// Options are what a Handler works with. Registry and Engine must be given.
type Options struct {
	Registry *group.Registry
	Engine   *rtpconn.Engine
	// ICEServers returns what clients are told to use; nil means none.
	ICEServers func() []ICEServer
	// ShareWithOrigin sets the headers that let the pages of allowed origins
	// read the answer; nil means none.
	ShareWithOrigin func(http.ResponseWriter, *http.Request)
	// Prefix returns what stands before /group/ in the paths that clients see,
	// without a slash at its end; nil means nothing.
	Prefix func(*http.Request) string
	// Address returns where a client is, the zero value if that is not known.
	Address func(*http.Request) netip.Addr
	// Endpoint returns the same as text for operators, with the port if that is
	// known; nil means RemoteAddr.
	Endpoint func(*http.Request) string
	// Logger is slog.Default() when nil.
	Logger *slog.Logger
}

// Handler serves the endpoints and sessions of all groups.
type Handler struct {
	options Options
	logger  *slog.Logger

	// mu guards what follows, and with it that nothing is added to running
	// once Shutdown waits.
	mu       sync.Mutex
	closed   bool
	sessions map[string]*session
	running  sync.WaitGroup
}

// NewHandler returns a handler.
func NewHandler(o Options) *Handler {
	if o.Logger == nil {
		o.Logger = slog.Default()
	}
	if o.ICEServers == nil {
		o.ICEServers = func() []ICEServer { return nil }
	}
	if o.ShareWithOrigin == nil {
		o.ShareWithOrigin = func(http.ResponseWriter, *http.Request) {}
	}
	if o.Prefix == nil {
		o.Prefix = func(*http.Request) string { return "" }
	}
	if o.Address == nil {
		o.Address = func(*http.Request) netip.Addr { return netip.Addr{} }
	}
	if o.Endpoint == nil {
		o.Endpoint = func(r *http.Request) string { return r.RemoteAddr }
	}
	return &Handler{options: o, logger: o.Logger, sessions: make(map[string]*session)}
}

// Serve answers a request for the endpoint of a group, if rest is empty, or for
// the session that rest, which begins with a slash, names.
func (h *Handler) Serve(w http.ResponseWriter, r *http.Request, kind Kind, group, rest string) {
	h.options.ShareWithOrigin(w, r)
	w.Header().Set("Cache-Control", "no-store")
	if rest == "" {
		h.serveEndpoint(w, r, kind, group)
		return
	}
	s := h.find(strings.TrimPrefix(rest, "/"))
	if s == nil || s.kind != kind || s.group.Name() != group {
		noSuchSession(w)
		return
	}
	s.serve(w, r)
}

// add takes a session in and runs it, unless the handler is closed.
func (h *Handler) add(s *session) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closed {
		return false
	}
	h.sessions[s.secret] = s
	h.running.Go(s.run)
	return true
}

// find returns the session of a secret, nil if there is none: one that is ending
// is gone for those who ask, as it is for the group.
func (h *Handler) find(secret string) *session {
	h.mu.Lock()
	defer h.mu.Unlock()
	s := h.sessions[secret]
	if s == nil || s.isEnding() {
		return nil
	}
	return s
}

func (h *Handler) remove(s *session) {
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.sessions, s.secret)
}

// endPredecessor ends the session that the encoder behind s has most likely had
// before it lost its connection: one of the same token, address and label in
// the same group, whose connection is silent. Else the members would have the
// same picture twice, once frozen, until ICE gives up.
func (h *Handler) endPredecessor(s *session, name string) {
	if s.token == "" {
		return
	}
	h.mu.Lock()
	var old *session
	for _, o := range h.sessions {
		same := subtle.ConstantTimeCompare([]byte(o.token), []byte(s.token)) == 1
		if same && o.kind == s.kind && o.group.Name() == name && o.from == s.from && o.label == s.label && o.conn.Disconnected() {
			old = o
			break
		}
	}
	h.mu.Unlock()
	if old != nil {
		old.end()
		<-old.done
	}
}

// Shutdown ends all sessions and waits until they are gone, or until ctx is
// done, whose error it then returns.
func (h *Handler) Shutdown(ctx context.Context) error {
	h.mu.Lock()
	h.closed = true
	for _, s := range h.sessions {
		s.end()
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
		return ctx.Err()
	}
}
