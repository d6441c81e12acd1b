package webserver

import (
	"io"
	"net/http"
)

// handler returns the whole table of routes.
func (s *Server) handler() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("/", s.canonical(s.readOnly(s.static)))
	mux.Handle("/healthz", s.readOnly(http.HandlerFunc(serveHealth)))
	mux.Handle("/group", s.readOnly(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, s.baseURL(r).Path+"/group/", http.StatusTemporaryRedirect)
	})))
	mux.Handle("/group/", s.canonical(http.HandlerFunc(s.serveGroup)))
	mux.Handle("/public-groups.json", s.readOnly(http.HandlerFunc(s.servePublicGroups)))
	mux.Handle("/ws", s.sockets)
	mux.Handle("/recordings/", http.HandlerFunc(s.static.NotFound))
	mux.Handle("/galene-api/", http.HandlerFunc(s.static.NotFound))
	return s.recovered(secured(plausible(mux)))
}

// numbersHandler returns the routes of the listener for metrics.
func (s *Server) numbersHandler() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("/metrics", s.readOnly(s.metrics))
	mux.Handle("/healthz", s.readOnly(http.HandlerFunc(serveHealth)))
	return s.recovered(mux)
}

// serveHealth says that the server answers. It is asked by programs, by any
// name of the server and without a password.
func serveHealth(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	// Who is gone cannot be told anything.
	_, _ = io.WriteString(w, "ok\n")
}
