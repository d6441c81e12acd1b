package webserver

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"

	"galene/group"
	"galene/webserver/whip"
)

// groupPage is the file that is the page of every group.
const groupPage = "galene.html"

// scanPatience is how long the list of public groups waits for a look at the
// group files.
const scanPatience = time.Second

// splitVerb splits a path below /group/ at the first component that begins with
// a dot: "/group/a/.x/y" is the object "/group/a/", the kind ".x" and the rest
// "/y". Without such a component, kind is "".
func splitVerb(path string) (object, kind, rest string) {
	i := strings.Index(path, "/.")
	if i < 0 {
		return path, "", ""
	}
	object, kind = path[:i+1], path[i+1:]
	if j := strings.IndexByte(kind, '/'); j >= 0 {
		kind, rest = kind[:j], kind[j:]
	}
	return object, kind, rest
}

// serveGroup serves everything below /group/.
func (s *Server) serveGroup(w http.ResponseWriter, r *http.Request) {
	object, kind, rest := splitVerb(r.URL.Path)
	name := group.NameFromPath(object)
	if kind == ".status" || kind == ".status.json" {
		// Also where there is none, which is an answer as well.
		s.shareWithOrigin(w, r)
	}
	switch {
	case name == "":
		s.static.NotFound(w, r)
	case kind == "":
		s.readOnly(s.groupHandler(name, s.serveGroupPage)).ServeHTTP(w, r)
	case kind == ".status" && rest == "":
		s.readOnly(s.groupHandler(name, s.serveStatus)).ServeHTTP(w, r)
	case kind == ".status.json" && rest == "":
		s.redirect(w, r, "/group/"+name+"/.status")
	case kind == string(whip.Publishing) || kind == string(whip.Playing):
		s.sessions.Serve(w, r, whip.Kind(kind), name, rest)
	default:
		s.static.NotFound(w, r)
	}
}

// groupHandler finds the group and hands it to next.
func (s *Server) groupHandler(name string, next func(http.ResponseWriter, *http.Request, *group.Group)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		g, err := s.options.Registry.Get(name)
		var refusal *group.Error
		switch {
		case err == nil:
			next(w, r, g)
		case errors.Is(err, group.ErrShuttingDown):
			http.Error(w, err.Error(), http.StatusServiceUnavailable)
		case errors.As(err, &refusal):
			s.static.NotFound(w, r)
		default:
			// The registry has logged it.
			s.serveUnreadable(w, r, name)
		}
	})
}

// serveUnreadable answers for a group whose file cannot be read. Who opens its
// page in a browser gets that: it asks for the status, and says what is wrong.
func (s *Server) serveUnreadable(w http.ResponseWriter, r *http.Request, name string) {
	_, kind, _ := splitVerb(r.URL.Path)
	if kind != "" || r.Header.Get("Sec-Fetch-Dest") != "document" {
		internalError(w)
		return
	}
	if path := "/group/" + name + "/"; r.URL.Path != path {
		s.redirect(w, r, path)
		return
	}
	if !s.static.ServeFailure(w, r, groupPage, http.StatusInternalServerError) {
		internalError(w)
	}
}

func (s *Server) serveGroupPage(w http.ResponseWriter, r *http.Request, g *group.Group) {
	if path := "/group/" + g.Name() + "/"; r.URL.Path != path {
		s.redirect(w, r, path)
		return
	}
	d := g.Description()
	if d.Redirect != "" {
		// Else browsers would not notice when the administrator removes it.
		w.Header().Set("Cache-Control", "no-cache")
		http.Redirect(w, r, d.Redirect, http.StatusPermanentRedirect)
		return
	}
	connect := ""
	if origin := originOf(d.AuthServer); origin != "" {
		connect = origin + " "
	}
	w.Header().Set("Content-Security-Policy", blurringPolicy(connect))
	s.static.ServeFile(w, r, groupPage)
}

// originOf returns the origin of a URL of the administrator's, "" if it has
// none or one that could mean something else in a policy.
func originOf(address string) string {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" {
		return ""
	}
	if strings.ContainsAny(u.Host, "; ,'\"*") {
		return ""
	}
	return u.Scheme + "://" + u.Host
}

func (s *Server) serveStatus(w http.ResponseWriter, r *http.Request, g *group.Group) {
	s.writeJSON(w, s.located(r, g.PublicStatus()))
}

// servePublicGroups lists the public groups.
func (s *Server) servePublicGroups(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), scanPatience)
	defer cancel()
	list := s.options.Registry.Public(ctx)
	for i := range list {
		list[i] = s.located(r, list[i])
	}
	s.shareWithOrigin(w, r)
	s.writeJSON(w, list)
}

// located adds to a status where the group and its websocket are, unless the
// group is elsewhere.
func (s *Server) located(r *http.Request, status group.Status) group.Status {
	if status.Redirect != "" {
		return status
	}
	base := s.baseURL(r)
	location := *base
	location.Path += "/group/" + status.Name + "/"
	status.Location = location.String()
	endpoint := *base
	endpoint.Path += "/ws"
	endpoint.Scheme = "wss"
	if base.Scheme == "http" {
		endpoint.Scheme = "ws"
	}
	status.Endpoint = endpoint.String()
	return status
}

func (s *Server) writeJSON(w http.ResponseWriter, v any) {
	data, err := json.Marshal(v)
	if err != nil {
		s.logger.Error("cannot encode answer", "error", err)
		internalError(w)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-cache")
	// Who is gone cannot be told anything.
	_, _ = w.Write(append(data, '\n'))
}
