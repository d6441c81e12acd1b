package files

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"

	"github.com/andybalholm/brotli"
)

const (
	// minCompressed and maxCompressed bound, in bytes, what is worth
	// compressing and what is kept in memory for it.
	minCompressed = 512
	maxCompressed = 4 << 20
	// maxCached bounds the number of compressed files in memory.
	maxCached = 512
	// brotliLevel is what takes a millisecond or two for a file of the client,
	// once.
	brotliLevel = 9
	// brotliWindow is the binary logarithm of how far back copies reach, in
	// bytes. With more, the tables take 32 MB, and files of the client do not
	// become smaller.
	brotliWindow = 16
)

// coding is a content coding as HTTP names it (RFC 9110, section 8.4.1).
type coding string

const (
	codingNone   coding = ""
	codingBrotli coding = "br"
	codingGzip   coding = "gzip"
)

// compressionCache holds files in compressed form. The zero value is empty.
type compressionCache struct {
	// mu guards files.
	mu    sync.Mutex
	files map[compressionKey]compressedFile
	// compressing guards brotli, and is held while a file is compressed: a
	// page asks for all its files at once. It is taken before mu.
	compressing sync.Mutex
	// brotli is used again and again, for its tables take long to make; nil
	// until it is needed.
	brotli *brotli.Writer
}

// compressionKey names one form of a file: root is what its links begin with.
type compressionKey struct {
	name, root string
	coding     coding
}

// compressedFile is the compressed form of one version of a file; data is nil
// if that is no smaller.
type compressedFile struct {
	tag  string
	data []byte
}

// get returns the compressed form of the version of a file that tag names, nil
// if the file is better sent as it is. content is called when it is not there
// yet.
func (c *compressionCache) get(key compressionKey, tag string, content func() ([]byte, error)) []byte {
	if f, ok := c.cached(key, tag); ok {
		return f.data
	}
	plain, err := content()
	if err != nil {
		return nil
	}
	c.compressing.Lock()
	defer c.compressing.Unlock()
	// Somebody else may have wanted the same.
	if f, ok := c.cached(key, tag); ok {
		return f.data
	}
	f := compressedFile{tag: tag, data: c.compress(plain, key.coding)}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.files == nil || len(c.files) >= maxCached {
		c.files = make(map[compressionKey]compressedFile)
	}
	c.files[key] = f
	return f.data
}

// cached returns the compressed form of the version of a file that tag names,
// if it is there.
func (c *compressionCache) cached(key compressionKey, tag string) (compressedFile, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	f, ok := c.files[key]
	return f, ok && f.tag == tag
}

// compress returns nil if it is not worth while. c.compressing is held.
func (c *compressionCache) compress(content []byte, into coding) []byte {
	if len(content) < minCompressed || len(content) > maxCompressed {
		return nil
	}
	var b bytes.Buffer
	var w io.WriteCloser
	if into == codingBrotli {
		if c.brotli == nil {
			c.brotli = brotli.NewWriterOptions(nil, brotli.WriterOptions{Quality: brotliLevel, LGWin: brotliWindow})
		}
		c.brotli.Reset(&b)
		w = c.brotli
	} else {
		// The level is one that there is.
		w, _ = gzip.NewWriterLevel(&b, gzip.BestCompression)
	}
	// A bytes.Buffer takes everything.
	_, _ = w.Write(content)
	_ = w.Close()
	if b.Len() >= len(content) {
		return nil
	}
	return b.Bytes()
}

// codingFor returns the best coding that the client takes, none for a part of
// a file.
func codingFor(r *http.Request) coding {
	if r.Header.Get("Range") != "" {
		return codingNone
	}
	best, bestWeight := codingNone, 0.0
	for _, c := range []coding{codingBrotli, codingGzip} {
		if w := weight(r.Header.Values("Accept-Encoding"), c); w > bestWeight {
			best, bestWeight = c, w
		}
	}
	return best
}

// weight reads the header Accept-Encoding (RFC 9110, section 12.5.3): how much
// a coding is liked, from 0 to 1.
func weight(values []string, c coding) float64 {
	wildcard := 0.0
	for _, element := range strings.Split(strings.Join(values, ","), ",") {
		name, parameters, _ := strings.Cut(element, ";")
		name = strings.TrimSpace(name)
		q := 1.0
		if text, ok := strings.CutPrefix(strings.TrimSpace(parameters), "q="); ok {
			var err error
			if q, err = strconv.ParseFloat(text, 64); err != nil {
				q = 0
			}
		}
		switch {
		case strings.EqualFold(name, string(c)):
			return q
		case name == "*":
			wildcard = q
		}
	}
	return wildcard
}
