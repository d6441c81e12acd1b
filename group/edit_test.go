package group_test

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"

	"galene/group"
	"galene/group/grouptest"
	"galene/group/leaktest"
)

func rename(to string) func(*group.Description) (*group.Description, error) {
	return func(d *group.Description) (*group.Description, error) {
		if d == nil {
			d = &group.Description{}
		}
		d.DisplayName = to
		return d, nil
	}
}

func TestEditIsInForceAtOnce(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	d := newDirectory(t)
	d.write(t, "g", open(`, "auto-subgroups": true`))
	member, _ := d.mustJoin(t, "g", "1", "x", "")
	below, _ := d.mustJoin(t, "g/sub", "2", "x", "")
	member.Take()
	below.Take()
	if created, err := d.Edit("g", nil, rename("New")); created || err != nil {
		t.Fatal(created, err)
	}
	for _, c := range []*grouptest.Client{member, below} {
		events := c.Take()
		if len(events) != 1 || events[0].(group.Changed).Status.DisplayName != "New" {
			t.Errorf("a member got %v", events)
		}
	}
	d.mustJoin(t, "g", "3", "op", "op")
	if public := d.Public(t.Context()); len(public) != 0 {
		t.Errorf("public groups are %v", public)
	}
	if created, err := d.Edit("a/b/c", nil, func(*group.Description) (*group.Description, error) {
		return &group.Description{Public: true}, nil
	}); !created || err != nil {
		t.Fatal(created, err)
	}
	if public := d.Public(t.Context()); len(public) != 1 || public[0].Name != "a/b/c" {
		t.Errorf("public groups are %v", public)
	}
	if names := d.Names(t.Context()); len(names) != 2 || names[0] != "a/b/c" || names[1] != "g" {
		t.Errorf("names are %q", names)
	}
	if err := d.Remove("g", nil); err != nil {
		t.Fatal(err)
	}
	if _, _, err := d.join(t, "g", "4", "x", ""); !errors.Is(err, group.ErrNoSuchGroup) {
		t.Errorf("after the removal: %v", err)
	}
	for range 2 {
		if err := d.Remove("g", nil); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("the second removal: %v", err)
		}
	}
	if _, _, err := d.Definition("g"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("after the removal: %v", err)
	}
}

func TestEditOfNamesThatCannotBe(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	d := newDirectory(t)
	for _, name := range []string{"", "../x", ".x", "a\x00b", "/a", `a\b`} {
		if _, err := d.Edit(name, nil, rename("x")); !errors.Is(err, group.ErrIllegalName) {
			t.Errorf("%q: %v", name, err)
		}
		if err := d.Remove(name, nil); !errors.Is(err, group.ErrIllegalName) {
			t.Errorf("%q: %v", name, err)
		}
		if _, _, err := d.Definition(name); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%q: %v", name, err)
		}
	}
	d.write(t, "file", "{}")
	for _, name := range []string{strings.Repeat("x", 300), strings.Repeat("x/", 2500) + "x"} {
		var bad *group.InputError
		if _, err := d.Edit(name, nil, rename("x")); !errors.As(err, &bad) {
			t.Errorf("%.20q: %v", name, err)
		}
		if err := d.Remove(name, nil); !errors.Is(err, fs.ErrNotExist) && !errors.As(err, &bad) {
			t.Errorf("%.20q: %v", name, err)
		}
	}
	if _, err := d.Edit("dir.json/below", nil, rename("x")); err != nil {
		t.Error(err)
	}
	for _, name := range []string{"dir", "file.json/below"} {
		var bad *group.InputError
		if _, err := d.Edit(name, nil, rename("x")); !errors.As(err, &bad) {
			t.Errorf("%q: %v", name, err)
		}
	}
	if _, err := group.NewRegistry(group.RegistryOptions{Store: group.MemoryStore{}}).Edit("g", nil, rename("x")); !errors.Is(err, group.ErrReadOnly) {
		t.Errorf("groups that are in memory: %v", err)
	}
}

func TestEditThatIsNotExpectedChangesNothing(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	d := newDirectory(t)
	no := errors.New("no")
	if _, err := d.Edit("g", func(tag string) error {
		if tag != "" {
			t.Errorf("what does not exist has tag %q", tag)
		}
		return no
	}, rename("x")); err != no {
		t.Errorf("got %v", err)
	}
	d.write(t, "g", open(""))
	if _, err := d.Edit("g", nil, func(old *group.Description) (*group.Description, error) {
		delete(old.Users, "op")
		old.WildcardUser.Password = group.Password{}
		return nil, no
	}); err != no {
		t.Errorf("got %v", err)
	}
	d.mustJoin(t, "g", "1", "op", "op")
	d.mustJoin(t, "g", "2", "x", "")
	if data, err := os.ReadFile(filepath.Join(d.path, "g.json")); err != nil || string(data) != open("") {
		t.Errorf("the file is %s", data)
	}
	d.write(t, "g", `{"oops": 1}`)
	if _, err := d.Edit("g", nil, rename("x")); err == nil || !strings.Contains(err.Error(), `g.json:1:2: unknown key "oops"`) {
		t.Errorf("a file that is broken: %v", err)
	}
}

func TestEditAgainstAnEditByHandIsRefused(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	d := newDirectory(t)
	d.write(t, "g", open(""))
	for _, byHand := range []func(){
		func() { d.write(t, "g", open(`, "comment": "by hand"`)) },
		func() { os.Remove(filepath.Join(d.path, "g.json")) },
		func() { d.write(t, "g", open("")) },
	} {
		_, err := d.Edit("g", nil, func(*group.Description) (*group.Description, error) {
			byHand()
			return &group.Description{}, nil
		})
		if !errors.Is(err, group.ErrTagMismatch) {
			t.Errorf("got %v", err)
		}
	}
	entries, err := os.ReadDir(d.path)
	if err != nil || len(entries) != 1 {
		t.Errorf("left over: %v, %v", entries, err)
	}
}

func TestTagsDifferAndLast(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	d := newDirectory(t)
	seen := make(map[string]bool)
	for i := range 100 {
		if _, err := d.Edit("g", nil, rename(strconv.Itoa(i%10))); err != nil {
			t.Fatal(err)
		}
		_, stamp, err := d.Definition("g")
		if err != nil || seen[stamp.Tag()] {
			t.Fatalf("tag %q, %v", stamp.Tag(), err)
		}
		seen[stamp.Tag()] = true
		info, err := os.Stat(filepath.Join(d.path, "g.json"))
		if err != nil || stamp.Tag() != fmt.Sprintf("%d-%d", info.Size(), info.ModTime().UnixNano()) {
			t.Errorf("tag %q is not that of the file %v", stamp.Tag(), info)
		}
	}
}

func TestWhatAnEditLeavesOnTheDisk(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	d := newDirectory(t)
	if _, err := d.Edit("a/b", nil, rename("x")); err != nil {
		t.Fatal(err)
	}
	mode := func(name string, want fs.FileMode) {
		t.Helper()
		if info, err := os.Lstat(filepath.Join(d.path, name)); err != nil || info.Mode() != want {
			t.Errorf("%s has mode %v, want %v", name, info.Mode(), want)
		}
	}
	mode("a", 0o700|fs.ModeDir)
	mode("a/b.json", 0o600)
	for _, kept := range []fs.FileMode{0o660, 0o644, 0o640, 0o400} {
		if err := os.Chmod(filepath.Join(d.path, "a/b.json"), kept); err != nil {
			t.Fatal(err)
		}
		if _, err := d.Edit("a/b", nil, rename("y")); err != nil {
			t.Fatal(err)
		}
		mode("a/b.json", kept)
	}
	if data, err := os.ReadFile(filepath.Join(d.path, "a/b.json")); err != nil || string(data) != `{"displayName":"y"}`+"\n" {
		t.Errorf("the file is %q, %v", data, err)
	}
	elsewhere := filepath.Join(t.TempDir(), "real.json")
	if err := os.WriteFile(elsewhere, []byte("{}"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(elsewhere, filepath.Join(d.path, "link.json")); err != nil {
		t.Fatal(err)
	}
	if _, err := d.Edit("link", nil, rename("z")); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Lstat(filepath.Join(d.path, "link.json")); err != nil || info.Mode()&fs.ModeSymlink == 0 {
		t.Errorf("the link is %v, %v", info, err)
	}
	if data, _ := os.ReadFile(elsewhere); string(data) != `{"displayName":"z"}`+"\n" {
		t.Errorf("the file is %q", data)
	}
}

func TestNoAcceptedEditIsLost(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	for servers := range 2 {
		t.Run(fmt.Sprintf("%d servers", servers+1), func(t *testing.T) {
			t.Parallel()
			testNoAcceptedEditIsLost(t, servers+1)
		})
	}
}

// testNoAcceptedEditIsLost has as many servers edit the same file.
func testNoAcceptedEditIsLost(t *testing.T, servers int) {
	d := newDirectory(t)
	registries := []*group.Registry{d.Registry}
	for range servers - 1 {
		store := group.NewFileStore(os.DirFS(d.path), d.path, d.logger)
		registries = append(registries, group.NewRegistry(group.RegistryOptions{Store: store, Logger: d.logger}))
	}
	const writers = 4
	rounds := 2500
	if testing.Short() {
		rounds = 100
	}
	accepted := make([]int, writers)
	var running sync.WaitGroup
	for w := range writers {
		r := registries[w%servers]
		running.Go(func() {
			for range rounds {
				tag := ""
				if _, stamp, err := r.Definition("g"); err == nil {
					tag = stamp.Tag()
				}
				_, err := r.Edit("g", func(now string) error {
					if now != tag {
						return group.ErrTagMismatch
					}
					return nil
				}, func(old *group.Description) (*group.Description, error) {
					if old == nil {
						old = &group.Description{}
					}
					old.MaxClients++
					return old, nil
				})
				if err == nil {
					accepted[w]++
				} else if !errors.Is(err, group.ErrTagMismatch) {
					t.Error(err)
				}
			}
		})
	}
	running.Wait()
	sum := 0
	for _, n := range accepted {
		sum += n
	}
	final, _, err := d.Definition("g")
	if err != nil || final.MaxClients != sum || sum < rounds/2 {
		t.Errorf("%d edits were accepted, %+v remained, %v", sum, final, err)
	}
}

func TestJoinsRaceTheRemovalOfAnIdleGroup(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	d := newDirectory(t)
	var running sync.WaitGroup
	for i := range 4 {
		running.Go(func() {
			for n := range 200 {
				if i == 0 {
					// It is dropped from memory, and comes again.
					if err := d.Remove("g", nil); err != nil && !errors.Is(err, fs.ErrNotExist) {
						t.Error(err)
					}
					continue
				}
				if _, err := d.Edit("g", nil, func(*group.Description) (*group.Description, error) {
					return &group.Description{WildcardUser: &group.UserEntry{Password: group.WildcardPassword()}}, nil
				}); err != nil && !errors.Is(err, group.ErrTagMismatch) {
					t.Error(err)
				}
				c, g, err := d.join(t, "g", fmt.Sprint(i, "-", n), "x", "")
				if errors.Is(err, group.ErrNoSuchGroup) {
					continue
				}
				if err != nil {
					t.Error(err)
					continue
				}
				if now, err := d.Get("g"); err == nil && now != g {
					t.Error("a member is in a group that nobody finds")
				}
				g.Leave(c)
			}
		})
	}
	running.Wait()
}
