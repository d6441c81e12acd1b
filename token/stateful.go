package token

import (
	"bytes"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"galene/group/jsonerror"
)

// Stateful is an invitation that the server keeps. One that a Store has handed
// out is the caller's: changing it changes nothing else.
type Stateful struct {
	// Token is its name, which is the secret itself.
	Token string
	// Group is the group that it is for; "" is the root of all groups.
	Group string
	// IncludeSubgroups makes it valid for every group below Group as well.
	IncludeSubgroups bool
	// Username is the name that the bearer gets, nil if he may choose one.
	Username *string
	// Permissions are exactly those that the bearer gets.
	Permissions []string
	// Expires ends its validity; a token without is never valid.
	Expires *time.Time
	// NotBefore is when its validity begins, nil if it has begun.
	NotBefore *time.Time
	// IssuedAt and IssuedBy say when it was made, and by which user.
	IssuedAt *time.Time
	IssuedBy string

	// extra are the members that we know nothing about.
	extra map[string]json.RawMessage
}

// The reasons why a token opens nothing. They are for the log.
var (
	ErrWrongGroup = errors.New("token is for another group")
	ErrExpired    = errors.New("token has expired")
	ErrNotYet     = errors.New("token is in the future")
)

// NewName returns a name for a token, which nobody can guess.
func NewName() string {
	var b [8]byte
	rand.Read(b[:])
	return base64.RawURLEncoding.EncodeToString(b[:])
}

// Opens tells whether the token is valid for a group at a time; "" is the
// server as a whole. The error is ErrWrongGroup, ErrExpired or ErrNotYet.
func (t *Stateful) Opens(group string, now time.Time) error {
	switch {
	case !t.covers(group):
		return ErrWrongGroup
	case t.Expires == nil || !now.Before(*t.Expires):
		return ErrExpired
	case t.NotBefore != nil && now.Before(*t.NotBefore):
		return ErrNotYet
	}
	return nil
}

func (t *Stateful) covers(group string) bool {
	if !t.IncludeSubgroups {
		return t.Group != "" && t.Group == group
	}
	return t.Group == "" || t.Group == group || strings.HasPrefix(group, t.Group+"/")
}

// Clone returns a copy that shares nothing.
func (t *Stateful) Clone() *Stateful {
	c := *t
	c.Permissions = slices.Clone(t.Permissions)
	c.Username, c.Expires, c.NotBefore, c.IssuedAt = clone(t.Username), clone(t.Expires), clone(t.NotBefore), clone(t.IssuedAt)
	c.extra = maps.Clone(t.extra)
	return &c
}

func clone[T any](p *T) *T {
	if p == nil {
		return nil
	}
	v := *p
	return &v
}

// statefulJSON is a token as files and messages have it.
type statefulJSON struct {
	Token            string          `json:"token"`
	Group            string          `json:"group"`
	IncludeSubgroups bool            `json:"includeSubgroups,omitempty"`
	Username         *string         `json:"username,omitempty"`
	Permissions      json.RawMessage `json:"permissions"`
	Expires          *time.Time      `json:"expires,omitempty"`
	NotBefore        *time.Time      `json:"not-before,omitempty"`
	IssuedAt         *time.Time      `json:"issuedAt,omitempty"`
	IssuedBy         string          `json:"issuedBy,omitempty"`
}

// members are the names of statefulJSON's members.
var members = []string{
	"token", "group", "includeSubgroups", "username", "permissions", "expires", "not-before", "issuedAt", "issuedBy",
}

// MarshalJSON implements json.Marshaler. Members that were read without being
// known are written again.
func (t *Stateful) MarshalJSON() ([]byte, error) {
	permissions, err := json.Marshal(t.Permissions)
	if err != nil {
		return nil, err
	}
	data, err := json.Marshal(statefulJSON{
		t.Token, t.Group, t.IncludeSubgroups, t.Username, permissions, t.Expires, t.NotBefore, t.IssuedAt, t.IssuedBy,
	})
	if err != nil || len(t.extra) == 0 {
		return data, err
	}
	extra, err := json.Marshal(t.extra)
	if err != nil {
		return nil, err
	}
	return slices.Concat(data[:len(data)-1], []byte(","), extra[1:]), nil
}

// UnmarshalJSON implements json.Unmarshaler. Names of members count as they are
// written; permissions may be an array, or an object of booleans.
func (t *Stateful) UnmarshalJSON(data []byte) error {
	var object map[string]json.RawMessage
	if err := json.Unmarshal(data, &object); err != nil {
		return jsonerror.Plain(err)
	}
	if object == nil {
		return errors.New("a token is an object")
	}
	// Those that encoding/json would take for ours in spite of their case.
	known := make(map[string]json.RawMessage)
	for _, name := range members {
		if value, ok := object[name]; ok {
			known[name] = value
			delete(object, name)
		}
	}
	exact, err := json.Marshal(known)
	if err != nil {
		return err
	}
	for _, name := range []string{"expires", "not-before", "issuedAt"} {
		var t *time.Time
		if value, ok := known[name]; ok && json.Unmarshal(value, &t) != nil {
			return fmt.Errorf("key %q: %.40s is no date and time like \"2026-12-31T18:00:00Z\"", name, value)
		}
	}
	var j statefulJSON
	if err := json.Unmarshal(exact, &j); err != nil {
		return jsonerror.Plain(err)
	}
	permissions, named, err := ParsePermissions(j.Permissions)
	if err != nil {
		return err
	}
	if named != "" {
		return fmt.Errorf("permissions of a token are a list, not the name %q", named)
	}
	*t = Stateful{
		j.Token, j.Group, j.IncludeSubgroups, j.Username, permissions, j.Expires, j.NotBefore, j.IssuedAt, j.IssuedBy, nil,
	}
	if len(object) > 0 {
		t.extra = object
	}
	return nil
}

// ParsePermissions decodes permissions in any of their forms: an array of
// permissions; an object of booleans, which is how 2021 wrote them, when
// presenters needed no permission to chat; or the name of a set, which is then
// returned instead. null and nothing are an empty list. Whether permissions and
// names exist is not looked at.
func ParsePermissions(data []byte) (list []string, named string, err error) {
	data = bytes.TrimSpace(data)
	if len(data) == 0 || data[0] == 'n' {
		return nil, "", nil
	}
	switch data[0] {
	case '"':
		err = json.Unmarshal(data, &named)
		return nil, named, err
	case '[':
		var elements []*string
		if json.Unmarshal(data, &elements) != nil || slices.Contains(elements, nil) {
			return nil, "", errors.New("permissions must be strings")
		}
		list = make([]string, len(elements))
		for i, e := range elements {
			list[i] = *e
		}
		return list, "", nil
	case '{':
		var object map[string]*bool
		if err := json.Unmarshal(data, &object); err != nil {
			return nil, "", errors.New("permissions in an object must be true or false")
		}
		for key, granted := range object {
			if granted == nil {
				return nil, "", errors.New("permissions in an object must be true or false")
			}
			if *granted {
				list = append(list, key)
			}
		}
		slices.Sort(list)
		talks := slices.Contains(list, "present") || slices.Contains(list, "op")
		if talks && !slices.Contains(list, "message") {
			list = append(list, "message")
		}
		return list, "", nil
	}
	return nil, "", errors.New("permissions must be a string or an array of strings")
}
