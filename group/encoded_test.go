package group_test

import (
	"encoding/json"
	"fmt"
	"testing"

	"galene/group"
	"galene/group/leaktest"
)

func TestMembersAreEncodedOnceForAllUntilTheyChange(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	d, g, a, b := pair(t)
	made := 0
	encode := func(kind string, m group.Member) []byte {
		made++
		return fmt.Appendf(nil, "%s %s %s %v", kind, m.Username, m.Data["x"], m.Has(group.PermissionPresent))
	}
	// expect says what a newcomer gets to see of a, and how often it has been made by then.
	newcomers := 0
	expect := func(what string, times int) {
		t.Helper()
		newcomers++
		c, _ := d.mustJoin(t, "g", fmt.Sprint("c", newcomers), "c", "")
		for _, o := range c.Take()[0].(group.Joined).Others {
			if got := o.Encoded("add", encode); o.ID == "a" && string(got) != what {
				t.Errorf("got %q, want %q", got, what)
			}
		}
		if made != times {
			t.Errorf("made %d times, want %d", made, times)
		}
	}
	operator, _ := d.mustJoin(t, "g", "operator", "op", "op")
	b.Take()
	expect("add ada  true", 3) // b's and the operator's, too
	expect("add ada  true", 4) // that of the newcomer before
	if err := g.SetUserData(a, group.Data{"x": json.RawMessage("1")}); err != nil {
		t.Fatal(err)
	}
	for _, e := range b.Take() {
		if e, ok := e.(group.UserChanged); ok && string(e.Member.Encoded("change", encode)) != "change ada 1 true" {
			t.Errorf("the others get %q", e.Member.Encoded("change", encode))
		}
	}
	expect("add ada 1 true", 7)
	if err := g.Moderate(operator, "unpresent", "a"); err != nil {
		t.Fatal(err)
	}
	expect("add ada 1 false", 9)
}
