package api

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"strings"

	"galene/group"
)

// refusal is an error that the client is told.
type refusal struct {
	status int
	text   string
}

// Error implements error.
func (e *refusal) Error() string { return e.text }

func badRequest(text string) error { return &refusal{http.StatusBadRequest, text} }

var (
	errUnauthenticated = &refusal{http.StatusUnauthorized, "not authorised: wrong credentials, or not those of an administrator"}
	errReadOnly        = &refusal{http.StatusUnauthorized, "not authorised: the server's config.json does not say writableGroups"}
	errForged          = &refusal{http.StatusForbidden, "requests with a password from this origin are not allowed"}
	errNoPage          = &refusal{http.StatusNotFound, "not found"}
	errMethod          = &refusal{http.StatusMethodNotAllowed, "method not allowed"}
	errPrecondition    = &refusal{http.StatusPreconditionFailed, "precondition failed: it has changed since, or is not there, or is there already"}
	errTooLarge        = &refusal{http.StatusRequestEntityTooLarge, "Request body too large"}
	errOtherGroup      = &refusal{http.StatusConflict, "token exists in different group"}
)

// realm is what browsers remember a password for.
const realm = `Basic realm="/galene-api/", charset="UTF-8"`

// answerError tells the client what is wrong.
func (h *Handler) answerError(q *request, err error) {
	var r *refusal
	var input *group.InputError
	switch {
	case errors.As(err, &r):
	case errors.As(err, &input):
		r = &refusal{http.StatusBadRequest, input.Error()}
	case errors.Is(err, group.ErrIllegalName):
		r = &refusal{http.StatusBadRequest, "illegal group name"}
	case errors.Is(err, group.ErrTagMismatch):
		r = errPrecondition
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, group.ErrNoSuchGroup):
		r = errNoPage
	case errors.Is(err, group.ErrReadOnly):
		r = errReadOnly
	case errors.Is(err, group.ErrTooManyLogins):
		q.w.Header().Set("Retry-After", "1")
		r = &refusal{http.StatusServiceUnavailable, err.Error()}
	case errors.Is(err, group.ErrShuttingDown), errors.Is(err, context.Canceled):
		r = &refusal{http.StatusServiceUnavailable, "server is shutting down"}
	default:
		h.Logger.Error("administration failed", "method", q.Method, "path", loggable(q.URL.Path), "error", err)
		r = &refusal{http.StatusInternalServerError, cmp.Or(group.StorageFault(err), mistake(q.by, err), "Internal server error")}
	}
	if r == errUnauthenticated {
		q.w.Header().Set("WWW-Authenticate", realm)
	}
	if r == errNoPage && !wantsJSON(q.Request) {
		h.NotFound(q.w, q.Request)
		return
	}
	fail(q.w, q.Request, r.status, r.text)
}

// mistake returns what is wrong with a group file, and where, to an administrator, who
// can mend it; "" to everybody else, and for every other error.
func mistake(by administrator, err error) string {
	var decode *group.DecodeError
	if by == (administrator{}) || by.self || !errors.As(err, &decode) {
		return ""
	}
	return fmt.Sprintf("the file of this group has a mistake at line %d, column %d: %v", decode.Line, decode.Column, decode.Err)
}

// loggable returns a path without the name of a token, which is a secret.
func loggable(path string) string {
	if before, _, ok := strings.Cut(path, "/.tokens/"); ok {
		return before + "/.tokens/…"
	}
	return path
}

// wantsJSON tells whether the client asks for JSON by name.
func wantsJSON(r *http.Request) bool {
	return strings.Contains(strings.ToLower(strings.Join(r.Header.Values("Accept"), ",")), "application/json")
}

// fail answers with an error, as JSON if the client asks for it, else as text.
func fail(w http.ResponseWriter, r *http.Request, status int, text string) {
	header := w.Header()
	for _, name := range []string{"ETag", "Cache-Control"} {
		header.Del(name)
	}
	if !wantsJSON(r) {
		http.Error(w, text, status)
		return
	}
	header.Set("Content-Type", "application/json")
	header.Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(status)
	// Who is gone cannot be told anything.
	_ = json.NewEncoder(w).Encode(struct {
		Status int    `json:"status"`
		Error  string `json:"error"`
	}{status, text})
}
