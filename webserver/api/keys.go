package api

import (
	"encoding/json"
	"io/fs"
	"net/http"

	"galene/group"
)

func (h *Handler) keysResource(name string) resource {
	return resource{level: groupLevel, group: name, guarded: true, methods: methods{
		http.MethodPut:    func(q *request) error { return h.putKeys(q, name) },
		http.MethodDelete: func(q *request) error { return h.setKeys(q, name, nil, "delete keys") },
	}}
}

// putKeys replaces the keys by which a group trusts tokens. They are never
// given out again.
func (h *Handler) putKeys(q *request, name string) error {
	if _, _, err := h.Registry.Definition(name); err != nil {
		return err
	}
	keys, err := readParsed(q, typeKeys, group.ParseKeySet)
	if err != nil {
		return err
	}
	return h.setKeys(q, name, keys, "set keys")
}

func (h *Handler) setKeys(q *request, name string, keys []json.RawMessage, action string) error {
	_, err := h.Registry.Edit(name, nil, func(d *group.Description) (*group.Description, error) {
		if d == nil {
			return nil, fs.ErrNotExist
		}
		d.AuthKeys = keys
		return d, nil
	})
	if err != nil {
		return err
	}
	h.audit(q, action, "group", name, "keys", len(keys))
	q.answerChange(false)
	return nil
}
