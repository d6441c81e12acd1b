package api

import (
	"log/slog"
	"net/http"
	"net/netip"
	"strings"

	"galene/group"
)

// prefix is where the interface begins.
const prefix = "/galene-api/v0/"

// Options are what a Handler works with. All but Logger must be given.
type Options struct {
	Registry *group.Registry
	Config   *group.ConfigFile
	// Stats returns the statistics, which are encoded as JSON.
	Stats func() any
	// ClientAddress returns who makes a request.
	ClientAddress func(*http.Request) netip.Addr
	// AllowOrigin tells whether the page that makes a request may.
	AllowOrigin func(*http.Request) bool
	// NotFound answers that there is nothing, with a page.
	NotFound http.HandlerFunc
	// Logger is slog.Default() when nil.
	Logger *slog.Logger
}

// Handler serves the interface.
type Handler struct {
	Options
}

// NewHandler returns a handler for everything below /galene-api/.
func NewHandler(o Options) *Handler {
	if o.Logger == nil {
		o.Logger = slog.Default()
	}
	return &Handler{o}
}

// request is a request that is being answered.
type request struct {
	*http.Request
	w http.ResponseWriter
	// by is who makes it.
	by administrator
}

// level is what a resource asks of whoever uses it.
type level int

const (
	// serverLevel is for administrators of the server.
	serverLevel level = iota
	// groupLevel is for those of the group as well.
	groupLevel
	// userLevel is for the user concerned as well.
	userLevel
)

// resource is what a path names.
type resource struct {
	level level
	// group and user are those of the path, for the levels that need them.
	group, user string
	// methods are those there are; nil means that there is no such thing.
	methods map[string]func(*request) error
	// guarded methods write group files, which must be allowed.
	guarded bool
}

// allow lists the methods for headers.
func (res resource) allow() string {
	list := []string{http.MethodOptions}
	for _, m := range []string{http.MethodHead, http.MethodGet, http.MethodPut, http.MethodPost, http.MethodDelete} {
		known := m
		if m == http.MethodHead {
			known = http.MethodGet
		}
		if res.methods[known] != nil {
			list = append(list, m)
		}
	}
	return strings.Join(list, ", ")
}

// ServeHTTP implements http.Handler.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	path, ok := strings.CutPrefix(r.URL.Path, prefix)
	if ok && path == "openapi.json" {
		h.serveDescription(w, r)
		return
	}
	res, ok := h.route(path, ok)
	h.share(w, r)
	if !ok {
		fail(w, r, http.StatusNotFound, "there is no such resource")
		return
	}
	if r.Method == http.MethodOptions && res.methods != nil {
		header := w.Header()
		header.Set("Allow", res.allow())
		header.Set("Access-Control-Allow-Methods", res.allow())
		header.Set("Access-Control-Allow-Headers", "Authorization, Content-Type, If-Match, If-None-Match")
		return
	}
	q := &request{Request: r, w: w}
	if err := h.serve(q, res); err != nil {
		h.answerError(q, err)
	}
}

// serve answers a request, unless there is an error.
func (h *Handler) serve(q *request, res resource) (err error) {
	if h.forged(q.Request) {
		return errForged
	}
	if q.by, err = h.authenticate(q.Request, res); err != nil {
		return err
	}
	if res.methods == nil {
		return errNoPage
	}
	method := q.Method
	if method == http.MethodHead {
		method = http.MethodGet
	}
	f := res.methods[method]
	if f == nil {
		q.w.Header().Set("Allow", res.allow())
		return errMethod
	}
	if res.guarded && method != http.MethodGet && !h.Config.Get().WritableGroups {
		return errReadOnly
	}
	return f(q)
}

// share lets the pages of other origins, if they are allowed, read the answer.
func (h *Handler) share(w http.ResponseWriter, r *http.Request) {
	header := w.Header()
	header.Add("Vary", "Origin")
	origin := r.Header.Get("Origin")
	if origin == "" || !h.AllowOrigin(r) {
		return
	}
	header.Set("Access-Control-Allow-Origin", origin)
	header.Set("Access-Control-Expose-Headers", "ETag, Location")
}

// forged tells whether another site has a browser send the credentials that it
// remembers.
func (h *Handler) forged(r *http.Request) bool {
	if r.Method == http.MethodGet || r.Method == http.MethodHead {
		return false
	}
	_, _, basic := r.BasicAuth()
	return basic && !h.AllowOrigin(r)
}
