package whip

import (
	"crypto/subtle"
	"io"
	"net/http"
	"slices"
	"strings"

	"galene/rtpconn"
)

// serve answers a request for the session.
func (s *session) serve(w http.ResponseWriter, r *http.Request) {
	header := w.Header()
	if r.Method == http.MethodOptions {
		header.Set("Access-Control-Allow-Methods", "OPTIONS, DELETE, PATCH")
		header.Set("Access-Control-Allow-Headers", "Authorization, Content-Type, If-Match, If-None-Match")
		header.Set("Accept-Patch", fragmentType)
		w.WriteHeader(http.StatusNoContent)
		return
	}
	if s.token != "" && subtle.ConstantTimeCompare([]byte(s.token), []byte(bearer(r))) == 0 {
		http.Error(w, "not authorised", http.StatusForbidden)
		return
	}
	header.Set("Access-Control-Expose-Headers", "Location, Content-Type, Link, ETag")
	switch r.Method {
	case http.MethodDelete:
		s.delete(w, r)
	case http.MethodPatch:
		s.patch(w, r)
	default:
		header.Set("Allow", "OPTIONS, DELETE, PATCH")
		http.Error(w, "method not allowed", http.StatusMethodNotAllowed)
	}
}

// delete ends the session.
func (s *session) delete(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	stale := !s.currentLocked(r)
	s.mu.Unlock()
	if stale {
		preconditionFailed(w)
		return
	}
	s.end()
	<-s.done
	w.WriteHeader(http.StatusOK)
}

// patch takes candidates, or restarts ICE.
func (s *session) patch(w http.ResponseWriter, r *http.Request) {
	body, ok := readBody(w, r, fragmentType)
	if !ok {
		return
	}
	f, err := readFragment(body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.isEnding(): // while the body came
		noSuchSession(w)
		return
	case !s.currentLocked(r):
		preconditionFailed(w)
		return
	}
	ufrag, pwd := credentials(s.offer)
	if f.ufrag == "" || f.ufrag == ufrag && f.pwd == pwd {
		s.addCandidates(f.candidates)
		w.WriteHeader(http.StatusNoContent)
		return
	}
	offer := restarted(s.offer, f.ufrag, f.pwd)
	answer, err := s.conn.Offer(offer)
	switch {
	case err != nil && s.isEnding():
		noSuchSession(w)
		return
	case err != nil:
		s.handler.logger.Info("ICE restart failed", "group", s.group.Name(), "client", s.id, "error", err)
		http.Error(w, "the restart failed", http.StatusInternalServerError)
		return
	}
	s.offer, s.tag = offer, newTag()
	s.addCandidates(f.candidates)
	header := w.Header()
	header.Set("Content-Type", fragmentType)
	header.Set("ETag", s.tag)
	// Who is gone will be noticed by ICE.
	_, _ = io.WriteString(w, answerFragment(answer))
}

// addCandidates passes candidates on. Those of a section that others share are
// those of all.
func (s *session) addCandidates(candidates []candidate) {
	for _, c := range candidates {
		var mid *string
		if slices.Contains(s.mids, c.mid) {
			mid = &c.mid
		} else if len(s.mids) > 0 {
			mid = &s.mids[0]
		}
		s.conn.AddCandidate(rtpconn.Candidate{Candidate: c.text, SDPMid: mid})
	}
}

// currentLocked tells whether a request is about this generation of ICE, as far
// as it says.
func (s *session) currentLocked(r *http.Request) bool {
	if match := r.Header.Values("If-Match"); len(match) > 0 && !matches(match, s.tag) {
		return false
	}
	none := r.Header.Values("If-None-Match")
	return len(none) == 0 || !matches(none, s.tag)
}

// matches tells whether a list of entity tags holds one, or is "*".
func matches(values []string, tag string) bool {
	for _, v := range values {
		for t := range strings.SplitSeq(v, ",") {
			if t = strings.TrimSpace(t); t == "*" || t == tag {
				return true
			}
		}
	}
	return false
}

func noSuchSession(w http.ResponseWriter) {
	http.Error(w, "no such session", http.StatusNotFound)
}

func preconditionFailed(w http.ResponseWriter) {
	http.Error(w, "the session has another entity tag", http.StatusPreconditionFailed)
}
