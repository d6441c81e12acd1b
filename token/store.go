package token

import (
	"errors"
	"time"
)

// ErrTagMismatch says that what was to be changed has been changed by somebody
// else meanwhile.
var ErrTagMismatch = errors.New("changed by somebody else meanwhile")

// Store keeps stateful tokens. Its methods may be called from any goroutine.
// Every change is on the disk when they return.
//
// The tag tells one version of the whole store from another, as SIZE-MTIMENS
// (bytes, nanoseconds of Unix time); it is "" when the store is empty. A change
// of any token changes it.
type Store interface {
	// Get returns the token of a name, and the tag. The error is
	// fs.ErrNotExist if there is none.
	Get(name string) (*Stateful, string, error)
	// List returns the tokens whose group is exactly this, those first that
	// expire soonest, and the tag. Tokens that have expired are among them.
	List(group string) ([]*Stateful, string, error)
	// Add keeps a new token. If it has no name yet, it is given one. The
	// error is fs.ErrExist if there is one of this name.
	Add(t *Stateful) error
	// Edit replaces the token of a name, in one step: expect, unless it is
	// nil, is given the tag, "" if there is no such token; then change is
	// given the token, nil if there is none, and returns what is to be kept
	// under the name. Errors of either are returned, and nothing has changed.
	// The error is ErrTagMismatch if somebody has changed the store from
	// outside at the last moment. Neither function may call the store.
	Edit(name string, expect func(tag string) error, change func(*Stateful) (*Stateful, error)) (created bool, err error)
	// Remove forgets the token of a name; expect is as that of Edit. The
	// error is fs.ErrNotExist if there is none.
	Remove(name string, expect func(tag string) error) error
	// Expire forgets tokens that have expired long ago.
	Expire(now time.Time) error
}
