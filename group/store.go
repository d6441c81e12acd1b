package group

import (
	"context"
	"errors"
	"fmt"
	"time"

	"galene/token"
)

// ErrTagMismatch says that what was to be changed has been changed by somebody
// else meanwhile.
var ErrTagMismatch = token.ErrTagMismatch

// ErrReadOnly says that the descriptions of this server cannot be changed.
var ErrReadOnly = errors.New("the groups of this server cannot be changed")

// Store is where descriptions come from. Its methods may be called from any
// goroutine; they are given valid names only.
type Store interface {
	// Stat returns the stamp of the description of this very name. The error
	// is fs.ErrNotExist if there is none.
	Stat(name string) (Stamp, error)
	// Read returns the description together with its stamp. An error other
	// than fs.ErrNotExist says what is wrong with it, and where; the stamp is
	// then still that of what was read, if it could be found out.
	Read(name string) (*Description, Stamp, error)
	// List calls visit for every description there is, in lexical order,
	// until ctx is done.
	List(ctx context.Context, visit func(name string))
}

// WritableStore is a Store whose descriptions can be changed. One change is
// made at a time.
type WritableStore interface {
	Store
	// Write replaces the description whose stamp is old, the zero stamp if
	// there is none. The error is ErrTagMismatch if that is no longer so.
	Write(name string, old Stamp, d *Description) error
	// Remove removes the description whose stamp is old. The error is
	// ErrTagMismatch if that is no longer so.
	Remove(name string, old Stamp) error
}

// reachingStore is a Store that knows how far down a name leads, at less cost than
// asking for each of the names above it.
type reachingStore interface {
	// reach returns the name itself or one above it; there is no description of
	// any between the two, nor of the name if it is another.
	reach(name string) string
}

// Stamp tells one version of a description from another. Stamps are compared
// with ==.
type Stamp struct {
	// Name is that of the description: for an automatic subgroup, that of the
	// group above it.
	Name     string
	Size     int64
	Modified time.Time
	// file is another number when another file has taken the place.
	file uint64
}

// Tag returns the stamp as clients see it: SIZE-MTIMENS, in bytes and in
// nanoseconds of Unix time; "" for the zero stamp, that of what is not there.
// It outlives the process.
func (s Stamp) Tag() string {
	if s == (Stamp{}) {
		return ""
	}
	return fmt.Sprintf("%d-%d", s.Size, s.Modified.UnixNano())
}
