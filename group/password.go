package group

import (
	"encoding/json"
	"errors"
	"fmt"
)

// passwordType says how the key of a Password is to be compared.
type passwordType string

const (
	passwordAbsent   passwordType = ""
	passwordPlain    passwordType = "plain"
	passwordPBKDF2   passwordType = "pbkdf2"
	passwordBcrypt   passwordType = "bcrypt"
	passwordWildcard passwordType = "wildcard"
	passwordNone     passwordType = "none"
)

// Password is the password of a user entry. The zero value matches nothing,
// not even the empty password. It is not changed once it has been made.
type Password struct {
	kind passwordType
	// What follows is as it was read, nil where nothing was: hash names the
	// hash of PBKDF2, key and salt are what the kind makes of them.
	hash, key, salt *string
	iterations      *int
	// written is the kind, nil if it was left out.
	written *passwordType
	// text says that the password was a string.
	text bool
}

// PlainPassword returns the password that is written in clear text.
func PlainPassword(key string) Password { return Password{kind: passwordPlain, key: &key, text: true} }

// WildcardPassword returns the password that everything matches.
func WildcardPassword() Password {
	kind := passwordWildcard
	return Password{kind: kind, written: &kind}
}

// Kind returns the type of the password: "plain", "pbkdf2", "bcrypt",
// "wildcard", "none", "" if there is no password, or a type that is not known.
func (p Password) Kind() string { return string(p.kind) }

// IsZero tells whether there is no password.
func (p Password) IsZero() bool {
	return p.kind == passwordAbsent && p.written == nil && p.hash == nil && p.key == nil && p.salt == nil && p.iterations == nil
}

// decodeStrict implements strictDecoder: a string is a clear-text password, an
// object names its type, null is no password.
func (p *Password) decodeStrict(data []byte, base int64) error {
	return p.decode(data, base, unknownKey)
}

func (p *Password) decode(data []byte, base int64, unknown func(string, []byte) error) error {
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
	err := decodeMembers(data, base, fields{
		"type": &p.written, "hash": &p.hash, "key": &p.key, "salt": &p.salt, "iterations": &p.iterations,
	}, unknown)
	if err != nil {
		return err
	}
	switch {
	case p.written != nil:
		p.kind = *p.written
	case p.hash == nil && p.key != nil:
		// Version 0.8 left the type of a clear-text password out.
		p.kind = passwordPlain
	}
	return nil
}

// UnmarshalJSON implements json.Unmarshaler.
func (p *Password) UnmarshalJSON(data []byte) error { return p.decodeStrict(data, 0) }

var (
	_ json.Unmarshaler = (*Password)(nil)
	_ json.Marshaler   = Password{}
)

// ParsePassword decodes a password that somebody wants to set: a string, or an
// object of one of the known types with everything that the type needs. Keys
// that are not known are ignored. The error is an *InputError.
func ParsePassword(data []byte) (Password, error) {
	var p Password
	value, at, err := only(data)
	if err == nil {
		err = p.decode(value, at, ignoreUnknown)
	}
	if err != nil {
		return Password{}, &InputError{place(err, data)}
	}
	err = p.Check()
	if err == nil && p.kind == passwordAbsent {
		err = errors.New("a password is a string, or an object that has a type")
	}
	if err != nil {
		return Password{}, &InputError{err}
	}
	return p, nil
}

// Check tells what is wrong with the password, so that nobody can log in with
// it although somebody is meant to.
func (p Password) Check() error {
	switch p.kind {
	case passwordAbsent, passwordWildcard, passwordNone:
		return nil
	case passwordPlain:
		if p.key == nil {
			return errors.New("password of type plain has no key")
		}
		return nil
	case passwordPBKDF2:
		_, err := p.pbkdf2()
		return err
	case passwordBcrypt:
		_, err := p.bcrypt()
		return err
	}
	return fmt.Errorf("password type %q is not supported", p.kind)
}

// ClearText returns the password itself, if it is written in clear text.
func (p Password) ClearText() (text string, ok bool) {
	if p.kind != passwordPlain || p.key == nil {
		return "", false
	}
	return *p.key, true
}
