package api

import (
	"io/fs"
	"net/http"
	"unicode/utf8"

	"galene/group"
)

func (h *Handler) passwordResource(e entry) resource {
	res := resource{level: groupLevel, group: e.group, guarded: true, methods: methods{
		http.MethodPut:    func(q *request) error { return h.putPassword(q, e) },
		http.MethodPost:   func(q *request) error { return h.postPassword(q, e) },
		http.MethodDelete: func(q *request) error { return h.setPassword(q, e, group.Password{}, "delete password") },
	}}
	if e.named {
		res.level, res.user = userLevel, e.user
	}
	return res
}

// putPassword sets a password in the form of group files. Users themselves
// leave no clear text behind, nor what lets others in.
func (h *Handler) putPassword(q *request, e entry) error {
	if err := h.mustHaveEntry(e); err != nil {
		return err
	}
	password, err := readParsed(q, typeJSON, group.ParsePassword)
	if err != nil {
		return err
	}
	if q.by.self {
		switch password.Kind() {
		case "pbkdf2", "bcrypt":
		case "plain":
			clear, _ := password.ClearText()
			if password, err = group.HashPassword(clear); err != nil {
				return err
			}
		default:
			return badRequest("users may set passwords of type plain, pbkdf2 and bcrypt only")
		}
	}
	return h.setPassword(q, e, password, "set password")
}

// postPassword hashes a password in clear text, which is taken byte for byte,
// and sets it.
func (h *Handler) postPassword(q *request, e entry) error {
	if err := h.mustHaveEntry(e); err != nil {
		return err
	}
	data, err := q.readBody(typeText)
	if err != nil {
		return err
	}
	if !utf8.Valid(data) {
		return badRequest("the password is not UTF-8")
	}
	password, err := group.HashPassword(string(data))
	if err != nil {
		return err
	}
	return h.setPassword(q, e, password, "set password")
}

func (h *Handler) mustHaveEntry(e entry) error {
	d, _, err := h.Registry.Definition(e.group)
	if err == nil && !e.there(d) {
		err = fs.ErrNotExist
	}
	return err
}

// setPassword evaluates no preconditions: whoever sets a password need not know
// the rest.
func (h *Handler) setPassword(q *request, e entry, password group.Password, action string) error {
	_, err := h.Registry.Edit(e.group, nil, func(d *group.Description) (*group.Description, error) {
		user, there := e.find(d)
		if !there {
			return nil, fs.ErrNotExist
		}
		user.Password = password
		e.set(d, user)
		return d, nil
	})
	if err != nil {
		return err
	}
	h.audit(q, action, e.attributes()...)
	q.answerChange(false)
	return nil
}
