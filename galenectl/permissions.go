package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"galene/group"
)

// parsePermissions reads the option -permissions: the name of a set, which the
// server knows, or a JSON array of single permissions.
func parsePermissions(s string) (any, error) {
	s = strings.TrimSpace(s)
	if s == "" {
		return nil, errors.New("-permissions is empty; use observe for none")
	}
	if !strings.HasPrefix(s, "[") {
		return s, nil
	}
	var list []string
	if err := json.Unmarshal([]byte(s), &list); err != nil {
		return nil, fmt.Errorf("%s is not a JSON array of permissions: %w", s, err)
	}
	return list, nil
}

// expandPermissions is parsePermissions for tokens, which hold single
// permissions only.
func expandPermissions(s string) ([]string, error) {
	value, err := parsePermissions(s)
	if err != nil {
		return nil, err
	}
	name, ok := value.(string)
	if !ok {
		return value.([]string), nil
	}
	named, err := group.NamedPermissions(name)
	if err != nil {
		return nil, err
	}
	return named.List(), nil
}

// initials shows permissions in little room: the name of a set as it is, single
// ones by their sorted initials in brackets, none as "-".
func initials(permissions any) string {
	switch permissions := permissions.(type) {
	case nil:
		return "-"
	case string:
		return plain(permissions)
	case []any:
		var letters []string
		for _, p := range permissions {
			if s, ok := p.(string); ok && s != "" {
				letters = append(letters, s[:1])
			}
		}
		slices.Sort(letters)
		return "[" + plain(strings.Join(letters, "")) + "]"
	case map[string]any:
		var list []any
		for name, granted := range permissions {
			if granted == true {
				list = append(list, name)
			}
		}
		return initials(list)
	}
	return "?"
}
