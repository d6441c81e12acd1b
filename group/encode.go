package group

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"
)

// descriptionJSON is a group file as it is written. Defaults are left out.
type descriptionJSON struct {
	Users              Users             `json:"users,omitempty"`
	WildcardUser       *UserEntry        `json:"wildcard-user,omitempty"`
	FallbackUsers      []UserEntry       `json:"fallback-users,omitempty"`
	AuthKeys           []json.RawMessage `json:"authKeys,omitempty"`
	AuthServer         string            `json:"authServer,omitempty"`
	AuthPortal         string            `json:"authPortal,omitempty"`
	Public             bool              `json:"public,omitempty"`
	DisplayName        string            `json:"displayName,omitempty"`
	Text               string            `json:"description,omitempty"`
	Contact            string            `json:"contact,omitempty"`
	Comment            string            `json:"comment,omitempty"`
	MaxClients         int               `json:"max-clients,omitempty"`
	MaxHistoryAge      int64             `json:"max-history-age,omitempty"`
	NotBefore          *Time             `json:"not-before,omitempty"`
	Expires            *Time             `json:"expires,omitempty"`
	AllowRecording     bool              `json:"allow-recording,omitempty"`
	UnrestrictedTokens bool              `json:"unrestricted-tokens,omitempty"`
	AllowAnonymous     *bool             `json:"allow-anonymous,omitempty"`
	AutoSubgroups      bool              `json:"auto-subgroups,omitempty"`
	Autolock           bool              `json:"autolock,omitempty"`
	Autokick           bool              `json:"autokick,omitempty"`
	Redirect           string            `json:"redirect,omitempty"`
	Codecs             []string          `json:"codecs,omitempty"`
}

// MarshalJSON implements json.Marshaler, in the form of group files: compact,
// in today's keys, with defaults left out and the notes at the end.
func (d *Description) MarshalJSON() ([]byte, error) {
	data, err := json.Marshal(descriptionJSON{
		d.Users, d.WildcardUser, d.FallbackUsers, d.AuthKeys, d.AuthServer, d.AuthPortal,
		d.Public, d.DisplayName, d.Text, d.Contact, d.Comment, d.MaxClients, d.MaxHistoryAge,
		d.NotBefore, d.Expires, d.AllowRecording, d.UnrestrictedTokens, d.AllowAnonymous,
		d.AutoSubgroups, d.Autolock, d.Autokick, d.Redirect, d.Codecs,
	})
	if err != nil || len(d.notes) == 0 {
		return data, err
	}
	notes, err := json.Marshal(d.notes)
	if err != nil || string(data) == "{}" {
		return notes, err
	}
	return slices.Concat(data[:len(data)-1], []byte(","), notes[1:]), nil
}

// EncodeDescription returns a description as a group file: one line of JSON.
func EncodeDescription(d *Description) ([]byte, error) {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(d); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

// Clone returns a copy that may be changed without changing d.
func (d *Description) Clone() *Description {
	c := *d
	c.Users = maps.Clone(d.Users)
	c.WildcardUser = clone(d.WildcardUser)
	c.FallbackUsers = slices.Clone(d.FallbackUsers)
	c.AuthKeys = slices.Clone(d.AuthKeys)
	c.NotBefore, c.Expires = clone(d.NotBefore), clone(d.Expires)
	c.AllowAnonymous = clone(d.AllowAnonymous)
	c.Codecs = slices.Clone(d.Codecs)
	c.notes = maps.Clone(d.notes)
	return &c
}

func clone[T any](p *T) *T {
	if p == nil {
		return nil
	}
	v := *p
	return &v
}

// MarshalJSON implements json.Marshaler, with empty members left out.
func (e UserEntry) MarshalJSON() ([]byte, error) {
	var j struct {
		Password    *Password    `json:"password,omitempty"`
		Permissions *Permissions `json:"permissions,omitempty"`
	}
	if !e.Password.IsZero() {
		j.Password = &e.Password
	}
	if !e.Permissions.IsZero() {
		j.Permissions = &e.Permissions
	}
	return json.Marshal(j)
}

// passwordJSON is a password as an object.
type passwordJSON struct {
	Type       *passwordType `json:"type,omitempty"`
	Hash       *string       `json:"hash,omitempty"`
	Key        *string       `json:"key,omitempty"`
	Salt       *string       `json:"salt,omitempty"`
	Iterations *int          `json:"iterations,omitempty"`
}

// MarshalJSON implements json.Marshaler, in the form that was read: what was a
// string is a string.
func (p Password) MarshalJSON() ([]byte, error) {
	if p.IsZero() {
		return []byte("null"), nil
	}
	if p.text {
		return json.Marshal(p.key)
	}
	return json.Marshal(passwordJSON{p.written, p.hash, p.key, p.salt, p.iterations})
}

// MarshalJSON implements json.Marshaler, in the form that was read: the name of
// a set stays a name, an object an object.
func (p Permissions) MarshalJSON() ([]byte, error) {
	switch {
	case p.name != "":
		return json.Marshal(p.name)
	case p.object != nil:
		return json.Marshal(p.object)
	case p.list == nil:
		return []byte("null"), nil
	}
	return json.Marshal(p.list)
}
