package files

import (
	"bytes"
	"io/fs"
	"net/url"
	"strings"
)

// maxDepth is the deepest path from which pages find the way back: it stands in
// front of each of their links, and a path has room for half a million slashes.
const maxDepth = 256

// RootFrom returns the way from a page at this address to the root of the
// server, such as "../../": whoever follows it gets there although a proxy may
// offer the server below some path of its own. From a path that is deeper than
// maxDepth it is the way from the root of the proxy.
func RootFrom(u *url.URL) string {
	// A slash that is written as %2F is none to a browser.
	depth := strings.Count(u.EscapedPath(), "/") - 1
	switch {
	case depth <= 0:
		return "./"
	case depth > maxDepth:
		return "/"
	}
	return strings.Repeat("../", depth)
}

// page returns a file with the links of its markup that begin at the root of
// the server made to begin with root, and with head at the end of its head.
func (h *Handler) page(name, root, head string) ([]byte, error) {
	data, err := fs.ReadFile(h.files, name)
	if err != nil || root == "" {
		return data, err
	}
	for _, attribute := range []string{"href", "src", "action"} {
		// Two slashes begin the name of another server.
		elsewhere, kept := []byte(attribute+`="//`), []byte(attribute+"=\"\x00")
		data = bytes.ReplaceAll(data, elsewhere, kept)
		data = bytes.ReplaceAll(data, []byte(attribute+`="/`), []byte(attribute+`="`+root))
		data = bytes.ReplaceAll(data, kept, elsewhere)
	}
	if head != "" {
		data = bytes.Replace(data, []byte("</head>"), []byte(head+"</head>"), 1)
	}
	return data, nil
}

// nopCloser gives a reader in memory a Close that does nothing.
type nopCloser struct{ *bytes.Reader }

// Close implements io.Closer.
func (nopCloser) Close() error { return nil }
