package group

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/json"
	"fmt"
)

// passwordType says how the key of a Password is to be compared.
type passwordType string

const (
	passwordAbsent   passwordType = ""
	passwordPlain    passwordType = "plain"
	passwordWildcard passwordType = "wildcard"
	passwordNone     passwordType = "none"
)

// Password is the password of a user entry. The zero value matches nothing,
// not even the empty password.
type Password struct {
	kind passwordType
	// key is nil where the file gives none.
	key *string
}

// PlainPassword returns the password that is written in clear text.
func PlainPassword(key string) Password { return Password{kind: passwordPlain, key: &key} }

// WildcardPassword returns the password that everything matches.
func WildcardPassword() Password { return Password{kind: passwordWildcard} }

// decodeStrict implements strictDecoder: a string is a clear-text password, an
// object names its type, null is no password.
func (p *Password) decodeStrict(data []byte, base int64) error {
	*p = Password{}
	switch data[0] {
	case 'n':
		return nil
	case '{':
	default:
		var key string
		if err := decodeValue(data, base, &key); err != nil {
			return err
		}
		*p = PlainPassword(key)
		return nil
	}
	var hash, salt *string
	var iterations *int
	var kind *passwordType
	err := decodeObject(data, base, fields{
		"type": &kind, "hash": &hash, "key": &p.key, "salt": &salt, "iterations": &iterations,
	})
	if err != nil {
		return err
	}
	switch {
	case kind != nil:
		p.kind = *kind
	case hash == nil && p.key != nil:
		// Version 0.8 left the type of a clear-text password out.
		p.kind = passwordPlain
	}
	return nil
}

// UnmarshalJSON implements json.Unmarshaler.
func (p *Password) UnmarshalJSON(data []byte) error { return p.decodeStrict(data, 0) }

var _ json.Unmarshaler = (*Password)(nil)

// Match tells whether the password is right, in a time that does not depend on
// how much of it is. An error says that nobody can log in this way.
func (p Password) Match(password string) (bool, error) {
	switch p.kind {
	case passwordAbsent, passwordNone:
		return false, nil
	case passwordWildcard:
		return true, nil
	case passwordPlain:
		if p.key == nil {
			return false, fmt.Errorf("password of type plain has no key")
		}
		// Hashing first hides the length as well.
		want, got := sha256.Sum256([]byte(*p.key)), sha256.Sum256([]byte(password))
		return subtle.ConstantTimeCompare(want[:], got[:]) == 1, nil
	}
	return false, fmt.Errorf("password type %q is not supported", p.kind)
}
