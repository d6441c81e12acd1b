package recordings

import (
	"fmt"
	"net/http"
	"os"
	"path"
	"strings"
	"time"

	"galene/webserver/files"
)

// settled is how long ago a file must have been written to for it to be taken
// for complete.
const settled = time.Minute

// serveFile sends a recording, or a part of it.
func (h *Handler) serveFile(w http.ResponseWriter, r *http.Request, root *os.Root, t target) {
	f, err := root.Open(path.Join(t.group, t.file))
	if err != nil {
		h.NotFound(w, r)
		return
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil || !info.Mode().IsRegular() {
		h.NotFound(w, r)
		return
	}
	header := w.Header()
	kind := files.ContentType(t.file)
	header.Set("Content-Type", kind)
	if !strings.HasPrefix(kind, "video/") && !strings.HasPrefix(kind, "audio/") {
		// Nothing that lies there by accident is to be a page of this site.
		header.Set("Content-Disposition", "attachment")
	}
	header.Set("ETag", fmt.Sprintf(`"%d-%d"`, info.Size(), info.ModTime().UnixNano()))
	header.Set("Cache-Control", "private, max-age=1800")
	if time.Since(info.ModTime()) < settled {
		header.Set("Cache-Control", "private, no-cache")
	}
	header.Add("Vary", "Authorization")
	http.ServeContent(w, r, "", info.ModTime(), f)
}

// serveForm does what the form of a listing asks for.
func (h *Handler) serveForm(w http.ResponseWriter, r *http.Request, root *os.Root, group string) {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	if err := r.ParseForm(); err != nil {
		http.Error(w, "Couldn't parse request", http.StatusBadRequest)
		return
	}
	if r.PostForm.Get("q") != "delete" {
		http.Error(w, "Unknown query", http.StatusBadRequest)
		return
	}
	name := r.PostForm.Get("filename")
	switch {
	case name == "":
		http.Error(w, "No filename provided", http.StatusBadRequest)
		return
	case strings.ContainsAny(name, `/\`+string(os.PathSeparator)):
		http.Error(w, "Bad character in filename", http.StatusBadRequest)
		return
	}
	if root == nil {
		h.NotFound(w, r)
		return
	}
	file := path.Join(group, name)
	info, err := root.Lstat(file)
	if err != nil || !info.Mode().IsRegular() || name == "." || name == ".." {
		h.NotFound(w, r)
		return
	}
	if err := root.Remove(file); err != nil {
		h.Logger.Error("cannot delete recording", "group", group, "file", name, "error", err)
		http.Error(w, "Internal server error", http.StatusInternalServerError)
		return
	}
	h.Logger.Info("recording deleted", "group", group, "file", name, "by", username(r), "address", h.ClientAddress(r).String())
	h.redirect(w, r, prefix+group+"/", http.StatusSeeOther)
}

func username(r *http.Request) string {
	if name, _, ok := r.BasicAuth(); ok {
		return name
	}
	return "(token)"
}
