package group

import (
	"context"
	"time"
)

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

// Stamp tells one version of a description from another. Stamps are compared
// with ==.
type Stamp struct {
	// Name is that of the description: for an automatic subgroup, that of the
	// group above it.
	Name     string
	Size     int64
	Modified time.Time
}
