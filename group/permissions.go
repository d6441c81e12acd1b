package group

import (
	"encoding/json"
	"fmt"
	"slices"
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
}

// UnmarshalJSON accepts the name of a set, an array of permissions, and an
// object whose keys are permissions and whose values are booleans.
func (p *Permissions) UnmarshalJSON(data []byte) error {
	var v any
	if err := json.Unmarshal(data, &v); err != nil {
		return err
	}
	*p = Permissions{}
	switch v := v.(type) {
	case nil:
		return nil
	case string:
		if _, ok := namedSet(v); !ok {
			return fmt.Errorf("unknown permission %q", v)
		}
		p.name = v
		return nil
	case []any:
		for _, e := range v {
			s, ok := e.(string)
			if !ok {
				return fmt.Errorf("permissions must be strings")
			}
			p.list = append(p.list, s)
		}
	case map[string]any:
		if err := p.fromObject(v); err != nil {
			return err
		}
	default:
		return fmt.Errorf("permissions must be a string or an array of strings")
	}
	for _, s := range p.list {
		if !grantable(s) {
			return fmt.Errorf("unknown permission %q", s)
		}
	}
	return nil
}

// fromObject reads the form of 2021, when chatting needed no permission.
func (p *Permissions) fromObject(object map[string]any) error {
	for key, value := range object {
		granted, ok := value.(bool)
		if !ok {
			return fmt.Errorf("permission %q must be a boolean", key)
		}
		if granted {
			p.list = append(p.list, key)
		}
	}
	slices.Sort(p.list)
	talks := slices.Contains(p.list, PermissionPresent) || slices.Contains(p.list, PermissionOp)
	if talks && !slices.Contains(p.list, PermissionMessage) {
		p.list = append(p.list, PermissionMessage)
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
