package webserver

import (
	"net/http"
	"net/url"
	"path"
	"runtime/debug"
	"strings"

	"galene/group"
)

// filterWorker is the script of the worker that blurs backgrounds. A worker
// is bound by the policy of its own script (CSP level 3, section 4.2).
const filterWorker = "/app/filters/worker.js"

// contentSecurityPolicy is what pages of ours may do.
func contentSecurityPolicy() string {
	return policy("", "")
}

// blurringPolicy is what the page of a group and its worker may do: they run
// WebAssembly, too. connect names more origins to connect to, each followed by
// a space.
func blurringPolicy(connect string) string {
	return policy(connect, "'wasm-unsafe-eval' ")
}

func policy(connect, script string) string {
	return "connect-src " + connect + "ws: wss: 'self'; img-src 'self'; media-src blob: 'self'; " +
		"script-src " + script + "'self'; default-src 'self'"
}

// secured sets the headers that bind every page.
func secured(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		if r.URL.Path == filterWorker {
			h.Set("Content-Security-Policy", blurringPolicy(""))
		} else {
			h.Set("Content-Security-Policy", contentSecurityPolicy())
		}
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("X-Content-Type-Options", "nosniff")
		// Only pages ask for devices, and a call loads a hundred modules.
		if extension := path.Ext(r.URL.Path); extension != ".js" && extension != ".css" {
			h.Set("Permissions-Policy", "camera=(self), microphone=(self), display-capture=(self)")
		}
		next.ServeHTTP(w, r)
	})
}

// hinted tells logins what kind of software makes the request.
func hinted(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		next.ServeHTTP(w, r.WithContext(group.ContextWithSoftware(r.Context(), r.Header)))
	})
}

// plausible refuses paths that nothing can have.
func plausible(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		bad := strings.ContainsFunc(r.URL.Path, func(c rune) bool { return c < 0x20 || c == 0x7f || c == '\\' })
		if bad {
			http.Error(w, "bad path", http.StatusBadRequest)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// clean sends visitors whose path has dots or empty components to the path that it
// means, as a ServeMux would, which knows nothing of the path of a proxy and escapes
// what is escaped.
func (s *Server) clean(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		escaped := r.URL.EscapedPath()
		cleaned := path.Clean("/" + escaped)
		if strings.HasSuffix(escaped, "/") && cleaned != "/" {
			cleaned += "/"
		}
		if cleaned == escaped {
			next.ServeHTTP(w, r)
			return
		}
		http.Redirect(w, r, s.outside(r, cleaned), http.StatusTemporaryRedirect)
	})
}

// recovered answers 500 when a handler panics.
func (s *Server) recovered(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			p := recover()
			if p == nil {
				return
			}
			if p == http.ErrAbortHandler {
				panic(p)
			}
			s.logger.Error("panic", "method", r.Method, "path", r.URL.Path, "panic", p, "stack", string(debug.Stack()))
			internalError(w)
		}()
		next.ServeHTTP(w, r)
	})
}

// readOnly refuses methods other than GET and HEAD.
func (s *Server) readOnly(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			w.Header().Set("Allow", "GET, HEAD")
			http.Error(w, "method not allowed", http.StatusMethodNotAllowed)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// canonical sends visitors who came by another name of the server to its
// canonical one.
func (s *Server) canonical(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		host := s.options.Config.Get().CanonicalHost
		if host == "" || strings.EqualFold(host, r.Host) {
			next.ServeHTTP(w, r)
			return
		}
		server := url.URL{Scheme: "https", Host: host}
		status := http.StatusMovedPermanently
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			// Unlike 301, which turns every method into GET.
			status = http.StatusPermanentRedirect
		}
		http.Redirect(w, r, server.String()+s.outside(r, r.URL.EscapedPath()), status)
	})
}

// redirect sends the visitor to another path of this server, with the same
// query.
func (s *Server) redirect(w http.ResponseWriter, r *http.Request, path string) {
	u := url.URL{Path: path}
	http.Redirect(w, r, s.outside(r, u.EscapedPath()), http.StatusPermanentRedirect)
}

// outside returns what clients have to ask for to get to an escaped path of this
// server, with the query of the request.
func (s *Server) outside(r *http.Request, escaped string) string {
	prefix := url.URL{Path: s.baseURL(r).Path}
	address := prefix.EscapedPath() + escaped
	if r.URL.RawQuery != "" {
		address += "?" + r.URL.RawQuery
	}
	return address
}

func internalError(w http.ResponseWriter) {
	http.Error(w, "Internal server error", http.StatusInternalServerError)
}
