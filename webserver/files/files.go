package files

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"path"
	"strings"
	"time"
)

const (
	indexPage    = "index.html"
	notFoundPage = "404.html"
	// maxAge and thirdPartyMaxAge are how long browsers need not ask again.
	maxAge           = "max-age=1800"
	thirdPartyMaxAge = "max-age=86400"
	thirdParty       = "third-party/"
)

// Handler serves the files of a file system.
type Handler struct {
	// Prefix returns the path at which a proxy offers the server to whoever
	// makes the request, without a slash at its end; nil means that there is
	// none. It is set before the handler is used.
	Prefix func(*http.Request) string
	// Branding is what pages are changed by; set before the handler is used.
	Branding *Branding

	files  fs.FS
	logger *slog.Logger
	// built stands for the time of files that have none, as those in the
	// binary do.
	built time.Time
	cache compressionCache
}

// NewHandler returns a handler for files, which must keep to themselves what is
// outside, as embedded ones and those of an os.Root do. A nil logger means
// slog.Default().
func NewHandler(files fs.FS, logger *slog.Logger) *Handler {
	if logger == nil {
		logger = slog.Default()
	}
	return &Handler{files: files, logger: logger, built: buildTime()}
}

// buildTime returns when the running program was made.
func buildTime() time.Time {
	if name, err := os.Executable(); err == nil {
		if info, err := os.Stat(name); err == nil {
			return info.ModTime()
		}
	}
	return time.Now()
}

// ServeHTTP serves the file that the path of the request names.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	name, isDirectory := strings.CutSuffix(strings.TrimPrefix(r.URL.Path, "/"), "/")
	if r.URL.Path == "/" || isDirectory {
		h.serveIndex(w, r, name)
		return
	}
	h.ServeFile(w, r, name)
}

// serveIndex serves the index page of a directory; its contents are not listed.
func (h *Handler) serveIndex(w http.ResponseWriter, r *http.Request, directory string) {
	if directory == "" {
		directory = "."
	}
	info, err := h.stat(directory)
	if err != nil || !info.IsDir() {
		h.fail(w, r, directory, err)
		return
	}
	index := path.Join(directory, indexPage)
	if _, err := h.stat(index); err != nil {
		http.Error(w, "Forbidden", http.StatusForbidden)
		return
	}
	h.ServeFile(w, r, index)
}

// ServeFile serves the file of this name.
func (h *Handler) ServeFile(w http.ResponseWriter, r *http.Request, name string) {
	info, err := h.stat(name)
	switch {
	case err != nil:
		h.fail(w, r, name, err)
		return
	case info.IsDir():
		target := url.URL{Path: "/" + name + "/", RawQuery: r.URL.RawQuery}
		if h.Prefix != nil {
			target.Path = h.Prefix(r) + target.Path
		}
		http.Redirect(w, r, target.String(), http.StatusPermanentRedirect)
		return
	case !info.Mode().IsRegular():
		h.NotFound(w, r)
		return
	}
	h.serveRegular(w, r, name, info)
}

// serveRegular serves a regular file, compressed if that is worth while.
func (h *Handler) serveRegular(w http.ResponseWriter, r *http.Request, name string, info fs.FileInfo) {
	header := w.Header()
	header.Set("Content-Type", ContentType(name))
	header.Set("Cache-Control", maxAge)
	if strings.HasPrefix(name, thirdParty) {
		header.Set("Cache-Control", thirdPartyMaxAge)
	}
	modified := h.modified(info)
	tag := fmt.Sprintf("%d-%d", info.Size(), modified.UnixNano())
	root, head := "", ""
	if path.Ext(name) == ".html" {
		root = RootFrom(r.URL)
		if head = h.Branding.Head(root); head != "" {
			tag = fmt.Sprintf("%s-%d", tag, len(head)) // one length for each of what there may be
		}
	}
	if compressible(name) {
		header.Add("Vary", "Accept-Encoding")
		key := compressionKey{name: name, root: root, coding: codingFor(r)}
		if key.coding != codingNone {
			data := h.cache.get(key, tag, func() ([]byte, error) { return h.page(name, root, head) })
			if data != nil {
				header.Set("ETag", `"`+tag+"-"+string(key.coding)+`"`)
				header.Set("Content-Encoding", string(key.coding))
				http.ServeContent(w, r, "", modified, bytes.NewReader(data))
				return
			}
		}
	}
	content, err := h.content(name, root, head)
	if err != nil {
		h.fail(w, r, name, err)
		return
	}
	defer content.Close()
	header.Set("ETag", `"`+tag+`"`)
	http.ServeContent(w, r, "", modified, content)
}

// NotFound answers that there is nothing, on a page if there is one for it.
func (h *Handler) NotFound(w http.ResponseWriter, r *http.Request) {
	if !h.ServeFailure(w, r, notFoundPage, http.StatusNotFound) {
		header := w.Header()
		header.Set("Content-Type", ContentType(notFoundPage))
		w.WriteHeader(http.StatusNotFound)
		if r.Method != http.MethodHead {
			// Who is gone cannot be told anything.
			_, _ = io.WriteString(w, "<!DOCTYPE html><title>Not found</title><p>Not found.</p>\n")
		}
	}
}

// ServeFailure answers with a status that is no success, on a page. It is false if
// there is no such page: then nothing has been answered.
func (h *Handler) ServeFailure(w http.ResponseWriter, r *http.Request, name string, status int) bool {
	header := w.Header()
	for _, name := range []string{"ETag", "Last-Modified", "Cache-Control", "Content-Encoding"} {
		header.Del(name)
	}
	root := RootFrom(r.URL)
	page, err := h.page(name, root, h.Branding.Head(root))
	if err != nil {
		return false
	}
	header.Set("Content-Type", ContentType(name))
	w.WriteHeader(status)
	if r.Method != http.MethodHead {
		_, _ = w.Write(page)
	}
	return true
}

// fail answers that a file cannot be served. Whatever a visitor can bring about
// by a name is that nothing is there.
func (h *Handler) fail(w http.ResponseWriter, r *http.Request, name string, err error) {
	if errors.Is(err, fs.ErrPermission) {
		h.logger.Warn("cannot read static file", "path", name, "error", err)
	}
	h.NotFound(w, r)
}

func (h *Handler) stat(name string) (fs.FileInfo, error) {
	if !fs.ValidPath(name) {
		return nil, fs.ErrNotExist
	}
	return fs.Stat(h.files, name)
}

// content opens a file for http.ServeContent, which has to seek; root is "" if
// it is to be served as it is.
func (h *Handler) content(name, root, head string) (io.ReadSeekCloser, error) {
	if root != "" {
		data, err := h.page(name, root, head)
		return nopCloser{bytes.NewReader(data)}, err
	}
	f, err := h.files.Open(name)
	if err != nil {
		return nil, err
	}
	if s, ok := f.(io.ReadSeekCloser); ok {
		return s, nil
	}
	f.Close()
	return nil, fmt.Errorf("%s: %w", name, errors.ErrUnsupported)
}

func (h *Handler) modified(info fs.FileInfo) time.Time {
	if t := info.ModTime(); !t.IsZero() {
		return t
	}
	return h.built
}
