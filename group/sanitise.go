package group

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"galene/token"
)

// An InputError says what is wrong with what somebody has sent, in words for
// him. Its Err may be a *DecodeError.
type InputError struct {
	Err error
}

// Error implements error.
func (e *InputError) Error() string { return e.Err.Error() }

// Unwrap returns what is wrong.
func (e *InputError) Unwrap() error { return e.Err }

// secretKeys are the keys of a group file that are not its settings.
var secretKeys = []string{"users", "wildcard-user", "fallback-users", "authKeys", "op", "presenter", "other"}

// Sanitised returns the settings of a description: a copy without logins,
// keys and notes.
func (d *Description) Sanitised() *Description {
	return (&Description{}).WithSettings(d)
}

// WithSettings returns a description that has the logins, keys and notes of d
// and everything else of settings. d may be nil, for none.
func (d *Description) WithSettings(settings *Description) *Description {
	if d == nil {
		d = &Description{}
	}
	merged, logins := settings.Clone(), d.Clone()
	merged.Users, merged.WildcardUser = logins.Users, logins.WildcardUser
	merged.FallbackUsers, merged.AuthKeys = logins.FallbackUsers, logins.AuthKeys
	merged.notes = logins.notes
	return merged
}

// ParseSanitised decodes the settings of a group, in which there may be keys
// that it does not know; logins and keys may not. The error is an *InputError.
func ParseSanitised(data []byte) (*Description, error) {
	d := &Description{}
	known, finish := d.fields()
	for _, key := range secretKeys {
		delete(known, key)
	}
	err := decodeLenient(data, known, func(key string, _ []byte) error {
		for _, secret := range secretKeys {
			if strings.EqualFold(key, secret) {
				return fmt.Errorf("description is not sanitised: it holds %q", key)
			}
		}
		return nil
	})
	if err == nil {
		err = finish()
	}
	if err != nil {
		return nil, &InputError{err}
	}
	return d, nil
}

// ParseUserSettings decodes what may be set of a user beside the password:
// {"permissions": …}; other keys than "password" are ignored. The error is an
// *InputError.
func ParseUserSettings(data []byte) (Permissions, error) {
	var p Permissions
	err := decodeLenient(data, fields{"permissions": &p}, func(key string, _ []byte) error {
		if strings.EqualFold(key, "password") {
			return errors.New("user is not sanitised: it holds a password, which is set on its own")
		}
		return nil
	})
	if err != nil {
		return Permissions{}, &InputError{err}
	}
	return p, nil
}

// ParseKeySet decodes a set of keys for Description.AuthKeys, {"keys": […]};
// other keys are ignored. Each must be one that token.ParseKey accepts when it
// is strict. The error is an *InputError.
func ParseKeySet(data []byte) ([]json.RawMessage, error) {
	var keys []json.RawMessage
	err := decodeLenient(data, fields{"keys": &keys}, ignoreUnknown)
	if err != nil {
		return nil, &InputError{err}
	}
	for i, key := range keys {
		if err := token.CheckKey(key); err != nil {
			return nil, &InputError{fmt.Errorf("key %d: %w", i, err)}
		}
		var compact bytes.Buffer
		// It has been decoded before.
		_ = json.Compact(&compact, key)
		keys[i] = compact.Bytes()
	}
	return keys, nil
}
