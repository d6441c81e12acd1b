package group

import (
	"context"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"galene/group/leaktest"
)

// slowStore takes a second to list, and counts how often it does.
type slowStore struct {
	MemoryStore
	lists *atomic.Int32
}

func (s slowStore) List(ctx context.Context, visit func(string)) {
	s.lists.Add(1)
	time.Sleep(time.Second)
	s.MemoryStore.List(ctx, visit)
}

func TestVisitorsOfOneMomentShareOneListing(t *testing.T) {
	leaktest.Check(t)
	synctest.Test(t, func(t *testing.T) {
		store := slowStore{MemoryStore{"g": {Public: true}}, new(atomic.Int32)}
		r := quietRegistry(store, nil)
		for round := range int32(2) {
			begun := time.Now()
			var visitors sync.WaitGroup
			for range 20 {
				visitors.Go(func() {
					if list := r.Public(t.Context()); len(list) != 1 {
						t.Errorf("public groups are %v", list)
					}
				})
			}
			visitors.Wait()
			if took := time.Since(begun); took > time.Second || store.lists.Load() != round+1 {
				t.Errorf("after %v, the store has been listed %d times", took, store.lists.Load())
			}
			time.Sleep(time.Minute)
		}
	})
}
