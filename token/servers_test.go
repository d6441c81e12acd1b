package token

import (
	"errors"
	"log/slog"
	"sync"
	"testing"

	"galene/group/leaktest"
)

// Somebody has started a second server beside the old one, with the same files.
func TestTwoServersLoseNoInvitation(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	first, path := newFileStore(t)
	rounds := 100
	if testing.Short() {
		rounds = 30
	}
	// promised is what each writer has been told, by the name of the token.
	var promised [4]map[string]string
	var running sync.WaitGroup
	for i := range promised {
		promised[i] = make(map[string]string)
		s := first
		if i%2 == 1 {
			s = NewFileStore(path, slog.New(slog.DiscardHandler))
		}
		running.Go(func() {
			for range rounds {
				token := &Stateful{Group: "g", IssuedBy: "added"}
				if err := s.Add(token); err != nil {
					t.Error(err)
					return
				}
				promised[i][token.Token] = token.IssuedBy
				_, err := s.Edit(token.Token, nil, func(t *Stateful) (*Stateful, error) {
					if t == nil {
						return nil, errors.New("it is gone")
					}
					t.IssuedBy = "extended"
					return t, nil
				})
				if err == nil {
					promised[i][token.Token] = "extended"
				} else if !errors.Is(err, ErrTagMismatch) {
					t.Errorf("%s: %v", token.Token, err)
				}
			}
		})
	}
	running.Wait()
	for _, s := range []*FileStore{first, NewFileStore(path, slog.New(slog.DiscardHandler))} {
		for _, told := range promised {
			for name, by := range told {
				if got, _, err := s.Get(name); err != nil || got.IssuedBy != by {
					t.Errorf("token %s that was %s is now %+v, %v", name, by, got, err)
				}
			}
		}
	}
}
