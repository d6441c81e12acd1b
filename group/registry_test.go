package group_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"galene/group"
	"galene/group/grouptest"
	"galene/group/leaktest"
	"galene/group/logtest"
)

// directory is a directory of group files, the registry on it and its log.
type directory struct {
	*group.Registry
	path   string
	log    *logtest.Buffer
	logger *slog.Logger
}

func newDirectory(t *testing.T) *directory {
	t.Helper()
	d := &directory{path: t.TempDir(), log: &logtest.Buffer{}}
	logger := slog.New(slog.NewTextHandler(d.log, nil))
	store := group.NewFileStore(os.DirFS(d.path), d.path, logger)
	d.logger = logger
	d.Registry = group.NewRegistry(group.RegistryOptions{Store: store, Logger: logger})
	return d
}

// write writes the file of a group, with a time of change that no other has.
func (d *directory) write(t *testing.T, name, content string) {
	t.Helper()
	path := filepath.Join(d.path, name+".json")
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	modified := time.Now()
	if info, err := os.Stat(path); err == nil {
		modified = info.ModTime().Add(time.Second)
	}
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chtimes(path, modified, modified); err != nil {
		t.Fatal(err)
	}
}

func (d *directory) join(t *testing.T, name, id, username, password string) (*grouptest.Client, *group.Group, error) {
	t.Helper()
	c := grouptest.NewClient(id)
	g, err := d.Join(t.Context(), group.JoinOptions{
		Client: c, Group: name, Credentials: group.Credentials{Username: &username, Password: password},
	})
	return c, g, err
}

func (d *directory) mustJoin(t *testing.T, name, id, username, password string) (*grouptest.Client, *group.Group) {
	t.Helper()
	c, g, err := d.join(t, name, id, username, password)
	if err != nil {
		t.Fatalf("%s joins %s: %v", username, name, err)
	}
	return c, g
}

const (
	openGroup = `{"users": {"op": {"password": "op", "permissions": "op"}},
		"wildcard-user": {"password": {"type": "wildcard"}, "permissions": "present"}%s}`
	future = "2999-01-01T00:00:00Z"
	past   = "2001-01-01T00:00:00Z"
)

func open(more string) string { return fmt.Sprintf(openGroup, more) }

func TestAdmissionInOrder(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	tests := []struct {
		name, file, user, password, want string
	}{
		{"right password", open(""), "op", "op", ""},
		{"wrong password does not fall through to the wildcard", open(""), "op", "x", "not authorised"},
		{"anybody by the wildcard", open(""), "x", "y", ""},
		{"wrong password comes before the lock", open(`, "autolock": true`), "op", "x", "not authorised"},
		{"name that is no path", open(""), "a/../b", "y", "not authorised"},
		{"locked comes before the date", open(`, "autolock": true, "not-before": "` + future + `"`), "x", "y", "this group is locked"},
		{"not yet open comes before closed", open(`, "not-before": "` + future + `", "expires": "` + past + `"`), "x", "y", "this group is not open yet"},
		{"closed comes before no operators", open(`, "expires": "` + past + `", "autokick": true`), "x", "y", "this group is closed"},
		{"no operators", open(`, "autokick": true`), "x", "y", "there are no operators in this group"},
		{"operators are exempt", open(`, "autolock": true, "autokick": true, "expires": "` + past + `"`), "op", "op", ""},
		{"anonymous", open(""), "", "y", ""},
		{"anonymous where it is not allowed", open(`, "allow-anonymous": false`), "", "y", "not authorised"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			d := newDirectory(t)
			d.write(t, "g", tt.file)
			_, _, err := d.join(t, "g", "id", tt.user, tt.password)
			var e *group.Error
			if tt.want == "" {
				if err != nil {
					t.Errorf("refused: %v", err)
				}
			} else if !errors.As(err, &e) || e.Text != tt.want {
				t.Errorf("got %v, want %q", err, tt.want)
			}
		})
	}
}

func TestAdmissionWithoutUsableGroupOrIdentity(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	d := newDirectory(t)
	d.write(t, "g", open(`, "max-clients": 2`))
	d.write(t, "away", `{"redirect": "https://other.example/"}`)
	d.write(t, "hashed", `{"users": {"bob": {"password": {"type": "rot13", "key": "x"}}}}`)
	d.mustJoin(t, "g", "one", "x", "")
	for _, tt := range []struct {
		group, id string
		want      error
	}{
		{"/g", "two", group.ErrIllegalName},
		{"none", "two", group.ErrNoSuchGroup},
		{strings.Repeat("x", 1000), "two", group.ErrNoSuchGroup},
		{"g/sub", "two", group.ErrNoSuchGroup},
		{"g", "", group.ErrEmptyClientID},
		{"g", "one", group.ErrDuplicateClientID},
	} {
		if _, _, err := d.join(t, tt.group, tt.id, "x", ""); !errors.Is(err, tt.want) {
			t.Errorf("%q as %q: got %v, want %v", tt.group, tt.id, err, tt.want)
		}
	}
	d.mustJoin(t, "g", "two", "x", "")
	if _, _, err := d.join(t, "g", "three", "x", ""); !errors.Is(err, group.ErrTooManyUsers) {
		t.Errorf("into a full group: %v", err)
	}
	d.mustJoin(t, "g", "three", "op", "op")
	var redirect *group.RedirectError
	if _, _, err := d.join(t, "away", "x", "x", "wrong"); !errors.As(err, &redirect) || redirect.URL != "https://other.example/" {
		t.Errorf("into a group that is elsewhere: %v", err)
	}
	c := grouptest.NewClient("four")
	if _, err := d.Join(t.Context(), group.JoinOptions{Client: c, Group: "g"}); !errors.Is(err, group.ErrUsernameRequired) {
		t.Errorf("without a name: %v", err)
	}
	var e *group.Error
	if _, _, err := d.join(t, "hashed", "x", "bob", "x"); err == nil || errors.As(err, &e) {
		t.Errorf("with a password that cannot be checked: %v", err)
	}
	huge := group.Data{"x": []byte(`"` + strings.Repeat("x", 1<<16) + `"`)}
	_, err := d.Join(t.Context(), group.JoinOptions{Client: c, Group: "g", Data: huge})
	if !errors.Is(err, group.ErrDataTooLarge) {
		t.Errorf("with too much data: %v", err)
	}
}

func TestFallbackUsersSpecificBeforeWildcard(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	d := newDirectory(t)
	d.write(t, "g", `{"fallback-users": [{"password": {"type": "wildcard"}, "permissions": "present"},
		{"password": "1234", "permissions": "op"}]}`)
	for password, want := range map[string]bool{"1234": true, "x": false} {
		c, _ := d.mustJoin(t, "g", password, "other", password)
		self := c.Take()[0].(group.Joined).Self
		if self.Has("op") != want || !self.Has("present") {
			t.Errorf("with %q: %q", password, self.Permissions)
		}
	}
}

func TestEditsArePickedUp(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	d := newDirectory(t)
	d.write(t, "g", open(`, "displayName": "One"`))
	member, g := d.mustJoin(t, "g", "1", "ada", "")
	member.Take()

	d.write(t, "g", open(`, "displayName": "Two"`))
	if _, err := d.Get("g"); err != nil {
		t.Fatal(err)
	}
	events := member.Take()
	if len(events) != 1 || events[0].(group.Changed).Status.DisplayName != "Two" {
		t.Errorf("after the edit the member got %v", events)
	}

	d.write(t, "g", `{"users": {`)
	for range 3 {
		if _, err := d.Get("g"); err != nil {
			t.Fatalf("with a broken file: %v", err)
		}
	}
	d.mustJoin(t, "g", "2", "bob", "")
	if g.PublicStatus().DisplayName != "Two" {
		t.Error("a broken file changed the group")
	}
	if log := d.log.String(); strings.Count(log, "level=ERROR") != 1 || !strings.Contains(log, filepath.Join(d.path, "g.json")+":1:12") {
		t.Errorf("log is %q", log)
	}

	d.write(t, "g", `{"users": {"carl": {"password": "x"}}}`)
	if _, _, err := d.join(t, "g", "3", "bob", ""); !errors.Is(err, group.ErrNotAuthorised) {
		t.Errorf("after the repair: %v", err)
	}

	if err := os.Remove(filepath.Join(d.path, "g.json")); err != nil {
		t.Fatal(err)
	}
	if _, _, err := d.join(t, "g", "4", "carl", "x"); !errors.Is(err, group.ErrNoSuchGroup) {
		t.Errorf("after the file has gone: %v", err)
	}
	member.Take()
	if _, data := g.Leave(member); data != nil {
		t.Errorf("group data is %v", data)
	}
}

func TestBrokenFileConcernsItsGroupAlone(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	d := newDirectory(t)
	d.write(t, "bad", "{\n\"public\": true,\n\"oops\": 1}")
	d.write(t, "good", open(`, "public": true`))
	d.write(t, "sub/good", open(`, "public": true`))
	d.write(t, "private", open(``))
	if err := os.WriteFile(filepath.Join(d.path, "backup.json~"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	public := d.Public(t.Context())
	if len(public) != 2 || public[0].Name != "good" || public[1].Name != "sub/good" {
		t.Errorf("public groups are %v", public)
	}
	for range 3 {
		var e *group.Error
		if _, err := d.Get("bad"); err == nil || errors.As(err, &e) {
			t.Errorf("the broken group: %v", err)
		}
	}
	log := d.log.String()
	if strings.Count(log, "level=ERROR") != 1 || !strings.Contains(log, `bad.json:3:1: unknown key`) {
		t.Errorf("log is %q", log)
	}
	if !strings.Contains(log, "backup.json~") {
		t.Errorf("the file of another extension is not in the log: %q", log)
	}
	d.write(t, "bad", open(""))
	d.mustJoin(t, "bad", "1", "x", "")
}

func TestWarningsAreLoggedOnceForEachVersionOfAFile(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	d := newDirectory(t)
	d.write(t, "private", `{"op": [{"username": "ada", "password": "lace"}]}`)
	d.write(t, "public", `{"public": true, "codecs": ["nonsense"]}`)
	d.write(t, "up", `{"auto-subgroups": true, "codecs": ["nonsense"]}`)
	d.Public(t.Context())
	for _, name := range []string{"private", "public", "up", "up/a", "up/b"} {
		if _, err := d.Get(name); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"private", "public", "up"} {
		if n := strings.Count(d.log.String(), "group="+name+"\n"); n != 1 {
			t.Errorf("%d warnings about %s in %q", n, name, d.log.String())
		}
	}
	d.write(t, "private", `{"op": [{"username": "ada", "password": "changed"}]}`)
	if _, err := d.Get("private"); err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(d.log.String(), "group=private\n"); n != 2 {
		t.Errorf("after an edit: %d warnings in %q", n, d.log.String())
	}
}

func TestMissingDirectoryIsNoGroups(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	path := filepath.Join(t.TempDir(), "none")
	logger := slog.New(slog.DiscardHandler)
	r := group.NewRegistry(group.RegistryOptions{Store: group.NewFileStore(os.DirFS(path), path, logger), Logger: logger})
	if list := r.Public(t.Context()); list == nil || len(list) != 0 {
		t.Errorf("got %v", list)
	}
	if _, err := r.Get("g"); !errors.Is(err, group.ErrNoSuchGroup) {
		t.Errorf("got %v", err)
	}
}

func TestAutomaticSubgroupsFollowTheNearestFileAbove(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	d := newDirectory(t)
	d.write(t, "a", open(`, "auto-subgroups": true, "public": true, "description": "text", "displayName": "A"`))
	d.write(t, "a/b", open(""))
	g, err := d.Get("a/x/y")
	if err != nil {
		t.Fatal(err)
	}
	if s := g.PublicStatus(); s.Name != "a/x/y" || s.DisplayName != "A" || s.Description != "" || s.ClientCount != nil {
		t.Errorf("status of the subgroup is %+v", s)
	}
	if _, err := d.Get("a/b/c"); !errors.Is(err, group.ErrNoSuchGroup) {
		t.Errorf("below a group without them: %v", err)
	}
	d.write(t, "a/x/y", open(`, "displayName": "own"`))
	if g, err = d.Get("a/x/y"); err != nil || g.PublicStatus().DisplayName != "own" {
		t.Errorf("after it has got a file: %v", err)
	}
	for i := range 1100 {
		if _, err := d.Get(fmt.Sprintf("a/made-up-%d", i)); err != nil {
			t.Fatalf("subgroup %d: %v", i, err)
		}
	}
}

// TestThereIsAlwaysRoomForOneMoreAutomaticSubgroup has strangers make up names, look
// at groups, say something there and leave, and others stay in a great many.
func TestThereIsAlwaysRoomForOneMoreAutomaticSubgroup(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	d := newDirectory(t)
	d.write(t, "a", open(`, "auto-subgroups": true`))
	for i := range 1001 {
		d.mustJoin(t, fmt.Sprintf("a/lesson-%d", i), "x", "x", "")
	}
	said := func(name string) {
		c, g := d.mustJoin(t, name, "y", "y", "")
		if err := g.Chat(c, group.Post{Value: json.RawMessage(`"hello"`)}); err != nil {
			t.Fatal(err)
		}
		g.Leave(c)
	}
	history := func(name string) int {
		c, g := d.mustJoin(t, name, "y", "y", "")
		g.Leave(c)
		return len(c.Take()[0].(group.Joined).History)
	}
	said("a/early")
	for i := range 998 {
		said(fmt.Sprintf("a/stranger-%d", i))
	}
	said("a/late")
	for i := range 1100 {
		if _, err := d.Get(fmt.Sprintf("a/looked-at-%d", i)); err != nil {
			t.Fatalf("subgroup %d: %v", i, err)
		}
	}
	if n := history("a/late"); n != 1 {
		t.Errorf("what was said last is forgotten: %d messages", n)
	}
	said("a/new")
	if n := history("a/new"); n != 1 {
		t.Errorf("%d messages where one was said", n)
	}
	if n := history("a/early"); n != 0 {
		t.Errorf("%d messages are kept where nobody has been for longest", n)
	}
	if n := len(d.Groups()); n > 2100 {
		t.Errorf("%d groups are in memory", n)
	}
}

func TestAutolockAndAutokick(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	d := newDirectory(t)
	d.write(t, "lock", open(`, "autolock": true`))
	d.write(t, "kick", open(`, "autokick": true`))
	op, g := d.mustJoin(t, "kick", "op", "op", "op")
	member, _ := d.mustJoin(t, "kick", "m", "x", "")
	member.Take()
	g.Leave(op)
	events := member.Take()
	if k, ok := events[len(events)-1].(group.Kicked); !ok || k.Message != "there are no operators in this group" || k.By.ID != "" {
		t.Errorf("when the last operator had left, the member got %v", events)
	}
	op, _ = d.mustJoin(t, "lock", "op", "op", "op")
	if !op.Take()[0].(group.Joined).Status.Locked {
		t.Error("the arrival of an operator unlocked the group")
	}
}

func TestShutdownTellsEverybodyAndLetsNobodyIn(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	d := newDirectory(t)
	d.write(t, "g", open(""))
	d.write(t, "h", open(""))
	member, _ := d.mustJoin(t, "g", "1", "x", "")
	member.Take()
	d.Shutdown()
	events := member.Take()
	if k, ok := events[len(events)-1].(group.Kicked); !ok || !k.ShuttingDown || k.Message != "server is shutting down" {
		t.Errorf("the member got %v", events)
	}
	for _, name := range []string{"g", "h"} {
		if _, _, err := d.join(t, name, "2", "op", "op"); !errors.Is(err, group.ErrShuttingDown) {
			t.Errorf("an operator joins %s: %v", name, err)
		}
	}
}

// countingStore counts how often it is asked.
type countingStore struct {
	group.Store
	asked int
}

func (s *countingStore) Stat(name string) (group.Stamp, error) {
	s.asked++
	return s.Store.Stat(name)
}

func TestNameTooLongForAFileIsNotLookedFor(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	store := &countingStore{Store: group.MemoryStore{"a": {AutoSubgroups: true}}}
	r := group.NewRegistry(group.RegistryOptions{Store: store})
	if _, err := r.Get("a" + strings.Repeat("/a", 100_000)); err != group.ErrNoSuchGroup || store.asked != 0 {
		t.Errorf("got %v after %d questions", err, store.asked)
	}
	if _, err := r.Get("a" + strings.Repeat("/a", 1000)); err != nil {
		t.Error(err)
	}
}
