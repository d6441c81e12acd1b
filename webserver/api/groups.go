package api

import (
	"errors"
	"io/fs"
	"net/http"

	"galene/group"
)

// listGroups answers with the names of all group files, those that cannot be
// read too.
func (h *Handler) listGroups(q *request) error {
	names := h.Registry.Names(q.Context())
	if err := q.Context().Err(); err != nil {
		return err
	}
	return q.answerJSON(names, "")
}

func (h *Handler) groupResource(name string) resource {
	return resource{level: groupLevel, group: name, guarded: true, methods: methods{
		http.MethodGet:    func(q *request) error { return h.getGroup(q, name) },
		http.MethodPut:    func(q *request) error { return h.putGroup(q, name) },
		http.MethodDelete: func(q *request) error { return h.deleteGroup(q, name) },
	}}
}

// getGroup answers with the settings of a group.
func (h *Handler) getGroup(q *request, name string) error {
	d, stamp, err := h.Registry.Definition(name)
	if err != nil {
		return err
	}
	if done, err := q.unchanged(stamp.Tag()); done || err != nil {
		return err
	}
	return q.answerJSON(d.Sanitised(), stamp.Tag())
}

// putGroup replaces the settings of a group, or makes one.
func (h *Handler) putGroup(q *request, name string) error {
	if !group.ValidName(name) {
		return group.ErrIllegalName
	}
	if err := h.expectDefinition(q, name, nil); err != nil {
		return err
	}
	settings, err := readParsed(q, typeJSON, group.ParseSanitised)
	if err != nil {
		return err
	}
	created, err := h.Registry.Edit(name, q.expect, func(old *group.Description) (*group.Description, error) {
		return old.WithSettings(settings), nil
	})
	if err != nil {
		return err
	}
	action := "change group"
	if created {
		action = "create group"
	}
	h.audit(q, action, "group", name)
	q.answerChange(created)
	return nil
}

func (h *Handler) deleteGroup(q *request, name string) error {
	if err := h.Registry.Remove(name, expectThere(q)); err != nil {
		if errors.Is(err, group.ErrIllegalName) {
			return fs.ErrNotExist
		}
		return err
	}
	h.audit(q, "delete group", "group", name)
	q.answerChange(false)
	return nil
}

// expectThere evaluates the preconditions of a request to delete something,
// whose absence comes before a precondition that it cannot meet.
func expectThere(q *request) func(tag string) error {
	return func(tag string) error {
		if tag == "" && q.Header.Get("If-Match") == "" {
			return fs.ErrNotExist
		}
		return q.expect(tag)
	}
}

// expectDefinition evaluates the preconditions of a request to change something
// in a group file before its body is read; there tells whether it is in the
// file, nil meaning that the file itself is to be changed. They are evaluated
// again when the change is made.
func (h *Handler) expectDefinition(q *request, name string, there func(*group.Description) bool) error {
	d, stamp, err := h.Registry.Definition(name)
	switch {
	case errors.Is(err, fs.ErrNotExist) && there == nil:
		return q.expect("")
	case err != nil:
		return err
	case there != nil && !there(d):
		return q.expect("")
	}
	return q.expect(stamp.Tag())
}
