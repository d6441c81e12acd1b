package webserver

import (
	"log/slog"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"time"

	"galene/group"
)

// allowOrigin tells whether the page that makes the request may: it is ours, or
// the configuration allows its origin.
func (s *Server) allowOrigin(r *http.Request) bool {
	origin := r.Header.Get("Origin")
	if origin == "" {
		return true
	}
	config := s.options.Config.Get()
	s.compareScheme(r, origin)
	return config.PublicServer || ownOrigin(r, origin, config) || contains(config.AllowOrigin, origin)
}

// compareScheme logs that a page of ours has come by HTTPS, which a proxy does, while
// all that is said of the address of the server begins with http: proxyURL is missing.
func (s *Server) compareScheme(r *http.Request, origin string) {
	u, err := url.Parse(origin)
	if err != nil || u.Scheme != "https" || !strings.EqualFold(u.Host, r.Host) || s.baseURL(r).Scheme == "https" {
		return
	}
	s.logger.Log(r.Context(), s.schemes.Level(slog.LevelWarn, time.Now()),
		"a proxy offers this server by https, and the links that it makes begin with http: say where it is as proxyURL in data/config.json",
		"proxyURL", origin+"/")
}

// allowAdminOrigin tells the same of the pages by which one administers: a
// public server is not one that anybody's page may administer.
func (s *Server) allowAdminOrigin(r *http.Request) bool {
	origin := r.Header.Get("Origin")
	config := s.options.Config.Get()
	return origin == "" || ownOrigin(r, origin, config) || contains(config.AllowAdminOrigin, origin)
}

func contains(origins []string, origin string) bool {
	return slices.ContainsFunc(origins, func(o string) bool { return strings.EqualFold(o, origin) })
}

// clientAddress returns who makes a request, the zero value if that cannot be
// known.
func (s *Server) clientAddress(r *http.Request) netip.Addr {
	return s.options.Config.Get().ClientAddress(r.RemoteAddr, r.Header.Values("X-Forwarded-For"))
}

// clientEndpoint returns the same for operators.
func (s *Server) clientEndpoint(r *http.Request) string {
	return s.options.Config.Get().ClientEndpoint(r.RemoteAddr, r.Header.Values("X-Forwarded-For"))
}

func ownOrigin(r *http.Request, origin string, c *group.Config) bool {
	u, err := url.Parse(origin)
	if err != nil || u.Host == "" {
		return false
	}
	if strings.EqualFold(u.Host, r.Host) {
		return true
	}
	// A proxy may have put another name into the request.
	proxy, err := url.Parse(c.ProxyURL)
	return err == nil && proxy.Host != "" && strings.EqualFold(u.Host, proxy.Host)
}

// shareWithOrigin lets the page of another origin, if it is allowed, read the
// answer.
func (s *Server) shareWithOrigin(w http.ResponseWriter, r *http.Request) {
	w.Header().Add("Vary", "Origin")
	origin := r.Header.Get("Origin")
	switch {
	case origin == "" || !s.allowOrigin(r):
	case s.options.Config.Get().PublicServer:
		w.Header().Set("Access-Control-Allow-Origin", "*")
	default:
		w.Header().Set("Access-Control-Allow-Origin", origin)
	}
}

// baseURL returns the address by which clients reach the server, without a
// slash at its end: as the request has it, but for what the configured address
// of the proxy says.
func (s *Server) baseURL(r *http.Request) *url.URL {
	base := &url.URL{Scheme: "http", Host: r.Host}
	if r.TLS != nil {
		base.Scheme = "https"
	}
	proxy, err := url.Parse(s.options.Config.Get().ProxyURL)
	if err != nil {
		return base
	}
	if proxy.Scheme != "" {
		base.Scheme = proxy.Scheme
	}
	if proxy.Host != "" {
		base.Host = proxy.Host
	}
	base.Path = strings.TrimRight(proxy.Path, "/")
	return base
}
