package api

import (
	"net/http"
	"strings"
)

type methods = map[string]func(*request) error

// route finds what a path below the prefix names; ok is false if it names
// nothing that anybody need authenticate for.
func (h *Handler) route(path string, ok bool) (res resource, found bool) {
	if !ok {
		return resource{}, false
	}
	kind, rest := cutKind(path)
	switch kind {
	case ".stats":
		return h.only(rest == "", resource{methods: methods{http.MethodGet: h.getStats}}), true
	case ".groups":
		return h.routeGroups(rest)
	}
	return resource{}, false
}

// routeGroups finds what stands below .groups.
func (h *Handler) routeGroups(rest string) (resource, bool) {
	if rest == "" || rest == "/" {
		return resource{methods: methods{http.MethodGet: h.listGroups}}, true
	}
	object, tail, hasKind := strings.Cut(rest, "/.")
	name := strings.Trim(object, "/")
	if !hasKind {
		return h.groupResource(name), true
	}
	kind, rest := cutKind("." + tail)
	if name == "" {
		if kind == ".tokens" {
			return h.routeTokens("", rest)
		}
		return resource{}, true
	}
	res := resource{level: groupLevel, group: name}
	switch kind {
	case ".keys":
		res = h.only(rest == "", h.keysResource(name))
	case ".users":
		return h.routeUsers(name, rest)
	case ".empty-user":
		return h.routeUser(entry{group: name}, rest), true
	case ".wildcard-user":
		return h.routeUser(entry{group: name, wildcard: true}, rest), true
	case ".tokens":
		return h.routeTokens(name, rest)
	}
	return res, true
}

// routeUsers finds what stands below .users of a group.
func (h *Handler) routeUsers(group, rest string) (resource, bool) {
	switch rest {
	case "":
		return resource{}, false
	case "/":
		return resource{level: groupLevel, group: group, methods: methods{http.MethodGet: func(q *request) error {
			return h.listUsers(q, group)
		}}}, true
	}
	user, rest := rest[1:], ""
	if i := strings.Index(user, "/."); i >= 0 {
		user, rest = user[:i], user[i:]
	}
	return h.routeUser(entry{group: group, user: user, named: true}, rest), true
}

// routeUser finds what belongs to an entry.
func (h *Handler) routeUser(e entry, rest string) resource {
	switch rest {
	case "":
		return h.userResource(e)
	case "/.password":
		return h.passwordResource(e)
	}
	return resource{level: groupLevel, group: e.group}
}

// routeTokens finds what stands below .tokens of a group, or of the server if
// group is "".
func (h *Handler) routeTokens(group, rest string) (resource, bool) {
	level := groupLevel
	if group == "" {
		level = serverLevel
	}
	switch {
	case rest == "":
		return resource{}, false
	case rest == "/" && h.Registry.Tokens() != nil:
		return resource{level: level, group: group, methods: methods{
			http.MethodGet:  func(q *request) error { return h.listTokens(q, group) },
			http.MethodPost: func(q *request) error { return h.createToken(q, group) },
		}}, true
	case strings.Contains(rest[1:], "/"), h.Registry.Tokens() == nil:
		return resource{level: level, group: group}, true
	}
	name := rest[1:]
	return resource{level: level, group: group, methods: methods{
		http.MethodGet:    func(q *request) error { return h.getToken(q, group, name) },
		http.MethodPut:    func(q *request) error { return h.putToken(q, group, name) },
		http.MethodDelete: func(q *request) error { return h.deleteToken(q, group, name) },
	}}, true
}

// only returns the resource, without its methods if there is none.
func (h *Handler) only(there bool, res resource) resource {
	if !there {
		res.methods = nil
	}
	return res
}

// cutKind splits ".kind/rest" before the slash.
func cutKind(path string) (kind, rest string) {
	if i := strings.IndexByte(path, '/'); i >= 0 {
		return path[:i], path[i:]
	}
	return path, ""
}
