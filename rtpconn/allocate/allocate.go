// Package allocate divides what the line of one client takes among the pictures
// that it receives.
//
// Every picture can be had at some rungs, each better and dearer than the one
// below. First each gets its lowest rung, in the order of priority; then, in
// the same order, they go up one rung at a time as long as there is room. A
// picture is left out only where not even its lowest rung fits. Going down is
// immediate; going up takes a margin, and waits while it is held after it has
// gone down, or while others have to be seen to have got through first.
//
// The package knows no packets, no time and no estimates: it is given numbers
// and returns numbers, and the reason for each.
package allocate

// Priority says who is served first.
type Priority uint8

// The priorities. Sound is not among them: what it needs is taken off the
// budget before.
const (
	Screen Priority = iota
	Speaker
	Camera
	priorities
)

// Margin is what a rung needs that a stream does not have yet, as a multiple of
// its rate.
const Margin = 1.1

// Stream is one picture on its way to the client.
type Stream struct {
	Priority Priority
	// Rates are those of its rungs, in bit/s, ascending; there is at least one.
	Rates []float64
	// Least is what it needs at least, in bit/s: the rate of the lowest rung, or
	// less where its publisher will send less when asked.
	Least float64
	// Current is the rung that it has, -1 for none.
	Current int
	// Held keeps it from going up.
	Held bool
}

// Reason says why a stream is not at its highest rung.
type Reason uint8

// The reasons.
const (
	// Top: it is.
	Top Reason = iota
	// Line: the line does not take more.
	Line
	// Held: it went down only a while ago, or others go up first.
	Held
)

// String returns the reason in a word.
func (r Reason) String() string {
	return [...]string{"top", "line", "held"}[r]
}

// Choice is what a stream gets.
type Choice struct {
	// Rung is an index into its rates, -1 for nothing.
	Rung   int
	Reason Reason
	// Share is what it could get if it alone took what is left, in bit/s.
	Share float64
}

// room is what may still be given out, in bit/s.
type room struct {
	// left is that of the budget, rise what streams may go up by.
	left, rise float64
	risen      bool
}

// Divide divides a budget, in bit/s. All streams together go up by no more than rise,
// in bit/s, but if that is not 0, the first one goes up by a rung whatever it takes. It
// appends a choice for each stream to choices, and returns what all of them would take
// at their highest rungs, in bit/s.
func Divide(budget, rise float64, streams []Stream, choices []Choice) (_ []Choice, wanted float64) {
	first := len(choices)
	for range streams {
		choices = append(choices, Choice{Rung: -1, Reason: Line})
	}
	chosen := choices[first:]
	r := room{left: budget, rise: rise}
	for p := range priorities {
		for i := range streams {
			s := &streams[i]
			if s.Priority != p {
				continue
			}
			wanted += s.Rates[len(s.Rates)-1]
			need := s.Least
			if s.Current < 0 {
				need *= Margin
			}
			if need <= r.left {
				chosen[i].Rung = 0
				r.left -= s.Least
			}
		}
	}
	for p := range priorities {
		for raised := true; raised; {
			raised = false
			for i := range streams {
				if streams[i].Priority == p && r.raise(&streams[i], &chosen[i]) {
					raised = true
				}
			}
		}
	}
	for i := range chosen {
		s, c := &streams[i], &chosen[i]
		c.Share = max(0, r.left)
		if c.Rung >= 0 {
			c.Share += s.cost(c.Rung)
		}
		if c.Rung == len(s.Rates)-1 {
			c.Reason = Top
		}
	}
	return choices, wanted
}

// cost is what a rung takes of the budget.
func (s *Stream) cost(rung int) float64 {
	if rung == 0 {
		return s.Least
	}
	return s.Rates[rung]
}

// raise takes a stream one rung up if there is room.
func (r *room) raise(s *Stream, c *Choice) bool {
	next := c.Rung + 1
	if c.Rung < 0 || next >= len(s.Rates) {
		return false
	}
	up, need, more := next > s.Current, s.cost(next), s.cost(next)-s.cost(c.Rung)
	if up {
		need *= Margin
	}
	switch {
	case up && s.Held:
		c.Reason = Held
		return false
	case need-s.cost(c.Rung) > r.left:
		c.Reason = Line
		return false
	case up && more > r.rise && (r.risen || r.rise == 0):
		c.Reason = Held
		return false
	}
	if up {
		r.rise, r.risen = max(0, r.rise-more), true
	}
	r.left -= more
	c.Rung = next
	return true
}
