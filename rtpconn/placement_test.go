package rtpconn

import (
	"slices"
	"testing"

	"galene/group/leaktest"
)

func TestGroupsAreSpreadOverWorkersAndStayTogether(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	p := newPlacement(2)
	for i, step := range []struct {
		group string
		leave bool
		want  int
		loads []int
	}{
		{group: "a", want: 0, loads: []int{1, 0}},
		{group: "a", want: 0, loads: []int{2, 0}},
		{group: "b", want: 1, loads: []int{2, 1}},
		{group: "c", want: 1, loads: []int{2, 2}},
		{group: "b", want: 1, loads: []int{2, 3}},
		{group: "a", leave: true, loads: []int{1, 3}},
		{group: "a", want: 0, loads: []int{2, 3}},
		{group: "c", leave: true, loads: []int{2, 2}},
		{group: "b", leave: true, loads: []int{2, 1}},
		{group: "c", want: 1, loads: []int{2, 2}},
		{group: "a", leave: true, loads: []int{1, 2}},
		{group: "a", leave: true, loads: []int{0, 2}},
		{group: "a", want: 0, loads: []int{1, 2}},
	} {
		if step.leave {
			p.leave(step.group)
		} else if got := p.enter(step.group); got != step.want {
			t.Errorf("step %d: group %s is given to worker %d, want %d", i, step.group, got, step.want)
		}
		if !slices.Equal(p.loads, step.loads) {
			t.Errorf("step %d: loads %v, want %v", i, p.loads, step.loads)
		}
	}
}
