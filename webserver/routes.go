package webserver

import (
	"net/http"
)

// handler returns the whole table of routes.
func (s *Server) handler() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("/", s.canonical(s.readOnly(s.static)))
	mux.Handle("/branding/", s.readOnly(http.StripPrefix("/branding", s.branding)))
	mux.Handle("/healthz", s.readOnly(http.HandlerFunc(serveHealth)))
	mux.Handle("/group", s.readOnly(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, s.baseURL(r).Path+"/group/", http.StatusTemporaryRedirect)
	})))
	mux.Handle("/group/", s.canonical(http.HandlerFunc(s.serveGroup)))
	mux.Handle("/public-groups.json", s.readOnly(http.HandlerFunc(s.servePublicGroups)))
	mux.Handle("/ws", s.sockets)
	mux.Handle("/stats.json", s.readOnly(http.HandlerFunc(s.serveStatistics)))
	mux.Handle("/metrics", s.readOnly(http.HandlerFunc(s.serveMetrics)))
	// The mux would send there, too, but forget the path of a proxy.
	for _, directory := range []string{"/branding", "/galene-api", "/recordings"} {
		mux.Handle(directory, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			s.redirect(w, r, directory+"/")
		}))
	}
	mux.Handle("/recordings/", s.canonical(s.recorded))
	mux.Handle("/galene-api/", s.api)
	return s.recovered(secured(plausible(s.clean(hinted(mux)))))
}

// numbersHandler returns the routes of the listener for metrics.
func (s *Server) numbersHandler() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("/metrics", s.readOnly(s.metrics))
	mux.Handle("/healthz", s.readOnly(http.HandlerFunc(serveHealth)))
	return s.recovered(mux)
}
