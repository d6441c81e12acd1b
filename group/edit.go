package group

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
)

// Definition returns the description of this very name as the store has it
// now, which the caller may change, and its stamp. Automatic subgroups have
// none. The error is fs.ErrNotExist if there is none or the name is not valid;
// any other one says what is wrong with the file.
func (r *Registry) Definition(name string) (*Description, Stamp, error) {
	if !ValidName(name) || len(name) > maxName {
		return nil, Stamp{}, fs.ErrNotExist
	}
	d, s, err := r.store.Read(name)
	if err != nil {
		return nil, Stamp{}, err
	}
	return d.Clone(), s, nil
}

// Names returns the names of all descriptions in the store, those that are
// faulty too, in lexical order; if ctx is done meanwhile, they are not all.
func (r *Registry) Names(ctx context.Context) []string {
	names := []string{}
	r.store.List(ctx, func(name string) { names = append(names, name) })
	return names
}

// Edit replaces the description of a name in the store, in one step. expect,
// unless it is nil, is given its tag, "" if there is none; then change is given
// the description, nil if there is none, and returns the new one, which may be
// the one that it was given. Errors of either are returned as they are, and
// nothing has changed. When Edit returns, the new description is in force and
// members have been told.
//
// The error is ErrTagMismatch if somebody has changed the file at the last
// moment, ErrIllegalName if the name is not valid, ErrReadOnly, an *InputError
// if the file system cannot hold the name; any other one is a fault of the file
// that was there or of the file system. Neither function may call Edit or
// Remove.
func (r *Registry) Edit(name string, expect func(tag string) error, change func(*Description) (*Description, error)) (created bool, err error) {
	store, err := r.writable(name)
	if err != nil {
		return false, err
	}
	r.writing.Lock()
	defer r.writing.Unlock()
	old, stamp, err := store.Read(name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		old, stamp = nil, Stamp{}
	case err != nil:
		return false, err
	default:
		old = old.Clone()
	}
	if expect != nil {
		if err := expect(stamp.Tag()); err != nil {
			return false, err
		}
	}
	d, err := change(old)
	if err != nil {
		return false, err
	}
	if err := store.Write(name, stamp, d); err != nil {
		return false, err
	}
	r.refresh(name, d.Public)
	return stamp == Stamp{}, nil
}

// Remove removes the description of a name from the store; expect is as that of
// Edit, and so are the errors, with fs.ErrNotExist if there is none. Members
// stay until they leave.
func (r *Registry) Remove(name string, expect func(tag string) error) error {
	store, err := r.writable(name)
	if err != nil {
		return err
	}
	r.writing.Lock()
	defer r.writing.Unlock()
	stamp, err := store.Stat(name)
	if errors.Is(err, fs.ErrNotExist) {
		stamp = Stamp{}
	} else if err != nil {
		return err
	}
	if expect != nil {
		if err := expect(stamp.Tag()); err != nil {
			return err
		}
	}
	if stamp == (Stamp{}) {
		return fs.ErrNotExist
	}
	if err := store.Remove(name, stamp); err != nil {
		return err
	}
	r.refresh(name, false)
	return nil
}

func (r *Registry) writable(name string) (WritableStore, error) {
	store, ok := r.store.(WritableStore)
	switch {
	case !ok:
		return nil, ErrReadOnly
	case !ValidName(name):
		return nil, ErrIllegalName
	case len(name) > maxName:
		return nil, &InputError{fmt.Errorf("a group name has at most %d bytes", maxName)}
	}
	return store, nil
}

// refresh has the groups whose description has changed look at it: the one of
// this name, which comes into memory if it is public, and the automatic
// subgroups below. What is wrong is logged.
func (r *Registry) refresh(name string, public bool) {
	if public || r.loaded(name) != nil {
		r.Get(name)
	}
	for _, g := range r.all() {
		if s := g.currentStamp(); s.Name == name && g.name != name {
			r.Get(g.name)
		}
	}
}
