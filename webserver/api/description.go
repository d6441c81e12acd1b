package api

import (
	_ "embed"
	"net/http"
)

//go:embed openapi.json
var description []byte

// serveDescription answers with the description of the interface for programs
// (OpenAPI 3.0). It holds no secrets.
func (h *Handler) serveDescription(w http.ResponseWriter, r *http.Request) {
	header := w.Header()
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		header.Set("Allow", "GET, HEAD")
		fail(w, r, http.StatusMethodNotAllowed, "method not allowed")
		return
	}
	header.Set("Access-Control-Allow-Origin", "*")
	header.Set("Content-Type", typeJSON)
	header.Set("Cache-Control", "max-age=1800")
	// Who is gone cannot be told anything.
	_, _ = w.Write(description)
}
