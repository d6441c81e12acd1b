package api

import (
	"io/fs"
	"net/http"
	"slices"

	"galene/group"
)

// entry names a login of a group: that of a named user, that of the empty name,
// or that of everybody else.
type entry struct {
	group, user string
	// named is set for an entry below .users.
	named, wildcard bool
}

// find returns the entry in a description; the description may be nil.
func (e entry) find(d *group.Description) (group.UserEntry, bool) {
	switch {
	case d == nil:
		return group.UserEntry{}, false
	case e.wildcard && d.WildcardUser == nil:
		return group.UserEntry{}, false
	case e.wildcard:
		return *d.WildcardUser, true
	}
	found, ok := d.Users[e.user]
	return found, ok
}

func (e entry) there(d *group.Description) bool {
	_, ok := e.find(d)
	return ok
}

// set puts the entry into a description that may be changed.
func (e entry) set(d *group.Description, value group.UserEntry) {
	if e.wildcard {
		d.WildcardUser = &value
		return
	}
	if d.Users == nil {
		d.Users = make(group.Users)
	}
	d.Users[e.user] = value
}

// drop takes the entry out of a description that may be changed.
func (e entry) drop(d *group.Description) {
	if e.wildcard {
		d.WildcardUser = nil
		return
	}
	delete(d.Users, e.user)
}

// attributes are what the log says of the entry.
func (e entry) attributes() []any {
	if e.wildcard {
		return []any{"group", e.group, "user", "(wildcard)"}
	}
	return []any{"group", e.group, "user", e.user}
}

// listUsers answers with the names that have an entry. The empty one has a
// resource of its own.
func (h *Handler) listUsers(q *request, name string) error {
	d, stamp, err := h.Registry.Definition(name)
	if err != nil {
		return err
	}
	if done, err := q.unchanged(stamp.Tag()); done || err != nil {
		return err
	}
	users := make([]string, 0, len(d.Users))
	for user := range d.Users {
		if user != "" {
			users = append(users, user)
		}
	}
	slices.Sort(users)
	return q.answerJSON(users, stamp.Tag())
}

func (h *Handler) userResource(e entry) resource {
	return resource{level: groupLevel, group: e.group, guarded: true, methods: methods{
		http.MethodGet:    func(q *request) error { return h.getUser(q, e) },
		http.MethodPut:    func(q *request) error { return h.putUser(q, e) },
		http.MethodDelete: func(q *request) error { return h.deleteUser(q, e) },
	}}
}

// getUser answers with an entry, without its password.
func (h *Handler) getUser(q *request, e entry) error {
	d, stamp, err := h.Registry.Definition(e.group)
	if err != nil {
		return err
	}
	user, ok := e.find(d)
	if !ok {
		return fs.ErrNotExist
	}
	if done, err := q.unchanged(stamp.Tag()); done || err != nil {
		return err
	}
	return q.answerJSON(group.UserEntry{Permissions: user.Permissions}, stamp.Tag())
}

// putUser sets the permissions of an entry, which is made if it is not there.
func (h *Handler) putUser(q *request, e entry) error {
	if e.named && (e.user == "" || !group.ValidUsername(e.user)) {
		return badRequest("illegal user name")
	}
	if err := h.expectDefinition(q, e.group, e.there); err != nil {
		return err
	}
	permissions, err := readParsed(q, typeJSON, group.ParseUserSettings)
	if err != nil {
		return err
	}
	created := false
	err = h.editEntry(q, e, func(d *group.Description, user group.UserEntry, there bool) error {
		created = !there
		user.Permissions = permissions
		e.set(d, user)
		return nil
	})
	if err != nil {
		return err
	}
	action := "change user"
	if created {
		action = "create user"
	}
	h.audit(q, action, e.attributes()...)
	q.answerChange(created)
	return nil
}

// deleteUser removes an entry. Whoever is in the group stays there.
func (h *Handler) deleteUser(q *request, e entry) error {
	err := h.editEntry(q, e, func(d *group.Description, _ group.UserEntry, there bool) error {
		if !there {
			return fs.ErrNotExist
		}
		e.drop(d)
		return nil
	})
	if err != nil {
		return err
	}
	h.audit(q, "delete user", e.attributes()...)
	q.answerChange(false)
	return nil
}

// editEntry changes an entry of a group file in one step, if the preconditions
// of the request hold then.
func (h *Handler) editEntry(q *request, e entry, change func(*group.Description, group.UserEntry, bool) error) error {
	tag := ""
	_, err := h.Registry.Edit(e.group, func(t string) error { tag = t; return nil },
		func(d *group.Description) (*group.Description, error) {
			if d == nil {
				return nil, fs.ErrNotExist
			}
			user, there := e.find(d)
			if !there {
				tag = ""
			}
			if q.Method != http.MethodDelete || there || q.Header.Get("If-Match") != "" {
				if err := q.expect(tag); err != nil {
					return nil, err
				}
			}
			return d, change(d, user, there)
		})
	return err
}
