package webserver

import (
	"errors"
	"io"
	"net/http"

	"galene/group"
	"galene/webserver/statistics"
)

// serveHealth says that the server answers. It is asked by programs, by any
// name of the server and without a password.
func serveHealth(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	// Who is gone cannot be told anything.
	_, _ = io.WriteString(w, "ok\n")
}

// serveStatistics answers administrators of the server with its statistics.
func (s *Server) serveStatistics(w http.ResponseWriter, r *http.Request) {
	if s.administrator(w, r, "stats") {
		s.writeJSON(w, s.statistics())
	}
}

func (s *Server) statistics() any {
	return statistics.Collect(s.options.Registry, s.options.Engine)
}

// serveMetrics answers administrators of the server with its metrics, if the
// configuration says so.
func (s *Server) serveMetrics(w http.ResponseWriter, r *http.Request) {
	if !s.options.Config.Get().Metrics {
		s.static.NotFound(w, r)
		return
	}
	if s.administrator(w, r, "metrics") {
		w.Header().Set("Cache-Control", "no-store")
		s.metrics.ServeHTTP(w, r)
	}
}

// administrator tells whether an administrator of the server makes the request,
// by name and password; if not, it answers the request.
func (s *Server) administrator(w http.ResponseWriter, r *http.Request, realm string) bool {
	var err error = group.ErrNotAuthorised
	if username, password, ok := r.BasicAuth(); ok {
		_, err = s.options.Registry.AuthenticateAdmin(r.Context(), group.AdminScope{}, group.Credentials{
			Username: &username, Password: password, Address: s.clientAddress(r),
		})
	}
	var refusal *group.Error
	switch {
	case err == nil:
		return true
	case errors.Is(err, group.ErrTooManyLogins):
		w.Header().Set("Retry-After", "1")
		http.Error(w, err.Error(), http.StatusServiceUnavailable)
	case errors.As(err, &refusal):
		w.Header().Set("WWW-Authenticate", `Basic realm="`+realm+`", charset="UTF-8"`)
		http.Error(w, "not authorised: sign in as an administrator of this server", http.StatusUnauthorized)
	default:
		s.logger.Error("cannot check an administrator", "error", err)
		internalError(w)
	}
	return false
}
