package api

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"

	"galene/webserver/precondition"
)

// maxBody is the largest body of a request, in bytes.
const maxBody = 1 << 20

// Types of bodies.
const (
	typeJSON = "application/json"
	typeKeys = "application/jwk-set+json"
	typeText = "text/plain"
)

// readBody reads the body of a request, which must be of a media type.
func (q *request) readBody(mediaType string) ([]byte, error) {
	got, _, err := mime.ParseMediaType(q.Header.Get("Content-Type"))
	if err != nil || got != mediaType {
		q.w.Header().Set("Accept", mediaType)
		return nil, &refusal{http.StatusUnsupportedMediaType, "the body must be of type " + mediaType}
	}
	data, err := io.ReadAll(http.MaxBytesReader(q.w, q.Body, maxBody))
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &large):
		return nil, errTooLarge
	case err != nil:
		return nil, badRequest("the body is incomplete")
	}
	return data, nil
}

// readJSON reads a body of JSON, in which no object may hold a key twice: what
// was meant would be anybody's guess.
func (q *request) readJSON(mediaType string) ([]byte, error) {
	data, err := q.readBody(mediaType)
	if err != nil {
		return nil, err
	}
	var whole json.RawMessage
	if err := json.Unmarshal(data, &whole); err != nil {
		return nil, badRequest("malformed JSON: " + err.Error())
	}
	if err := checkKeys(json.NewDecoder(bytes.NewReader(data))); err != nil {
		return nil, badRequest(err.Error())
	}
	return data, nil
}

// readParsed reads a body of JSON, and what is in it.
func readParsed[T any](q *request, mediaType string, parse func([]byte) (T, error)) (T, error) {
	data, err := q.readJSON(mediaType)
	if err != nil {
		var nothing T
		return nothing, err
	}
	return parse(data)
}

// checkKeys looks for a key that stands twice in an object of valid JSON.
func checkKeys(d *json.Decoder) error {
	// open are the objects, and, as nil, the arrays that are open.
	var open []map[string]bool
	isKey := false
	for {
		t, err := d.Token()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("malformed JSON: %w", err)
		}
		top := len(open) - 1
		switch t {
		case json.Delim('{'):
			open = append(open, make(map[string]bool))
			isKey = true
			continue
		case json.Delim('['):
			open = append(open, nil)
			isKey = false
			continue
		case json.Delim('}'), json.Delim(']'):
			open = open[:top]
			isKey = top > 0 && open[top-1] != nil
			continue
		}
		if top < 0 || open[top] == nil {
			continue
		}
		if key, ok := t.(string); ok && isKey {
			if open[top][key] {
				return fmt.Errorf("key %q stands twice in an object", key)
			}
			open[top][key] = true
		}
		isKey = !isKey
	}
}

// answerJSON answers with a value, under its entity tag, "" for none.
func (q *request) answerJSON(v any, tag string) error {
	data, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("encode answer: %w", err)
	}
	header := q.w.Header()
	header.Set("Content-Type", typeJSON)
	header.Set("Cache-Control", "no-cache")
	if tag != "" {
		header.Set("ETag", `"`+tag+`"`)
	}
	// Who is gone cannot be told anything.
	_, _ = q.w.Write(append(data, '\n'))
	return nil
}

// unchanged evaluates the preconditions of a request to read something, and
// tells whether the client has it already, in which case it has been answered.
func (q *request) unchanged(tag string) (bool, error) {
	switch precondition.Evaluate(q.Request, tag) {
	case precondition.Failed:
		return false, errPrecondition
	case precondition.NotModified:
		q.w.Header().Set("ETag", `"`+tag+`"`)
		q.w.WriteHeader(http.StatusNotModified)
		return true, nil
	case precondition.Proceed:
	}
	return false, nil
}

// expect evaluates the preconditions of a request to change something.
func (q *request) expect(tag string) error {
	if precondition.Evaluate(q.Request, tag) != precondition.Proceed {
		return errPrecondition
	}
	return nil
}

// answerChange says that something has been created or changed.
func (q *request) answerChange(created bool) {
	if created {
		q.w.WriteHeader(http.StatusCreated)
		return
	}
	q.w.WriteHeader(http.StatusNoContent)
}
