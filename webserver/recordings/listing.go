package recordings

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"html/template"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"path"
	"strings"
	"time"

	"galene/webserver/files"
)

//go:embed *.html
var pages embed.FS

var (
	listingTemplate = template.Must(template.ParseFS(pages, "listing.html"))
	refusedTemplate = template.Must(template.ParseFS(pages, "refused.html"))
)

// listing is what the page shows.
type listing struct {
	// Root is the way to the root of the server.
	Root string
	// Head is what else belongs into the head of the page.
	Head template.HTML
	// Title is what people call the group.
	Title, GroupURL string
	// Subgroups are automatic ones that have recordings too.
	Subgroups []subgroup
	Files     []file
	// Total is how much they are together, in words.
	Total      string
	TotalBytes int64
}

type subgroup struct{ Name, URL string }

// file is one recording.
type file struct {
	Name string
	// URL is relative to the page.
	URL string
	// Who is whose stream it is, "" if the name does not say so.
	Who string
	// Started is when it began, in words and for programs.
	Started, StartedISO string
	// Length is how long it is, nil if that cannot be told.
	Length *length
	Size   string
	Bytes  int64
	// Playable tells whether browsers may be able to.
	Playable bool
}

// emptyListing returns what pages at the address of a request have in common.
func (h *Handler) emptyListing(r *http.Request) listing {
	root := files.RootFrom(r.URL)
	return listing{Root: root, Head: template.HTML(h.Branding.Head(root))} // markup of constants
}

// serveListing shows what has been recorded in a group.
func (h *Handler) serveListing(w http.ResponseWriter, r *http.Request, root *os.Root, group string) {
	var entries []fs.DirEntry
	if root != nil {
		// A group in which nothing has been recorded has no directory.
		entries, _ = fs.ReadDir(root.FS(), group)
	}
	page := h.emptyListing(r)
	page.Title = group
	page.GroupURL = page.Root + (&url.URL{Path: "group/" + group + "/"}).EscapedPath()
	inherits := false
	if g, err := h.Registry.Get(group); err == nil {
		d := g.Description()
		inherits = d.AutoSubgroups
		if d.DisplayName != "" {
			page.Title = d.DisplayName
		}
	}
	var total int64
	for _, e := range entries {
		info, err := e.Info()
		switch {
		case err != nil:
		case info.IsDir() && inherits && h.automatic(path.Join(group, e.Name())):
			page.Subgroups = append(page.Subgroups, subgroup{e.Name(), "./" + url.PathEscape(e.Name()) + "/"})
		case info.Mode().IsRegular():
			f := describe(info)
			total += f.Bytes
			page.Files = append(page.Files, f)
		}
	}
	page.Total, page.TotalBytes = sizeText(total), total
	w.Header().Set("Cache-Control", "private, no-cache")
	h.servePage(w, r, http.StatusOK, listingTemplate, page)
}

// servePage sends a page, whose texts a script puts into the reader's language.
func (h *Handler) servePage(w http.ResponseWriter, r *http.Request, status int, t *template.Template, content listing) {
	var b bytes.Buffer
	if err := t.Execute(&b, content); err != nil {
		h.Logger.Error("cannot make a page of recordings", "page", t.Name(), "path", r.URL.Path, "error", err)
		http.Error(w, "Internal server error", http.StatusInternalServerError)
		return
	}
	header := w.Header()
	header.Set("Content-Type", "text/html; charset=utf-8")
	header.Set("Content-Length", fmt.Sprint(b.Len()))
	w.WriteHeader(status)
	if r.Method != http.MethodHead {
		// Who is gone cannot be told anything.
		_, _ = w.Write(b.Bytes())
	}
}

// automatic tells whether a group has no description of its own, so that who
// may see the recordings of the group above it may see its.
func (h *Handler) automatic(name string) bool {
	_, _, err := h.Registry.Definition(name)
	return errors.Is(err, fs.ErrNotExist)
}

// startedForms are how names of recordings begin, and how long that is.
var startedForms = []string{"2006-01-02T15:04:05.000", "2006-01-02T15-04-05-000"}

// describe reads the name of a recording: the local time of its start, and whose
// it is. It ended when it was last written to.
func describe(info fs.FileInfo) file {
	name := info.Name()
	f := file{
		Name: name, URL: "./" + url.PathEscape(name), Bytes: info.Size(), Size: sizeText(info.Size()),
		Playable: strings.HasPrefix(files.ContentType(name), "video/"),
	}
	started := info.ModTime()
	for _, form := range startedForms {
		if len(name) < len(form) {
			continue
		}
		t, err := time.ParseInLocation(form, name[:len(form)], time.Local)
		if err != nil {
			continue
		}
		started = t
		f.Length = lengthOf(info.ModTime().Sub(t))
		rest := strings.TrimSuffix(name[len(form):], path.Ext(name))
		f.Who = strings.NewReplacer("-slash-", "/", "-backslash-", `\`).Replace(strings.TrimPrefix(rest, "-"))
	}
	f.Started, f.StartedISO = started.Format("2 Jan 2006, 15:04"), started.Format(time.RFC3339)
	return f
}

// maxLength is the longest recording that is believed: a file that was last
// written to longer after its start has been copied since.
const maxLength = 24 * time.Hour

// length is a duration as people say it.
type length struct {
	// Unit is "seconds", "minutes" or "hours".
	Unit string
	// Hours are only counted where Unit is "hours", and Count are the minutes
	// beside them. Otherwise Count is all there is.
	Hours, Count int
}

// String is the length in words.
func (l *length) String() string {
	switch l.Unit {
	case "seconds":
		return fmt.Sprintf("%d s", l.Count)
	case "minutes":
		return fmt.Sprintf("%d min", l.Count)
	default:
		return fmt.Sprintf("%d h %d min", l.Hours, l.Count)
	}
}

func lengthOf(d time.Duration) *length {
	switch minutes := int(d.Round(time.Minute).Minutes()); {
	case d <= 0 || d > maxLength:
		return nil
	case d < time.Minute:
		return &length{Unit: "seconds", Count: int(d.Round(time.Second).Seconds())}
	case minutes < 60:
		return &length{Unit: "minutes", Count: minutes}
	default:
		return &length{Unit: "hours", Hours: minutes / 60, Count: minutes % 60}
	}
}

// sizeText is a number of bytes in words.
func sizeText(n int64) string {
	const step = 1000
	units := []string{"bytes", "kB", "MB", "GB", "TB"}
	v, i := float64(n), 0
	for v >= step && i < len(units)-1 {
		v /= step
		i++
	}
	if i == 0 || v >= 100 {
		return fmt.Sprintf("%.0f %s", v, units[i])
	}
	return fmt.Sprintf("%.1f %s", v, units[i])
}
