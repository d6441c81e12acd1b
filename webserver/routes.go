package webserver

import (
	"net/http"
)

// handler returns the whole table of routes.
func (s *Server) handler() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("/", s.canonical(s.readOnly(s.static)))
	mux.Handle("/group", http.RedirectHandler("/group/", http.StatusTemporaryRedirect))
	mux.Handle("/group/", s.canonical(http.HandlerFunc(s.serveGroup)))
	mux.Handle("/public-groups.json", s.readOnly(http.HandlerFunc(s.servePublicGroups)))
	mux.Handle("/ws", s.sockets)
	mux.Handle("/recordings/", http.HandlerFunc(s.static.NotFound))
	mux.Handle("/galene-api/", http.HandlerFunc(s.static.NotFound))
	return s.recovered(secured(plausible(mux)))
}
