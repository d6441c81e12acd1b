package api

import (
	"encoding/json"
	"errors"
	"io/fs"
	"net/http"
	"regexp"
	"time"

	"galene/group"
	"galene/token"
)

// chosenName is what a token may be called by somebody else than the server.
var chosenName = regexp.MustCompile(`^[A-Za-z0-9_-]{8,128}$`)

// listTokens answers with the names of a group's own tokens, those first that
// expire soonest.
func (h *Handler) listTokens(q *request, name string) error {
	if err := h.mustExist(name); err != nil {
		return err
	}
	list, tag, err := h.Registry.Tokens().List(name)
	if err != nil {
		return err
	}
	if done, err := q.unchanged(tag); done || err != nil {
		return err
	}
	names := make([]string, 0, len(list))
	for _, t := range list {
		names = append(names, t.Token)
	}
	return q.answerJSON(names, tag)
}

// mustExist tells whether there is a group, automatic ones included, or the
// server, which is "".
func (h *Handler) mustExist(name string) error {
	if name == "" {
		return nil
	}
	_, err := h.Registry.Get(name)
	if errors.Is(err, group.ErrIllegalName) {
		return fs.ErrNotExist
	}
	return err
}

// createToken makes a token, to which the server gives a name.
func (h *Handler) createToken(q *request, name string) error {
	if err := h.mustExist(name); err != nil {
		return err
	}
	_, tag, err := h.Registry.Tokens().List(name)
	if err != nil {
		return err
	}
	if err := q.expect(tag); err != nil {
		return err
	}
	t, err := q.readToken(name, "")
	if err != nil {
		return err
	}
	if t.IssuedBy == "" {
		t.IssuedBy = q.by.name
	}
	if t.IssuedAt == nil {
		now := time.Now().UTC().Truncate(time.Second)
		t.IssuedAt = &now
	}
	if err := h.Registry.Tokens().Add(t); err != nil {
		return err
	}
	h.audit(q, "create token", "group", name, "expires", *t.Expires)
	q.w.Header().Set("Location", t.Token)
	q.answerChange(true)
	return nil
}

// readToken reads a token for a group, which the body may not name itself, nor
// give the token another name.
func (q *request) readToken(name, tokenName string) (*token.Stateful, error) {
	data, err := q.readJSON(typeJSON)
	if err != nil {
		return nil, err
	}
	t := &token.Stateful{}
	if err := json.Unmarshal(data, t); err != nil {
		return nil, badRequest("token: " + err.Error())
	}
	if t.Token != "" || t.Group != "" {
		return nil, badRequest("overspecified token: its name and its group stand in the address")
	}
	if t.Expires == nil {
		return nil, badRequest("the token says nothing about when it expires")
	}
	if t.Username != nil && !group.ValidUsername(*t.Username) {
		return nil, badRequest("illegal user name")
	}
	permissions, err := json.Marshal(t.Permissions)
	if err == nil {
		err = json.Unmarshal(permissions, &group.Permissions{})
	}
	if err != nil {
		return nil, badRequest(err.Error())
	}
	t.Token, t.Group = tokenName, name
	return t, nil
}

// tokenOf returns a token of this very group.
func (h *Handler) tokenOf(name, tokenName string) (*token.Stateful, string, error) {
	t, tag, err := h.Registry.Tokens().Get(tokenName)
	if err == nil && t.Group != name {
		err = fs.ErrNotExist
	}
	return t, tag, err
}

// getToken answers with a token; its name and its group stand in the address.
func (h *Handler) getToken(q *request, name, tokenName string) error {
	t, tag, err := h.tokenOf(name, tokenName)
	if err != nil {
		return err
	}
	if done, err := q.unchanged(tag); done || err != nil {
		return err
	}
	t.Token, t.Group = "", ""
	return q.answerJSON(t, tag)
}

// putToken replaces a token as a whole, or makes one of this name.
func (h *Handler) putToken(q *request, name, tokenName string) error {
	if err := h.mustExist(name); err != nil {
		return err
	}
	old, tag, err := h.Registry.Tokens().Get(tokenName)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		if !chosenName.MatchString(tokenName) {
			return badRequest("the name of a token is 8 to 128 letters, digits, - and _")
		}
		tag = ""
	case err != nil:
		return err
	case old.Group != name:
		return errOtherGroup
	}
	if err := q.expect(tag); err != nil {
		return err
	}
	t, err := q.readToken(name, tokenName)
	if err != nil {
		return err
	}
	created, err := h.Registry.Tokens().Edit(tokenName, q.expect, func(old *token.Stateful) (*token.Stateful, error) {
		if old != nil && old.Group != name {
			return nil, errOtherGroup
		}
		return t, nil
	})
	if err != nil {
		return err
	}
	action := "change token"
	if created {
		action = "create token"
	}
	h.audit(q, action, "group", name, "expires", *t.Expires)
	q.answerChange(created)
	return nil
}

func (h *Handler) deleteToken(q *request, name, tokenName string) error {
	if _, _, err := h.tokenOf(name, tokenName); err != nil {
		if errors.Is(err, fs.ErrNotExist) && q.Header.Get("If-Match") != "" {
			return errPrecondition
		}
		return err
	}
	if err := h.Registry.Tokens().Remove(tokenName, expectThere(q)); err != nil {
		return err
	}
	h.audit(q, "delete token", "group", name)
	q.w.WriteHeader(http.StatusNoContent)
	return nil
}
