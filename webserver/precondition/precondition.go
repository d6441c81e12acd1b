// Package precondition evaluates the headers If-Match and If-None-Match (RFC
// 9110, section 13). It knows nothing of what is asked for.
package precondition

import (
	"net/http"
	"strings"
)

// Result is what a request with preconditions deserves.
type Result int

const (
	// Proceed means that the request is to be answered.
	Proceed Result = iota
	// NotModified means that the client has the newest version (304).
	NotModified
	// Failed means that the request must not be carried out (412).
	Failed
)

// Evaluate looks at the preconditions of a request for something whose entity
// tag is tag, without its quotes, "" if it does not exist.
func Evaluate(r *http.Request, tag string) Result {
	if values := r.Header.Values("If-Match"); len(values) > 0 && !matches(values, tag) {
		return Failed
	}
	if values := r.Header.Values("If-None-Match"); len(values) > 0 && matches(values, tag) {
		if r.Method == http.MethodGet || r.Method == http.MethodHead {
			return NotModified
		}
		return Failed
	}
	return Proceed
}

// matches tells whether a list of entity tags holds this one. Weak ones are
// never ours; what is no entity tag ends the list.
func matches(values []string, tag string) bool {
	if tag == "" {
		return false
	}
	for _, value := range values {
		rest := value
		for {
			rest = strings.TrimLeft(rest, " \t,")
			if rest == "*" {
				return true
			}
			weak := false
			if after, ok := strings.CutPrefix(rest, "W/"); ok {
				rest, weak = after, true
			}
			if !strings.HasPrefix(rest, `"`) {
				break
			}
			end := strings.IndexByte(rest[1:], '"')
			if end < 0 {
				break
			}
			if !weak && rest[1:1+end] == tag {
				return true
			}
			rest = strings.TrimLeft(rest[end+2:], " \t")
			if rest != "" && rest[0] != ',' {
				break
			}
		}
	}
	return false
}
