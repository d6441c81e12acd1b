package main

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"time"
)

const (
	// lifetime is how long a token is good for: it is used at once.
	lifetime = 30 * time.Second
	maxBody  = 64 << 10
)

// verdict is what a directory says of a name and a password.
type verdict int

const (
	wrong verdict = iota
	right
	// unknown means that the directory does not know the name.
	unknown
)

// checker asks a directory. An error means that it cannot be asked.
type checker func(ctx context.Context, name, password string) (verdict, error)

// authServer answers clients that want to join a group.
type authServer struct {
	check       checker
	key         key
	server      string
	permissions []string
	fallback    bool
	log         *slog.Logger
}

// question is what a client asks. Today's clients say where the group is; those
// of 2021 said its name.
type question struct {
	Location string `json:"location"`
	Group    string `json:"group"`
	Username string `json:"username"`
	Password string `json:"password"`
}

// ServeHTTP implements http.Handler.
func (s *authServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	// The pages that ask are those of another server.
	header := w.Header()
	header.Set("Access-Control-Allow-Origin", "*")
	header.Set("Access-Control-Allow-Headers", "Content-Type")
	header.Set("Cache-Control", "no-store")
	switch r.Method {
	case http.MethodOptions:
		header.Set("Access-Control-Allow-Methods", "POST, OPTIONS")
		return
	case http.MethodPost:
	default:
		header.Set("Allow", "POST, OPTIONS")
		http.Error(w, "method not allowed", http.StatusMethodNotAllowed)
		return
	}
	var q question
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil || json.Unmarshal(body, &q) != nil || q.Username == "" || q.Location == "" && q.Group == "" {
		http.Error(w, "what is needed is a JSON object with location, username and password", http.StatusBadRequest)
		return
	}
	if q.Location != "" && !strings.HasPrefix(q.Location, s.server) {
		http.Error(w, "this group is not one of ours", http.StatusForbidden)
		return
	}
	answer, err := s.check(r.Context(), q.Username, q.Password)
	s.log.Info("asked", "user", q.Username, "location", q.Location, "group", q.Group, "answer", answer, "error", err)
	switch {
	case err != nil:
		http.Error(w, "the directory cannot be asked now", http.StatusBadGateway)
	case answer == right:
		header.Set("Content-Type", "application/jwt")
		_, _ = io.WriteString(w, s.key.sign(s.claims(q, time.Now())))
	case answer == unknown && s.fallback:
		// The client then tries the password with the server itself.
		w.WriteHeader(http.StatusNoContent)
	default:
		http.Error(w, "wrong name or password", http.StatusUnauthorized)
	}
}

// claims are what the token says: who, where, what, and for how long.
func (s *authServer) claims(q question, now time.Time) map[string]any {
	c := map[string]any{"sub": q.Username, "iat": now.Unix(), "exp": now.Add(lifetime).Unix()}
	if q.Location != "" {
		c["aud"], c["permissions"] = q.Location, s.permissions
		return c
	}
	granted := make(map[string]bool)
	for _, p := range s.permissions {
		granted[p] = true
	}
	c["aud"], c["permissions"] = q.Group, granted
	return c
}
