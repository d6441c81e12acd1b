package group

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"

	"galene/token"
)

// The permissions a member may have, as messages and files spell them. None
// implies another.
const (
	PermissionOp      = "op"
	PermissionPresent = "present"
	PermissionMessage = "message"
	PermissionCaption = "caption"
	PermissionRecord  = "record"
	PermissionToken   = "token"
	PermissionAdmin   = "admin"
)

// Permissions are the rights of a user entry as its file writes them: a named
// set, or the permissions one by one. The zero value grants nothing.
type Permissions struct {
	name string
	list []string
	// object is list as it was read, if it was read as an object.
	object map[string]bool
}

// NamedPermissions returns the permissions of a set: "op", "present",
// "message", "observe", "caption" or "admin". The error is an *InputError.
func NamedPermissions(name string) (Permissions, error) {
	if _, ok := namedSet(name); !ok {
		return Permissions{}, &InputError{fmt.Errorf("unknown permission %q", name)}
	}
	return Permissions{name: name}, nil
}

// List returns the single permissions, as in a group that adds none to the set.
// The slice is the caller's.
func (p Permissions) List() []string { return p.expand(&Description{}) }

// IsZero tells whether no permissions were given.
func (p Permissions) IsZero() bool { return p.name == "" && p.list == nil && p.object == nil }

// UnmarshalJSON accepts the name of a set, an array of permissions, and an
// object whose keys are permissions and whose values are booleans.
func (p *Permissions) UnmarshalJSON(data []byte) error {
	list, name, err := token.ParsePermissions(data)
	if err != nil {
		return err
	}
	if _, ok := namedSet(name); !ok && bytes.HasPrefix(data, []byte(`"`)) {
		return fmt.Errorf("unknown permission %q", name)
	}
	for _, s := range list {
		if !grantable(s) {
			return fmt.Errorf("unknown permission %q", s)
		}
	}
	*p = Permissions{name: name, list: list}
	if bytes.HasPrefix(data, []byte("{")) {
		return json.Unmarshal(data, &p.object)
	}
	return nil
}

// expand returns the single permissions that p means in a group so described.
// The slice is the caller's.
func (p Permissions) expand(d *Description) []string {
	if p.name == "" {
		return slices.Clone(p.list)
	}
	list, _ := namedSet(p.name)
	switch {
	case p.name == "op" && d.AllowRecording:
		list = append(list, PermissionRecord)
	case p.name == "present" && d.UnrestrictedTokens:
		list = append(list, PermissionToken)
	}
	return list
}

// namedSet makes a new slice at every call: permission lists are never shared.
func namedSet(name string) (list []string, ok bool) {
	switch name {
	case "op":
		return []string{PermissionOp, PermissionPresent, PermissionMessage, PermissionCaption, PermissionToken}, true
	case "present":
		return []string{PermissionPresent, PermissionMessage}, true
	case "message":
		return []string{PermissionMessage}, true
	case "observe":
		return nil, true
	case "caption":
		return []string{PermissionCaption}, true
	case "admin":
		return []string{PermissionAdmin}, true
	}
	return nil, false
}

// grantable tells whether a file may grant the permission: "system", that of
// the server's own members, it may not.
func grantable(permission string) bool {
	switch permission {
	case PermissionOp, PermissionPresent, PermissionMessage, PermissionCaption,
		PermissionRecord, PermissionToken, PermissionAdmin:
		return true
	}
	return false
}
