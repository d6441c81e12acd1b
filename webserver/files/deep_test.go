package files

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"galene/group/leaktest"
	"galene/static"
)

// A path is as long as the header of a request may be, and the way back from it is
// in front of each link.
func TestPageOfADeepPathIsNoLongerThanThePath(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	h := NewHandler(static.FS, slog.New(slog.DiscardHandler))
	path := strings.Repeat("/a", 100_000)
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
	if w.Code != http.StatusNotFound || w.Body.Len() > len(path) {
		t.Errorf("status %d, %d bytes for a path of %d", w.Code, w.Body.Len(), len(path))
	}
}
