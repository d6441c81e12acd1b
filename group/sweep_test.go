package group

import (
	"context"
	"io/fs"
	"log/slog"
	"testing"
	"testing/fstest"
	"testing/synctest"
	"time"

	"galene/group/leaktest"
)

type mute string

func (m mute) ID() string      { return string(m) }
func (m mute) Address() string { return "" }
func (m mute) Person() bool    { return true }
func (m mute) Deliver(Event)   {}

func TestUnusedGroupsAreDropped(t *testing.T) {
	leaktest.Check(t)
	synctest.Test(t, func(t *testing.T) {
		anybody := &UserEntry{Password: WildcardPassword()}
		r := NewRegistry(RegistryOptions{
			Store: MemoryStore{
				"public": {Public: true}, "idle": {}, "short": {MaxHistoryAge: 60}, "used": {WildcardUser: anybody},
			},
			Logger: slog.New(slog.DiscardHandler),
		})
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() { defer close(done); r.Run(ctx) }()
		for _, name := range []string{"idle", "short"} {
			if _, err := r.Get(name); err != nil {
				t.Fatal(err)
			}
		}
		name := "x"
		if _, err := r.Join(ctx, JoinOptions{Client: mute("m"), Group: "used", Credentials: Credentials{Username: &name}}); err != nil {
			t.Fatal(err)
		}
		present := func(want ...string) {
			t.Helper()
			synctest.Wait()
			got := make(map[string]bool)
			for _, g := range r.all() {
				got[g.name] = true
			}
			if len(got) != len(want) {
				t.Errorf("in memory: %v, want %v", got, want)
			}
			for _, name := range want {
				if !got[name] {
					t.Errorf("in memory: %v, want %v", got, want)
				}
			}
		}
		present("public", "idle", "short", "used")
		time.Sleep(sweepInterval + time.Second)
		present("public", "idle", "used")
		time.Sleep(defaultHistoryAge + sweepInterval)
		present("public", "used")
		cancel()
		<-done
	})
}

func TestOldMessagesAreForgotten(t *testing.T) {
	leaktest.Check(t)
	synctest.Test(t, func(t *testing.T) {
		var h history
		h.add(Post{ID: "old", Time: time.Now()})
		time.Sleep(time.Hour)
		h.add(Post{ID: "new", Time: time.Now()})
		if got := h.since(time.Now().Add(-time.Minute)); len(got) != 1 || got[0].ID != "new" {
			t.Errorf("got %v", got)
		}
		if h.has("old") || h.bytes != len("new") {
			t.Errorf("kept %+v", h)
		}
	})
}

func TestJoinsRaceTheSweep(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	anybody := &UserEntry{Password: WildcardPassword()}
	r := NewRegistry(RegistryOptions{Store: MemoryStore{"g": {WildcardUser: anybody}}, Logger: slog.New(slog.DiscardHandler)})
	stop, swept := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(swept)
		for {
			select {
			case <-stop:
				return
			default:
				r.sweep(time.Now().Add(24 * time.Hour))
			}
		}
	}()
	name := "x"
	for range 2000 {
		c := mute("m")
		g, err := r.Join(t.Context(), JoinOptions{Client: c, Group: "g", Credentials: Credentials{Username: &name}})
		if err != nil {
			t.Fatal(err)
		}
		if r.loaded("g") != g {
			t.Fatal("a member is in a group that nobody finds")
		}
		g.Leave(c)
	}
	close(stop)
	<-swept
}

// neverEndingStore is one whose listing does not end before ctx is done.
type neverEndingStore struct {
	MemoryStore
	listing chan struct{}
}

func (s neverEndingStore) List(ctx context.Context, _ func(string)) {
	close(s.listing)
	<-ctx.Done()
}

// With a hundred thousand groups, a listing takes long; nobody waits for it who
// names the group.
func TestGroupsAreFoundWhileTheStoreIsBeingListed(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	store := neverEndingStore{MemoryStore{"g": {WildcardUser: &UserEntry{Password: WildcardPassword()}}, "up": {AutoSubgroups: true}}, make(chan struct{})}
	r := quietRegistry(store, nil)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { defer close(done); r.Run(ctx) }()
	<-store.listing
	username := "x"
	if _, err := r.Join(t.Context(), JoinOptions{Client: mute("m"), Group: "g", Credentials: Credentials{Username: &username}}); err != nil {
		t.Error(err)
	}
	if _, err := r.Get("up/stairs"); err != nil {
		t.Error(err)
	}
	if _, err := r.Get("none"); err != ErrNoSuchGroup {
		t.Error(err)
	}
	cancel()
	<-done
}

// withoutListing is a file system whose directories cannot be listed.
type withoutListing struct{ fs.FS }

func (w withoutListing) ReadDir(name string) ([]fs.DirEntry, error) {
	panic("the directory " + name + " is being listed")
}

func TestLookupDoesNotList(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	files := withoutListing{fstest.MapFS{
		"a/g.json": {Data: []byte(`{"auto-subgroups": true}`)},
	}}
	r := NewRegistry(RegistryOptions{Store: NewFileStore(files, "groups", slog.New(slog.DiscardHandler))})
	for name, want := range map[string]error{"a/g": nil, "a/g/sub/group": nil, "a": ErrNoSuchGroup, "a/h": ErrNoSuchGroup} {
		if _, err := r.Get(name); err != want {
			t.Errorf("%s: got %v, want %v", name, err, want)
		}
	}
}
