package api

import (
	"errors"
	"net/http"
	"strings"

	"galene/group"
)

// administrator is who makes a request.
type administrator struct {
	// name is his user name; "" for a token that has none.
	name string
	// self is set if he is no administrator but the user concerned.
	self bool
}

// bearer returns the token of a request, "" if it has none. Credentials may
// stand in one header, separated by commas.
func bearer(r *http.Request) string {
	for _, value := range r.Header.Values("Authorization") {
		for credentials := range strings.SplitSeq(value, ",") {
			scheme, token, ok := strings.Cut(strings.TrimSpace(credentials), " ")
			if ok && strings.EqualFold(scheme, "Bearer") {
				return strings.TrimSpace(token)
			}
		}
	}
	return ""
}

// authenticate finds out who makes a request, and refuses those who may not use
// the resource.
func (h *Handler) authenticate(r *http.Request, res resource) (administrator, error) {
	c := group.Credentials{Token: bearer(r), Address: h.ClientAddress(r)}
	if username, password, ok := r.BasicAuth(); ok && c.Token == "" {
		c.Username, c.Password = &username, password
	}
	if c.Username == nil && c.Token == "" {
		return administrator{}, errUnauthenticated
	}
	scope := group.AdminScope{Group: res.group}
	if res.level == userLevel {
		scope.User = res.user
	}
	a, err := h.Registry.AuthenticateAdmin(r.Context(), scope, c)
	var refusal *group.Error
	switch {
	case errors.As(err, &refusal) && !errors.Is(err, group.ErrTooManyLogins):
		return administrator{}, errUnauthenticated
	case err != nil:
		return administrator{}, err
	}
	return administrator{name: a.Username, self: a.Self}, nil
}

// audit logs a change that has been made. Names of tokens and everything else
// that is secret stay out.
func (h *Handler) audit(q *request, action string, attributes ...any) {
	by := q.by.name
	if by == "" {
		by = "(token)"
	}
	h.Logger.Info("administration", append([]any{
		"action", action, "by", by, "address", h.ClientAddress(q.Request).String(),
	}, attributes...)...)
}
