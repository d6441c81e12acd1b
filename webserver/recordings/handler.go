// Package recordings serves the directory of recordings: to those who may
// record in a group, what has been recorded there. It lists, sends and deletes
// files and knows nothing of how they come about.
package recordings

import (
	"errors"
	"io/fs"
	"log/slog"
	"net/http"
	"net/netip"
	"net/url"
	"os"
	"path"
	"strings"

	"galene/group"
	"galene/webserver/files"
)

// prefix is where the addresses begin.
const prefix = "/recordings/"

// maxForm is the largest form, in bytes.
const maxForm = 1 << 20

// Options are what a Handler works with. All but Branding and Logger must be given.
type Options struct {
	// Directory holds a directory for each group; it need not exist.
	Directory string
	Registry  *group.Registry
	// ClientAddress returns who makes a request.
	ClientAddress func(*http.Request) netip.Addr
	// AllowOrigin tells whether the page that makes a request may.
	AllowOrigin func(*http.Request) bool
	// Prefix returns the path at which a proxy offers the server to whoever
	// makes a request, without a slash at its end.
	Prefix func(*http.Request) string
	// Branding is what pages are changed by.
	Branding *files.Branding
	// NotFound answers that there is nothing, with a page.
	NotFound http.HandlerFunc
	// Logger is slog.Default() when nil.
	Logger *slog.Logger
}

// Handler serves everything below /recordings/.
type Handler struct {
	Options
}

// NewHandler returns a handler.
func NewHandler(o Options) *Handler {
	if o.Logger == nil {
		o.Logger = slog.Default()
	}
	return &Handler{o}
}

// target is what a path names.
type target struct {
	// group is whose recordings they are, file the name of one, "" for all.
	group, file string
	// realm is the group that browsers are told to remember a password for.
	realm string
}

// ServeHTTP implements http.Handler.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	root, err := os.OpenRoot(h.Directory)
	if errors.Is(err, fs.ErrNotExist) {
		root = nil
	} else if err != nil {
		h.Logger.Error("cannot open recordings", "path", h.Directory, "error", err)
		http.Error(w, "Internal server error", http.StatusInternalServerError)
		return
	}
	if root != nil {
		defer root.Close()
	}
	t, ok := resolve(root, strings.TrimPrefix(r.URL.Path, prefix))
	switch {
	case !ok:
		http.Error(w, "Bad group name", http.StatusBadRequest)
	case r.Method == http.MethodPost && h.forged(r):
		http.Error(w, "this page may not be used from another site", http.StatusForbidden)
	default:
		h.ifAuthorised(w, r, root, t)
	}
}

// ifAuthorised answers who may record in the group, and refuses everybody else.
func (h *Handler) ifAuthorised(w http.ResponseWriter, r *http.Request, root *os.Root, t target) {
	authorised, err := h.authorised(r, t.group)
	switch {
	case err != nil:
		w.Header().Set("Retry-After", "1")
		http.Error(w, err.Error(), http.StatusServiceUnavailable)
	case !authorised:
		w.Header().Set("WWW-Authenticate", `Basic realm="`+realm(t.realm)+`", charset="UTF-8"`)
		w.Header().Set("Cache-Control", "no-store")
		h.refuse(w, r)
	case root == nil && t.file != "":
		h.NotFound(w, r)
	default:
		h.serve(w, r, root, t)
	}
}

// refuse says to a person on a page, and to a program in a line, who may see
// recordings. The page is what a browser shows when nobody signs in.
func (h *Handler) refuse(w http.ResponseWriter, r *http.Request) {
	if !strings.Contains(r.Header.Get("Accept"), "text/html") {
		http.Error(w, "not authorised: sign in as somebody who may record in this group", http.StatusUnauthorized)
		return
	}
	h.servePage(w, r, http.StatusUnauthorized, refusedTemplate, h.emptyListing(r))
}

// resolve finds the group and the file that a path names. Whether there is
// anything does not matter, but for telling a directory without a slash at its
// end from a file.
func resolve(root *os.Root, name string) (target, bool) {
	if directory, ok := strings.CutSuffix(name, "/"); ok {
		return target{group: directory, realm: directory}, group.ValidName(directory)
	}
	if !group.ValidName(name) {
		return target{}, false
	}
	directory, file := path.Split(name)
	directory = strings.TrimSuffix(directory, "/")
	info := stat(root, name)
	switch {
	case directory == "" && info != nil && !info.IsDir():
		return target{}, false
	case directory == "":
		return target{group: name, realm: name}, true
	case info != nil && info.IsDir():
		// The realm is the same as if it were a file.
		return target{group: name, realm: directory}, true
	}
	return target{group: directory, file: file, realm: directory}, true
}

// stat returns nil where there is nothing that can be served.
func stat(root *os.Root, name string) fs.FileInfo {
	if root == nil {
		return nil
	}
	info, err := root.Stat(name)
	if err != nil {
		return nil
	}
	return info
}

// realm makes the name of a group fit to stand in quotes in a header.
func realm(name string) string {
	return "recordings/" + strings.NewReplacer(`"`, "'", `\`, "/").Replace(name)
}

// forged tells whether another site has a browser send the credentials that it
// remembers. Scripts send neither header.
func (h *Handler) forged(r *http.Request) bool {
	switch r.Header.Get("Sec-Fetch-Site") {
	case "cross-site", "same-site":
		return true
	case "same-origin":
		// The browser vouches for a form whose page keeps its address to
		// itself, as the referrer policy of ours says.
		if r.Header.Get("Origin") == "null" {
			return false
		}
	}
	return !h.AllowOrigin(r)
}

// authorised tells whether whoever makes the request may record in the group. The
// only error is group.ErrTooManyLogins.
func (h *Handler) authorised(r *http.Request, name string) (bool, error) {
	c := group.Credentials{Address: h.ClientAddress(r)}
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	username, password, basic := r.BasicAuth()
	switch {
	case basic:
		c.Username, c.Password = &username, password
	case strings.EqualFold(scheme, "Bearer"):
		c.Token = strings.TrimSpace(token)
	default:
		return false, nil
	}
	m, err := h.Registry.Authenticate(r.Context(), name, c)
	var refusal *group.Error
	var refused *group.RefusedError
	switch {
	case err == nil:
		return m.Has(group.PermissionRecord), nil
	case errors.Is(err, group.ErrTooManyLogins):
		return false, group.ErrTooManyLogins
	case errors.As(err, &refused), !errors.As(err, &refusal):
		return false, nil
	}
	// There is no such group, which is to take as long to find out as that the
	// password is wrong.
	_, _ = h.Registry.AuthenticateAdmin(r.Context(), group.AdminScope{}, c)
	return false, nil
}

func (h *Handler) serve(w http.ResponseWriter, r *http.Request, root *os.Root, t target) {
	exact := prefix + t.group + "/" + t.file
	switch {
	case r.URL.Path != exact:
		h.redirect(w, r, exact, http.StatusPermanentRedirect)
	case r.Method == http.MethodPost && t.file == "":
		h.serveForm(w, r, root, t.group)
	case r.Method != http.MethodGet && r.Method != http.MethodHead:
		allow := "OPTIONS, HEAD, GET"
		if t.file == "" {
			allow += ", POST"
		}
		w.Header().Set("Allow", allow)
		http.Error(w, "method not allowed", http.StatusMethodNotAllowed)
	case t.file == "":
		h.serveListing(w, r, root, t.group)
	default:
		h.serveFile(w, r, root, t)
	}
}

func (h *Handler) redirect(w http.ResponseWriter, r *http.Request, path string, status int) {
	target := url.URL{Path: h.Prefix(r) + path, RawQuery: r.URL.RawQuery}
	http.Redirect(w, r, target.String(), status)
}
