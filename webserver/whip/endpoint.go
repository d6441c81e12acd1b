package whip

import (
	"context"
	"errors"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strings"
	"time"

	"galene/group"
	"galene/rtpconn"
	"galene/rtpconn/sdpedit"
)

const (
	sdpType      = "application/sdp"
	fragmentType = "application/trickle-ice-sdpfrag"
	// maxBody is the largest body that is read, in bytes.
	maxBody = 1 << 20
	// bodyTimeout is how long it may take to arrive.
	bodyTimeout = 30 * time.Second
	// maxLabel is the longest label of a stream, in bytes.
	maxLabel = 128
	// retryAfter is when to come back to a group that is full, in seconds.
	retryAfter = "30"
)

// serveEndpoint answers a request for /group/NAME/.whip or .whep.
func (h *Handler) serveEndpoint(w http.ResponseWriter, r *http.Request, kind Kind, name string) {
	header := w.Header()
	switch r.Method {
	case http.MethodOptions:
		header.Set("Access-Control-Allow-Methods", "OPTIONS, POST")
		header.Set("Access-Control-Allow-Headers", "Authorization, Content-Type")
		header.Set("Access-Control-Expose-Headers", "Link")
		header.Set("Accept-Post", sdpType)
		addLinks(header, h.options.ICEServers(), h.mayOpen(r, kind, name))
		w.WriteHeader(http.StatusNoContent)
	case http.MethodPost:
		h.post(w, r, kind, name)
	default:
		header.Set("Allow", "OPTIONS, POST")
		http.Error(w, "method not allowed", http.StatusMethodNotAllowed)
	}
}

// mayOpen tells whether a request shows a token that opens a session. Who shows
// none is not let in anywhere, since preflights of browsers have none.
func (h *Handler) mayOpen(r *http.Request, kind Kind, name string) bool {
	c := kind.credentials(bearer(r), h.options.Address(r))
	if c.Token == "" {
		return false
	}
	m, err := h.options.Registry.Authenticate(r.Context(), name, c)
	return err == nil && (kind != Publishing || m.Has(group.PermissionPresent))
}

// post opens a session.
func (h *Handler) post(w http.ResponseWriter, r *http.Request, kind Kind, name string) {
	if _, err := h.options.Registry.Get(name); err != nil {
		h.refuse(w, r, kind, err)
		return
	}
	offer, ok := readBody(w, r, sdpType)
	if !ok {
		return
	}
	query := r.URL.Query()
	if len(query.Get("label")) > maxLabel {
		http.Error(w, "label is too long", http.StatusBadRequest)
		return
	}
	s := newSession(h, kind, r)
	answer, err := s.open(r.Context(), name, query, offer)
	if err != nil {
		h.refuse(w, r, kind, err)
		return
	}
	if !h.add(s) {
		s.leave()
		h.refuse(w, r, kind, group.ErrShuttingDown)
		return
	}
	location := url.URL{Path: h.options.Prefix(r) + "/group/" + name + "/" + string(kind) + "/" + s.secret}
	header := w.Header()
	header.Set("Location", location.EscapedPath())
	header.Set("Content-Type", sdpType)
	header.Set("ETag", s.tag)
	header.Set("Accept-Patch", fragmentType)
	header.Set("Access-Control-Expose-Headers", "Location, Content-Type, Link, ETag")
	addLinks(header, h.options.ICEServers(), true)
	w.WriteHeader(http.StatusCreated)
	// Who is gone will be noticed by ICE.
	_, _ = io.WriteString(w, answer)
}

// refuse answers a POST that opens no session.
func (h *Handler) refuse(w http.ResponseWriter, r *http.Request, kind Kind, err error) {
	header := w.Header()
	var redirect *group.RedirectError
	var refused *group.RefusedError
	var refusal *group.Error
	switch {
	case errors.Is(err, context.Canceled) && r.Context().Err() != nil:
		// Nobody is there any more.
	case errors.As(err, &redirect):
		if target, ok := elsewhere(redirect.URL, kind, r.URL.RawQuery); ok {
			header.Set("Location", target)
			http.Error(w, "this group is elsewhere", http.StatusTemporaryRedirect)
			return
		}
		http.Error(w, "this group is at "+redirect.URL, http.StatusForbidden)
	case errors.As(err, &refused):
		h.logger.Info("join refused", "path", r.URL.Path, "address", h.options.Address(r), "reason", refused.Reason)
		unauthorised(w, group.ErrNotAuthorised.Text)
	case errors.Is(err, group.ErrIllegalName), errors.Is(err, group.ErrNoSuchGroup):
		http.Error(w, err.Error(), http.StatusNotFound)
	case errors.Is(err, group.ErrTooManyUsers), errors.Is(err, group.ErrTooManyLogins), errors.Is(err, group.ErrShuttingDown):
		header.Set("Retry-After", retryAfter)
		http.Error(w, err.Error(), http.StatusServiceUnavailable)
	case errors.As(err, &refusal) && refusal.Code != "":
		// The name is missing, or somebody else's: another token is needed.
		unauthorised(w, refusal.Text)
	case errors.As(err, &refusal):
		http.Error(w, refusal.Text, http.StatusForbidden)
	case errors.Is(err, rtpconn.ErrNothingUsable):
		http.Error(w, err.Error(), http.StatusUnprocessableEntity)
	case errors.As(err, new(*offerError)):
		http.Error(w, err.Error(), http.StatusBadRequest)
	default:
		h.logger.Error("cannot open session", "path", r.URL.Path, "error", err)
		http.Error(w, "internal server error", http.StatusInternalServerError)
	}
}

// offerError is an offer that cannot be applied.
type offerError struct{ err error }

// Error implements error.
func (e *offerError) Error() string { return e.err.Error() }

// Unwrap returns the reason.
func (e *offerError) Unwrap() error { return e.err }

func unauthorised(w http.ResponseWriter, text string) {
	w.Header().Set("WWW-Authenticate", "Bearer")
	http.Error(w, text, http.StatusUnauthorized)
}

// elsewhere returns the endpoint of a group that has moved to a server like
// ours.
func elsewhere(address string, kind Kind, query string) (string, bool) {
	u, err := url.Parse(address)
	if err != nil || !strings.HasPrefix(u.Path, "/group/") || strings.Contains(u.Path, "/.") {
		return "", false
	}
	u.Path = strings.TrimRight(u.Path, "/") + "/" + string(kind)
	u.RawPath, u.RawQuery, u.Fragment = "", query, ""
	return u.String(), true
}

// usable tells whether an offer has a section that the session can make use of.
func usable(kind Kind, offer string, description *group.Description) bool {
	codecs := description.MediaCodecs()
	if kind == Playing {
		return len(sdpedit.Kinds(sdpedit.FilterPlayerOffer(offer, codecs))) > 0
	}
	return sdpedit.Sends(sdpedit.FilterOffer(offer, codecs))
}

// hasType tells whether the body of a request says that it is of a type,
// whatever its parameters.
func hasType(r *http.Request, want string) bool {
	got, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	return (err == nil || errors.Is(err, mime.ErrInvalidMediaParameter)) && got == want
}

// readBody reads the body of a request, which has to be of a type, or answers
// why that cannot be.
func readBody(w http.ResponseWriter, r *http.Request, want string) (string, bool) {
	if !hasType(r, want) {
		w.Header().Set("Accept", want)
		http.Error(w, "the body has to be "+want, http.StatusUnsupportedMediaType)
		return "", false
	}
	// A connection that knows no deadlines has none.
	_ = http.NewResponseController(w).SetReadDeadline(time.Now().Add(bodyTimeout))
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		http.Error(w, "the body is too large", http.StatusRequestEntityTooLarge)
		return "", false
	case err != nil:
		http.Error(w, "the body cannot be read", http.StatusBadRequest)
		return "", false
	}
	return string(body), true
}

// bearer returns the token that a request shows, "" if it shows none.
func bearer(r *http.Request) string {
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return ""
	}
	return strings.TrimSpace(token)
}
