package group_test

import (
	"encoding/json"
	"errors"
	"slices"
	"testing"

	"galene/group"
	"galene/group/grouptest"
	"galene/group/leaktest"
)

// What operators may do to a group nobody else can, nor hears anybody of the attempt.
func TestOnlyOperatorsModerate(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	for name, act := range map[string]func(*group.Group, group.Client) error{
		"op":        func(g *group.Group, c group.Client) error { return g.Moderate(c, "op", "b") },
		"unpresent": func(g *group.Group, c group.Client) error { return g.Moderate(c, "unpresent", "a") },
		"kick":      func(g *group.Group, c group.Client) error { return g.Kick(c, "a", "") },
		"identify": func(g *group.Group, c group.Client) error {
			_, _, err := g.Identify(c, "a")
			return err
		},
		"data":   func(g *group.Group, c group.Client) error { return g.SetData(c, group.Data{"k": json.RawMessage("1")}) },
		"lock":   func(g *group.Group, c group.Client) error { return g.Lock(c, "") },
		"unlock": func(g *group.Group, c group.Client) error { return g.Unlock(c) },
		"clear chat": func(g *group.Group, c group.Client) error {
			return g.ClearChat(c, group.ChatSelection{}, nil)
		},
	} {
		d, g, a, b := pair(t)
		op, _ := d.mustJoin(t, "g", "op", "op", "op")
		members := []*grouptest.Client{a, b, op}
		for _, c := range members {
			c.Take()
		}
		if err := act(g, b); !errors.Is(err, group.ErrNotAuthorised) {
			t.Errorf("%s by one who is no operator: %v", name, err)
		}
		if err := act(g, grouptest.NewClient("x")); !errors.Is(err, group.ErrNotMember) {
			t.Errorf("%s by a stranger: %v", name, err)
		}
		for _, c := range members {
			expect(t, name+" that is refused, as "+c.ID()+" hears of it", c, "")
		}
		if err := act(g, op); err != nil {
			t.Errorf("%s by an operator: %v", name, err)
		}
	}
}

func TestModerationConcernsWhomItNames(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	for more, permissions := range map[string][]string{
		"": {"present", "message", "op"}, `, "allow-recording": true`: {"present", "message", "op", "record"},
	} {
		d := newDirectory(t)
		d.write(t, "g", open(more))
		a, g := d.mustJoin(t, "g", "a", "ada", "")
		b, _ := d.mustJoin(t, "g", "b", "bob", "")
		op, _ := d.mustJoin(t, "g", "op", "op", "op")
		for c, id := range map[*grouptest.Client]string{a: "sa", b: "sb"} {
			if err := g.Publish(c, publication(id), ""); err != nil {
				t.Fatal(err)
			}
			g.Announce(c, id)
		}
		if err := g.Moderate(op, "op", "b"); err != nil {
			t.Fatal(err)
		}
		i := slices.IndexFunc(g.Members(), func(m group.Member) bool { return m.ID == "b" })
		if got := g.Members()[i].Permissions; !slices.Equal(got, permissions) {
			t.Errorf("%q: an operator may %q, want %q", more, got, permissions)
		}
		a.Take()
		b.Take()
		if err := g.Moderate(op, "unpresent", "b"); err != nil {
			t.Fatal(err)
		}
		expect(t, "who may go on", a, "~b end:sb")
		expect(t, "who may not publish any more", b, "group.Changed ~b group.Denied")
		if err := g.Moderate(op, "unheard", "b"); err == nil {
			t.Error("an action that there is not was done")
		}
		if err := g.Moderate(op, "op", "nobody"); !errors.Is(err, group.ErrNoSuchUser) {
			t.Errorf("somebody who is not there: %v", err)
		}
	}
}
