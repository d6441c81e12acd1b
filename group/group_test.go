package group_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"galene/group"
	"galene/group/grouptest"
	"galene/group/leaktest"
	"galene/group/media"
)

// publication is a media.Publication without media.
type publication string

func (p publication) ID() string                   { return string(p) }
func (p publication) Label() string                { return "camera" }
func (p publication) Owner() (id, name string)     { return "", "" }
func (p publication) Tracks() (none []media.Track) { return nil }

// say describes events briefly.
func say(events []group.Event) string {
	var words []string
	for _, e := range events {
		switch e := e.(type) {
		case group.Joined:
			words = append(words, "joined")
		case group.UserAdded:
			words = append(words, "+"+e.Member.ID)
		case group.UserDeleted:
			words = append(words, "-"+e.Member.ID)
		case group.UserChanged:
			words = append(words, "~"+e.Member.ID)
		case group.Chat:
			words = append(words, "chat:"+string(e.Post.Value))
		case group.Published:
			words = append(words, "stream:"+e.Publication.ID()+"<"+e.Replaces)
		case group.Unpublished:
			words = append(words, "end:"+e.ID)
		default:
			words = append(words, fmt.Sprintf("%T", e))
		}
	}
	return strings.Join(words, " ")
}

func expect(t *testing.T, what string, c *grouptest.Client, want string) {
	t.Helper()
	if got := say(c.Take()); got != want {
		t.Errorf("%s: got %q, want %q", what, got, want)
	}
}

func pair(t *testing.T) (d *directory, g *group.Group, a, b *grouptest.Client) {
	t.Helper()
	d = newDirectory(t)
	d.write(t, "g", open(""))
	a, g = d.mustJoin(t, "g", "a", "ada", "")
	b, _ = d.mustJoin(t, "g", "b", "bob", "")
	expect(t, "the first", a, "joined +b")
	expect(t, "the second", b, "joined")
	return d, g, a, b
}

func TestStreamsOfALeaverEndBeforeHeDoes(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	_, g, a, b := pair(t)
	if err := g.Publish(a, publication("s"), ""); err != nil {
		t.Fatal(err)
	}
	expect(t, "a stream that is being set up", b, "")
	g.Announce(a, "s")
	g.Announce(a, "s")
	g.Leave(a)
	g.Leave(a)
	expect(t, "the other", b, "stream:s< stream:s< end:s -a")
	expect(t, "the publisher", a, "")
}

func TestReplacementIsToldOnce(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	_, g, a, b := pair(t)
	publish := func(id, replaces string) {
		t.Helper()
		if err := g.Publish(a, publication(id), replaces); err != nil {
			t.Fatal(err)
		}
	}
	publish("one", "")
	g.Announce(a, "one")
	publish("two", "one")
	if list := g.Publications(b); len(list) != 0 {
		t.Errorf("a newcomer is shown %v, which is being replaced", list)
	}
	g.Announce(a, "one")
	publish("three", "two")
	g.Announce(a, "two")
	g.Announce(a, "three")
	g.Announce(a, "three")
	expect(t, "after two replacements at once", b, "stream:one< stream:three<one stream:three<")
	publish("four", "three")
	g.Unpublish(a, "four")
	expect(t, "after a replacement that came to nothing", b, "end:three")
	publish("five", "unknown")
	g.Announce(a, "five")
	expect(t, "after the replacement of nothing", b, "stream:five<")
	publish("six", "five")
	g.Leave(a)
	expect(t, "after the publisher left in the middle of it", b, "end:five -a")
}

func TestStreamIDsAndRights(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	d, g, a, b := pair(t)
	if err := g.Publish(a, publication("s"), ""); err != nil {
		t.Fatal(err)
	}
	if err := g.Publish(b, publication("s"), ""); !errors.Is(err, group.ErrDuplicateStream) {
		t.Errorf("the id of somebody else: %v", err)
	}
	g.Announce(b, "s")
	g.Unpublish(b, "s")
	expect(t, "when somebody else ends a stream", b, "")
	if err := g.Publish(b, publication("t"), "s"); err != nil {
		t.Fatal(err)
	}
	g.Announce(a, "s")
	expect(t, "when somebody else replaces a stream", b, "stream:s<")
	d.write(t, "w", `{"wildcard-user": {"password": "", "permissions": "observe"}}`)
	watcher, w := d.mustJoin(t, "w", "w", "x", "")
	if err := w.Publish(watcher, publication("s"), ""); !errors.Is(err, group.ErrNotAuthorised) {
		t.Errorf("publish without the right: %v", err)
	}
	if err := g.Publish(watcher, publication("x"), ""); !errors.Is(err, group.ErrNotMember) {
		t.Errorf("publish in another group: %v", err)
	}
	if err := w.Chat(watcher, group.Post{}); !errors.Is(err, group.ErrNotAuthorised) {
		t.Errorf("chat without the right: %v", err)
	}
	if err := w.Kick(watcher, "w", ""); !errors.Is(err, group.ErrNotAuthorised) {
		t.Errorf("kick without the right: %v", err)
	}
}

func TestPosts(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	d, g, a, b := pair(t)
	chat := func(c group.Client, p group.Post) error {
		p.Value = json.RawMessage(`1`)
		return g.Chat(c, p)
	}
	for _, p := range []group.Post{{}, {NoEcho: true}, {Dest: "b"}, {Dest: "a"}} {
		if err := chat(a, p); err != nil {
			t.Fatal(err)
		}
	}
	expect(t, "the sender", a, "chat:1 chat:1")
	events := b.Take()
	first := events[0].(group.Chat).Post
	if len(events) != 3 || first.Source != "a" || first.Username != "ada" || len(first.ID) != 11 || first.Privileged {
		t.Errorf("the receiver got %+v", events)
	}
	if err := chat(a, group.Post{Dest: "nobody"}); !errors.Is(err, group.ErrUserUnknown) {
		t.Errorf("to nobody: %v", err)
	}
	if err := chat(a, group.Post{Kind: "caption"}); !errors.Is(err, group.ErrNotAuthorised) {
		t.Errorf("a caption without the right: %v", err)
	}
	if err := chat(a, group.Post{ID: first.ID}); err != nil {
		t.Fatal(err)
	}
	op, _ := d.mustJoin(t, "g", "op", "op", "op")
	if err := chat(op, group.Post{Kind: "caption", ID: "mine"}); err != nil {
		t.Fatal(err)
	}
	newcomer, _ := d.mustJoin(t, "g", "n", "n", "")
	history := newcomer.Take()[0].(group.Joined).History
	ids := make(map[string]bool)
	for _, p := range history {
		ids[p.ID] = true
	}
	if len(history) != 3 || len(ids) != 3 {
		t.Errorf("the history is %+v", history)
	}
}

func TestHistoryIsBounded(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	d, g, a, _ := pair(t)
	for i := range 60 {
		if err := g.Chat(a, group.Post{Value: json.RawMessage(strconv.Itoa(i))}); err != nil {
			t.Fatal(err)
		}
	}
	c, _ := d.mustJoin(t, "g", "c", "c", "")
	history := c.Take()[0].(group.Joined).History
	if len(history) != 50 || string(history[0].Value) != "10" {
		t.Errorf("%d entries, beginning with %s", len(history), history[0].Value)
	}
	large := json.RawMessage(`"` + strings.Repeat("x", 1<<20) + `"`)
	for range 10 {
		if err := g.Chat(a, group.Post{Value: large}); err != nil {
			t.Fatal(err)
		}
	}
	c, _ = d.mustJoin(t, "g", "d", "d", "")
	if history := c.Take()[0].(group.Joined).History; len(history) > 4 {
		t.Errorf("%d entries of 1 MiB are kept", len(history))
	}
}

func TestUserData(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	d, g, a, b := pair(t)
	set := func(s string) error {
		var update group.Data
		if err := json.Unmarshal([]byte(s), &update); err != nil {
			t.Fatal(err)
		}
		return g.SetUserData(a, update)
	}
	for _, s := range []string{`{"raisehand": true, "x": [1]}`, `{"raisehand": null}`} {
		if err := set(s); err != nil {
			t.Fatal(err)
		}
	}
	want := group.Data{"x": json.RawMessage("[1]")}
	events := b.Take()
	if got := events[1].(group.UserChanged).Member.Data; len(events) != 2 || !reflect.DeepEqual(got, want) {
		t.Errorf("the others got %v", events)
	}
	if err := set(`{"y": "` + strings.Repeat("y", 1<<16) + `"}`); !errors.Is(err, group.ErrDataTooLarge) {
		t.Errorf("too much data: %v", err)
	}
	c, _ := d.mustJoin(t, "g", "c", "c", "")
	if others := c.Take()[0].(group.Joined).Others; !reflect.DeepEqual(others[0].Data, want) {
		t.Errorf("a newcomer sees %+v", others)
	}
}

func TestKick(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	d, g, a, _ := pair(t)
	op, _ := d.mustJoin(t, "g", "op", "op", "op")
	a.Take()
	if err := g.Kick(op, "nobody", ""); !errors.Is(err, group.ErrNoSuchUser) {
		t.Errorf("nobody: %v", err)
	}
	if err := g.Kick(op, "a", "enough"); err != nil {
		t.Fatal(err)
	}
	k, ok := a.Take()[0].(group.Kicked)
	if !ok || k.By.ID != "op" || k.By.Username != "op" || k.Message != "enough" || k.ShuttingDown {
		t.Errorf("got %+v", k)
	}
}

// TestEveryMessageIsInTheHistoryOrDelivered has members come while others chat:
// each message reaches each of them exactly once, and in one order.
func TestEveryMessageIsInTheHistoryOrDelivered(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	const talkers, each, listeners = 4, 10, 20
	d := newDirectory(t)
	d.write(t, "g", open(""))
	var wg sync.WaitGroup
	for i := range talkers {
		c, g := d.mustJoin(t, "g", fmt.Sprintf("talker%d", i), "t", "")
		wg.Go(func() {
			for n := range each {
				if err := g.Chat(c, group.Post{Value: json.RawMessage(strconv.Itoa(i*each + n))}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	heard := make([]*grouptest.Client, listeners)
	for i := range listeners {
		wg.Go(func() { heard[i], _, _ = d.join(t, "g", fmt.Sprintf("listener%d", i), "l", "") })
	}
	wg.Wait()
	var order []string
	for i, c := range heard {
		var got []string
		for _, e := range c.Take() {
			switch e := e.(type) {
			case group.Joined:
				for _, p := range e.History {
					got = append(got, string(p.Value))
				}
			case group.Chat:
				got = append(got, string(e.Post.Value))
			}
		}
		if len(got) != talkers*each {
			t.Errorf("listener %d has %d messages", i, len(got))
		}
		if order == nil {
			order = got
		} else if !slices.Equal(order, got) {
			t.Errorf("listeners 0 and %d differ:\n%v\n%v", i, order, got)
		}
	}
}

// Who may not do what he came for, or is not wanted for another reason, does not come in,
// and nobody hears of him.
func TestWhoMayNotDoWhatHeCameForDoesNotComeIn(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	d, g, a, b := pair(t)
	username, unwanted := "carol", errors.New("unwanted")
	for name, tt := range map[string]struct {
		needed string
		check  func(*group.Description) error
		want   error
	}{
		"what he may not":  {needed: group.PermissionRecord, want: group.ErrNotAuthorised},
		"unwanted":         {check: func(*group.Description) error { return unwanted }, want: unwanted},
		"what he may, too": {needed: group.PermissionPresent, check: func(*group.Description) error { return nil }},
	} {
		c := grouptest.NewClient(name)
		_, err := d.Join(t.Context(), group.JoinOptions{
			Client: c, Group: "g", Credentials: group.Credentials{Username: &username}, Needed: tt.needed, Check: tt.check,
		})
		if !errors.Is(err, tt.want) {
			t.Errorf("%s: %v", name, err)
		}
		if tt.want == nil {
			g.Leave(c)
			a.Take()
			b.Take()
			continue
		}
		expect(t, name, c, "")
		expect(t, name+", as others hear of it", a, "")
		if n := len(g.Members()); n != 2 {
			t.Errorf("%s: %d members", name, n)
		}
	}
}
