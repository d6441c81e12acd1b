package token

import (
	"fmt"
	"io/fs"
	"slices"
	"sync"
	"time"
)

// MemoryStore is a Store that ends with the process. The zero value is empty.
type MemoryStore struct {
	// mu guards what follows.
	mu     sync.Mutex
	tokens map[string]*Stateful
	// changes counts them.
	changes int
}

var _ Store = (*MemoryStore)(nil)

// Get implements Store.
func (s *MemoryStore) Get(name string) (*Stateful, string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	t := s.tokens[name]
	if t == nil {
		return nil, s.tagLocked(), fs.ErrNotExist
	}
	return t.Clone(), s.tagLocked(), nil
}

// List implements Store.
func (s *MemoryStore) List(group string) ([]*Stateful, string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	list := []*Stateful{}
	for _, t := range s.tokens {
		if t.Group == group {
			list = append(list, t.Clone())
		}
	}
	slices.SortFunc(list, byExpiry)
	return list, s.tagLocked(), nil
}

// Add implements Store.
func (s *MemoryStore) Add(t *Stateful) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for t.Token == "" {
		if name := NewName(); s.tokens[name] == nil {
			t.Token = name
		}
	}
	if s.tokens[t.Token] != nil {
		return fs.ErrExist
	}
	s.setLocked(t.Token, t.Clone())
	return nil
}

// Edit implements Store.
func (s *MemoryStore) Edit(name string, expect func(tag string) error, change func(*Stateful) (*Stateful, error)) (created bool, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	old := s.tokens[name]
	if err := s.expectLocked(old, expect); err != nil {
		return false, err
	}
	if old != nil {
		old = old.Clone()
	}
	t, err := change(old)
	if err != nil {
		return false, err
	}
	t = t.Clone()
	t.Token = name
	s.setLocked(name, t)
	return old == nil, nil
}

// Remove implements Store.
func (s *MemoryStore) Remove(name string, expect func(tag string) error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.expectLocked(s.tokens[name], expect); err != nil {
		return err
	}
	if s.tokens[name] == nil {
		return fs.ErrNotExist
	}
	s.setLocked(name, nil)
	return nil
}

// Expire implements Store.
func (s *MemoryStore) Expire(now time.Time) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for name, t := range s.tokens {
		if t.Expires != nil && t.Expires.Before(now.Add(-keepExpired)) {
			s.setLocked(name, nil)
		}
	}
	return nil
}

func (s *MemoryStore) expectLocked(t *Stateful, expect func(tag string) error) error {
	switch {
	case expect == nil:
		return nil
	case t == nil:
		return expect("")
	}
	return expect(s.tagLocked())
}

// setLocked keeps a token under a name, or forgets it.
func (s *MemoryStore) setLocked(name string, t *Stateful) {
	s.changes++
	if t == nil {
		delete(s.tokens, name)
		return
	}
	if s.tokens == nil {
		s.tokens = make(map[string]*Stateful)
	}
	s.tokens[name] = t
}

func (s *MemoryStore) tagLocked() string {
	if len(s.tokens) == 0 {
		return ""
	}
	return fmt.Sprintf("%d-%d", len(s.tokens), s.changes)
}
