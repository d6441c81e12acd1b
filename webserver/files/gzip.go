package files

import (
	"bytes"
	"compress/gzip"
	"io/fs"
	"net/http"
	"strconv"
	"strings"
	"sync"
)

const (
	// minCompressed and maxCompressed bound, in bytes, what is worth
	// compressing and what is kept in memory for it.
	minCompressed = 512
	maxCompressed = 4 << 20
	// maxCached bounds the number of compressed files in memory.
	maxCached = 512
)

// gzipCache holds files in compressed form, by name. The zero value is empty.
type gzipCache struct {
	// mu guards files.
	mu    sync.Mutex
	files map[string]compressedFile
}

// compressedFile is the compressed form of one version of a file; data is nil
// if that is no smaller.
type compressedFile struct {
	tag  string
	data []byte
}

// compressed returns the compressed form of the version of a file that tag
// names, nil if the file is better sent as it is.
func (h *Handler) compressed(r *http.Request, name, tag string) []byte {
	if r.Header.Get("Range") != "" || !acceptsGzip(r.Header.Values("Accept-Encoding")) {
		return nil
	}
	c := &h.gzip
	c.mu.Lock()
	f, ok := c.files[name]
	c.mu.Unlock()
	if ok && f.tag == tag {
		return f.data
	}
	content, err := fs.ReadFile(h.files, name)
	if err != nil {
		return nil
	}
	f = compressedFile{tag: tag, data: compress(content)}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.files == nil || len(c.files) >= maxCached {
		c.files = make(map[string]compressedFile)
	}
	c.files[name] = f
	return f.data
}

// compress returns nil if it is not worth while.
func compress(content []byte) []byte {
	if len(content) < minCompressed || len(content) > maxCompressed {
		return nil
	}
	var b bytes.Buffer
	w, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err != nil {
		return nil
	}
	// A bytes.Buffer takes everything.
	_, _ = w.Write(content)
	_ = w.Close()
	if b.Len() >= len(content) {
		return nil
	}
	return b.Bytes()
}

// acceptsGzip reads the header Accept-Encoding (RFC 9110, section 12.5.3).
func acceptsGzip(values []string) bool {
	for _, element := range strings.Split(strings.Join(values, ","), ",") {
		coding, parameters, _ := strings.Cut(element, ";")
		if !strings.EqualFold(strings.TrimSpace(coding), "gzip") {
			continue
		}
		weight, ok := strings.CutPrefix(strings.TrimSpace(parameters), "q=")
		if !ok {
			return true
		}
		q, err := strconv.ParseFloat(weight, 64)
		return err == nil && q > 0
	}
	return false
}
