package group

import (
	"context"
	"io/fs"
	"maps"
	"slices"
)

// MemoryStore is a Store of descriptions that do not change, by name.
type MemoryStore map[string]*Description

var _ Store = MemoryStore(nil)

// Stat implements Store.
func (s MemoryStore) Stat(name string) (Stamp, error) {
	if _, ok := s[name]; !ok {
		return Stamp{}, fs.ErrNotExist
	}
	return Stamp{Name: name}, nil
}

// Read implements Store.
func (s MemoryStore) Read(name string) (*Description, Stamp, error) {
	d, ok := s[name]
	if !ok {
		return nil, Stamp{}, fs.ErrNotExist
	}
	return d, Stamp{Name: name}, nil
}

// List implements Store.
func (s MemoryStore) List(ctx context.Context, visit func(name string)) {
	for _, name := range slices.Sorted(maps.Keys(s)) {
		if ctx.Err() != nil {
			return
		}
		visit(name)
	}
}
