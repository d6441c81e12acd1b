package files

import (
	"io/fs"
	"os"
	"strings"
)

const (
	// brandingPath is where Branding is served, from the root of the server.
	brandingPath = "branding/"
	brandSheet   = "branding.css"
	brandLogo    = "logo.svg"
)

// Branding is a directory of the administrator's that changes how pages look:
// its branding.css comes after the style sheets of every page, and its logo.svg
// stands where our mark would. Everything in it is public; it need not exist. A nil
// Branding changes nothing. Its methods may be called from any goroutine.
type Branding struct{ directory string }

var _ fs.FS = (*Branding)(nil)

// NewBranding returns what is in a directory, now or later.
func NewBranding(directory string) *Branding { return &Branding{directory} }

// Open implements fs.FS. What is outside the directory cannot be reached, not
// even by links.
func (b *Branding) Open(name string) (fs.File, error) {
	if !fs.ValidPath(name) {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrInvalid}
	}
	return os.OpenInRoot(b.directory, name)
}

// Head returns the markup for the head of a page from which root, "" or ending in a
// slash, leads to the root of the server: "" where nothing is to be changed.
func (b *Branding) Head(root string) string {
	if b == nil {
		return ""
	}
	var head strings.Builder
	if b.has(brandSheet) {
		head.WriteString(`<link rel="stylesheet" href="` + root + brandingPath + brandSheet + `">`)
	}
	if b.has(brandLogo) {
		head.WriteString(`<meta name="logo" content="` + root + brandingPath + brandLogo + `">`)
	}
	return head.String()
}

func (b *Branding) has(name string) bool {
	info, err := fs.Stat(b, name)
	return err == nil && info.Mode().IsRegular()
}
