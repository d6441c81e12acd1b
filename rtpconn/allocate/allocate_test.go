package allocate

import (
	"math"
	"slices"
	"testing"

	"galene/group/leaktest"
)

func camera(current int, rates ...float64) Stream {
	return Stream{Priority: Camera, Rates: rates, Least: rates[0], Current: current}
}

func screen(current int, rates ...float64) Stream {
	s := camera(current, rates...)
	s.Priority = Screen
	return s
}

func held(s Stream) Stream {
	s.Held = true
	return s
}

func least(s Stream, rate float64) Stream {
	s.Least = rate
	return s
}

func TestBudgetsAreDivided(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	for name, tt := range map[string]struct {
		budget  float64
		streams []Stream
		rungs   []int
		reasons []Reason
		shares  []float64
	}{
		"room for all":                             {3000, []Stream{camera(-1, 100, 500, 1000), camera(-1, 100, 500, 1000)}, []int{2, 2}, []Reason{Top, Top}, []float64{2000, 2000}},
		"room for one at the top":                  {1300, []Stream{camera(2, 100, 500, 1000), camera(0, 100, 500, 1000)}, []int{1, 1}, []Reason{Line, Line}, []float64{800, 800}},
		"screens first":                            {1250, []Stream{camera(-1, 100, 500), screen(-1, 150, 900)}, []int{0, 1}, []Reason{Line, Top}, []float64{350, 1150}},
		"screens alone":                            {180, []Stream{camera(-1, 100, 500), screen(-1, 150, 900)}, []int{-1, 0}, []Reason{Line, Line}, []float64{30, 180}},
		"the small one fits":                       {150, []Stream{screen(-1, 400), camera(-1, 100)}, []int{-1, 0}, []Reason{Line, Top}, []float64{50, 150}},
		"down at once":                             {400, []Stream{camera(2, 100, 500, 1000)}, []int{0}, []Reason{Line}, []float64{400}},
		"no margin for what it has":                {1000, []Stream{camera(2, 100, 500, 1000)}, []int{2}, []Reason{Top}, []float64{1000}},
		"a margin for what it has not":             {1000, []Stream{camera(1, 100, 500, 1000)}, []int{1}, []Reason{Line}, []float64{1000}},
		"a margin for a picture that is not there": {105, []Stream{camera(-1, 100, 500)}, []int{-1}, []Reason{Line}, []float64{105}},
		"none for one that is":                     {100, []Stream{camera(0, 100, 500)}, []int{0}, []Reason{Line}, []float64{100}},
		"held":                                     {5000, []Stream{held(camera(1, 100, 500, 1000))}, []int{1}, []Reason{Held}, []float64{5000}},
		"nothing fits":                             {50, []Stream{camera(0, 100, 500)}, []int{-1}, []Reason{Line}, []float64{50}},
		"a publisher that can do with less":        {300, []Stream{least(camera(0, 600), 200)}, []int{0}, []Reason{Top}, []float64{300}},
		"nobody":                                   {300, nil, nil, nil, nil},
	} {
		choices, wanted := Divide(tt.budget, math.Inf(1), tt.streams, nil)
		var rungs []int
		var reasons []Reason
		var shares []float64
		top := 0.0
		for i, c := range choices {
			rungs, reasons, shares = append(rungs, c.Rung), append(reasons, c.Reason), append(shares, c.Share)
			top += tt.streams[i].Rates[len(tt.streams[i].Rates)-1]
		}
		if !slices.Equal(rungs, tt.rungs) || !slices.Equal(reasons, tt.reasons) || !slices.Equal(shares, tt.shares) {
			t.Errorf("%s: rungs %v, reasons %v, shares %v", name, rungs, reasons, shares)
		}
		if wanted != top {
			t.Errorf("%s: wanted %v, want %v", name, wanted, top)
		}
	}
}

func TestPicturesGoUpByNoMoreThanTheyMay(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	three := func(a, b, c int) []Stream {
		return []Stream{camera(a, 100, 500, 1000), camera(b, 100, 500, 1000), camera(c, 100, 500, 1000)}
	}
	for name, tt := range map[string]struct {
		budget, rise float64
		streams      []Stream
		rungs        []int
		reasons      []Reason
	}{
		"by nothing":                        {9000, 0, three(0, 0, 0), []int{0, 0, 0}, []Reason{Held, Held, Held}},
		"the first whatever it takes":       {9000, 1, three(0, 0, 0), []int{1, 0, 0}, []Reason{Held, Held, Held}},
		"two":                               {9000, 800, three(0, 0, 0), []int{1, 1, 0}, []Reason{Held, Held, Held}},
		"all by one rung, the first by two": {9000, 1700, three(0, 0, 0), []int{2, 1, 1}, []Reason{Top, Held, Held}},
		"the one that is below the others":  {9000, 1, three(1, 1, 0), []int{1, 1, 1}, []Reason{Held, Held, Held}},
		"where the line takes no more":      {900, 1, three(0, 0, 0), []int{1, 0, 0}, []Reason{Line, Line, Line}},
		"who comes gets the least":          {9000, 0, three(-1, 0, 1), []int{0, 0, 1}, []Reason{Held, Held, Held}},
		"down whatever they may":            {300, 0, three(2, 2, 2), []int{0, 0, 0}, []Reason{Line, Line, Line}},
	} {
		choices, _ := Divide(tt.budget, tt.rise, tt.streams, nil)
		var rungs []int
		var reasons []Reason
		for _, c := range choices {
			rungs, reasons = append(rungs, c.Rung), append(reasons, c.Reason)
		}
		if !slices.Equal(rungs, tt.rungs) || !slices.Equal(reasons, tt.reasons) {
			t.Errorf("%s: rungs %v, reasons %v", name, rungs, reasons)
		}
	}
}

// Whatever the numbers are, nothing is spent that is not there, and what was
// affordable stays so.
func FuzzDivide(f *testing.F) {
	leaktest.Check(f)
	f.Add([]byte{100, 1, 2, 3, 4, 0, 9, 9, 9, 2})
	f.Add([]byte{10, 200, 2, 3, 4, 0x81, 9, 9, 9, 0x42})
	f.Fuzz(func(t *testing.T, data []byte) {
		if len(data) == 0 {
			return
		}
		budget := float64(data[0]) * 10
		var streams []Stream
		for data = data[1:]; len(data) >= 5; data = data[5:] {
			a := 1 + float64(data[0])
			b := a + float64(data[1])
			s := Stream{
				Priority: Priority(data[3] % uint8(priorities)), Rates: []float64{a, b, b + float64(data[2])},
				Least: a, Current: int(data[4]%4) - 1, Held: data[4]&0x40 != 0,
			}
			streams = append(streams, s)
		}
		choices, _ := Divide(budget, math.Inf(1), streams, nil)
		spent := 0.0
		for i, c := range choices {
			if c.Rung >= 0 {
				spent += streams[i].Rates[c.Rung]
			}
			if c.Rung > max(streams[i].Current, 0) && streams[i].Held {
				t.Fatalf("stream %d went up although it is held", i)
			}
		}
		if spent > budget+1e-6 {
			t.Fatalf("%v spent of %v", spent, budget)
		}
		for i, c := range choices {
			streams[i].Current = c.Rung
		}
		again, _ := Divide(budget, math.Inf(1), streams, nil)
		for i := range again {
			if again[i].Rung < choices[i].Rung {
				t.Fatalf("stream %d goes from %d to %d by itself", i, choices[i].Rung, again[i].Rung)
			}
		}
	})
}
