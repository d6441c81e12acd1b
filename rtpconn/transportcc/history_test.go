package transportcc

import (
	"encoding/binary"
	"slices"
	"testing"
	"time"

	"galene/group/leaktest"
)

// run is a chunk of so many packets of one symbol.
func run(symbol, length uint16) []byte { return []byte{byte(symbol<<5 | length>>8), byte(length)} }

// message is feedback about count packets from base on, the reference time being 0.
func message(base, count uint16, chunks, deltas []byte) []byte {
	m := make([]byte, headerSize)
	m[0], m[1] = 2<<6|format, payloadType
	binary.BigEndian.PutUint16(m[12:], base)
	binary.BigEndian.PutUint16(m[14:], count)
	m = slices.Concat(m, chunks, deltas)
	m = append(m, make([]byte, -len(m)&3)...)
	binary.BigEndian.PutUint16(m[2:], uint16(len(m)/4-1))
	return m
}

// changed returns a message with another byte.
func changed(m []byte, at int, to byte) []byte {
	m = slices.Clone(m)
	m[at] = to
	return m
}

func TestFeedbackThatMakesNoSenseIsRefused(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	two := message(0, 2, run(smallDelta, 2), []byte{1, 1}) // a header and a word
	padded := changed(slices.Concat(two, []byte{0, 0, 0, 4}), 3, 6)
	padded[0] |= 1 << 5
	for name, tt := range map[string]struct {
		message []byte
		results int // -1 where it is refused
	}{
		"as it should be":               {two, 2},
		"with padding":                  {padded, 2},
		"padding of nothing":            {changed(padded, len(padded)-1, 0), -1},
		"padding that leaves no chunk":  {changed(padded, len(padded)-1, 8), -1},
		"padding over the header":       {changed(padded, len(padded)-1, 9), -1},
		"padding for nobody":            {changed(message(0, 0, []byte{0, 0, 0, 4}, nil), 0, 2<<6|1<<5|format), 0},
		"something behind it":           {slices.Concat(two, []byte{1, 2, 3, 4}), 2},
		"padding, and something behind": {slices.Concat(padded, []byte{0, 0, 0, 200}), 2},
		"a delta that is behind it":     {slices.Concat(message(0, 3, run(smallDelta, 3), []byte{1, 1}), []byte{1, 1, 1, 1}), -1},
		"longer than what has come":     {changed(two, 3, 6), -1},
		"shorter than a header":         {changed(two, 3, 3), -1},
		"nothing but a header":          {changed(two[:headerSize], 3, 4), -1},
		"half a header":                 {two[:headerSize-1], -1},
		"another kind of feedback":      {changed(two, 0, 2<<6|14), -1},
		"another type of packet":        {changed(two, 1, 206), -1},
		"about nobody":                  {message(0, 0, nil, nil), 0},
		"a chunk is missing":            {message(0, 20, slices.Concat(run(notReceived, 7), run(notReceived, 7)), nil), -1},
		"less than a chunk of bits":     {message(0, 15, []byte{0x80, 0}, nil), -1},
		"a chunk of bits":               {message(0, 14, []byte{0x80, 0}, nil), 14},
		"a run of none":                 {message(0, 2, slices.Concat(run(smallDelta, 0), run(smallDelta, 2)), []byte{1, 1}), -1},
		"a small delta is missing":      {message(0, 3, run(smallDelta, 3), []byte{1, 1}), -1},
		"half a large delta is missing": {message(0, 3, slices.Concat(run(smallDelta, 1), run(largeDelta, 2)), []byte{1, 0, 1, 0}), -1},
		"a large delta is missing":      {message(0, 2, run(largeDelta, 2), []byte{0, 1}), -1},
		"a run of what has no meaning":  {message(0, 2, run(reserved, 2), []byte{1, 1}), -1},
		"one of what has no meaning":    {message(0, 2, []byte{0xf4, 0}, []byte{1, 1}), -1},
	} {
		var h History
		for range 30 {
			h.Next(100, 0, 0, 0)
		}
		results, err := h.Feedback(tt.message, nil)
		if tt.results < 0 {
			if err == nil {
				t.Errorf("%s: taken, %d results", name, len(results))
			}
			continue
		}
		if err != nil || len(results) != tt.results {
			t.Errorf("%s: %d results, want %d (%v)", name, len(results), tt.results, err)
		}
	}
}

// The arrivals of a message follow each other by its deltas, from its reference time on,
// whatever chunks they are told in.
func TestDeltasAddUp(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	const missing = -1
	for name, tt := range map[string]struct {
		chunks, deltas []byte
		want           []int // in units of deltas
	}{
		"a run of small ones":      {run(smallDelta, 3), []byte{5, 0, 255}, []int{5, 5, 260}},
		"a run of large ones":      {run(largeDelta, 3), []byte{1, 0, 0xff, 0xff, 0x80, 0}, []int{256, 255, 255 - 1<<15}},
		"one bit each":             {[]byte{0x80 | 0x20 | 0x04, 0x01}, []byte{1, 2, 3}, []int{1, missing, missing, 3, missing, missing, missing, missing, missing, missing, missing, missing, missing, 6}},
		"two bits each":            {[]byte{0xc0 | 0x10 | 0x02, 0x42}, []byte{7, 1, 0, 9, 0xff, 0xfe}, []int{7, missing, 263, 272, missing, missing, 270}},
		"one chunk behind another": {slices.Concat(run(notReceived, 2), []byte{0xd0, 0}, run(smallDelta, 1)), []byte{1, 2}, []int{missing, missing, 1, missing, missing, missing, missing, missing, missing, 3}},
	} {
		var h History
		for range 20 {
			h.Next(100, 0, 0, 0)
		}
		m := message(0, uint16(len(tt.want)), tt.chunks, tt.deltas)
		m[18] = 1 // a reference time of 64 ms
		results, err := h.Feedback(m, nil)
		if err != nil || len(results) != len(tt.want) {
			t.Errorf("%s: %d results, want %d (%v)", name, len(results), len(tt.want), err)
			continue
		}
		for i, r := range results {
			want := referenceUnit + time.Duration(tt.want[i])*deltaUnit
			if r.Received != (tt.want[i] != missing) || r.Received && r.Arrival != want {
				t.Errorf("%s: packet %d: %+v, want %v", name, i, r, want)
			}
		}
	}
}

// What has been told of as received is not told of again, nor is what was lost already.
func TestNothingIsToldTwice(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	var h History
	for range 20 {
		h.Next(100, 0, 0, 0)
	}
	first := message(0, 4, slices.Concat(run(smallDelta, 2), run(notReceived, 2)), []byte{1, 1})
	second := message(0, 4, slices.Concat(run(notReceived, 1), run(smallDelta, 2), run(notReceived, 1)), []byte{1, 1})
	for i, want := range []struct {
		message []byte
		results int
	}{{first, 4}, {first, 0}, {second, 1}, {second, 0}, {first, 0}} {
		results, err := h.Feedback(want.message, nil)
		if err != nil || len(results) != want.results {
			t.Fatalf("message %d: %d results, want %d (%v)", i, len(results), want.results, err)
		}
		if i == 2 && (!results[0].Late || !results[0].Received || results[0].Again) {
			t.Errorf("what came late: %+v", results[0])
		}
	}
}

// However fast packets are sent, no more are remembered than the window has.
func TestMemoryIsBounded(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	var h History
	const sent, count = 10_000, 3000
	for i := range sent {
		h.Next(100, 0, 0, time.Duration(i)*10*time.Microsecond)
	}
	results, err := h.Feedback(message(sent-count, count, run(notReceived, count), nil), nil)
	if err != nil || len(results) != window || results[0].Sent != (sent-window)*10*time.Microsecond {
		t.Errorf("%d are remembered, %v", len(results), err)
	}
}

// What has arrived of packets that are forgotten counts for when the others did.
func TestForgottenArrivalsHaveTheirDeltas(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	var h History
	const sent = 1000
	for i := range sent {
		h.Next(100, 0, 0, time.Duration(i)*time.Hour)
	}
	results, err := h.Feedback(message(sent-firstWindow-2, 3, run(smallDelta, 3), []byte{4, 5, 6}), nil)
	if err != nil || len(results) != 1 || results[0].Arrival != 15*deltaUnit {
		t.Errorf("%+v, %v", results, err)
	}
}

// The reference times go round after twelve days; arrivals do not.
func TestReferenceTimesGoRound(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	var h History
	for range 20 {
		h.Next(100, 0, 0, 0)
	}
	var before time.Duration
	for i, tt := range []struct {
		reference uint32
		step      int64 // from the one before, in units of reference times
	}{{0xff0000, 0}, {0xffffff, 0xffff}, {0, 1}, {5, 5}, {0xfffffe, -7}, {3, 5}, {0x7f0000, 0x7efffd}} {
		m := message(uint16(i), 1, run(smallDelta, 1), []byte{0, 0})
		m[16], m[17], m[18] = byte(tt.reference>>16), byte(tt.reference>>8), byte(tt.reference)
		results, err := h.Feedback(m, nil)
		if err != nil || len(results) != 1 {
			t.Fatalf("message %d: %d results, %v", i, len(results), err)
		}
		if step := results[0].Arrival - before; i > 0 && step != time.Duration(tt.step)*referenceUnit {
			t.Errorf("message %d: %v after the one before, want %v", i, step, time.Duration(tt.step)*referenceUnit)
		}
		before = results[0].Arrival
	}
}

func TestFeedbackIsToldFromOtherPackets(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	good := message(0, 3, run(smallDelta, 3), []byte{1, 1, 1})
	for name, tt := range map[string]struct {
		packet []byte
		want   bool
	}{
		"feedback": {good, true}, "nothing": {nil, false}, "a header of RTCP": {good[:4], false}, "half a header": {good[:headerSize-1], false},
		"a NACK": {changed(good, 0, 2<<6|1), false}, "feedback on payloads": {changed(good, 1, payloadType+1), false},
	} {
		if got := IsFeedback(tt.packet); got != tt.want {
			t.Errorf("%s: %t", name, got)
		}
	}
	for count, want := range map[uint16]int{0: 0, 3: 3, window: window, window + 1: window, 65_535: window} {
		if got := Statuses(message(0, count, nil, nil)); got != want {
			t.Errorf("of %d packets: %d", count, got)
		}
	}
}

// Whatever is remembered can be told to have been sent again, also the oldest.
func TestPacketsSentAgainAreMarkedAsLongAsTheyAreRemembered(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	new(History).Again(0) // nothing has been sent
	for _, sent := range []int{1, firstWindow, firstWindow + 1, 70_000} {
		oldest := max(0, sent-firstWindow)
		for _, again := range []int{oldest - 1, oldest, sent - 1, sent} {
			var h History
			for i := range sent {
				h.Next(100, 0, 0, time.Duration(i)*time.Hour)
			}
			h.Again(uint16(again))
			count := uint16(sent - oldest)
			results, err := h.Feedback(message(uint16(oldest), count, run(notReceived, count), nil), nil)
			if err != nil || len(results) != int(count) {
				t.Fatalf("%d sent: %d results, %v", sent, len(results), err)
			}
			for i, r := range results {
				if want := oldest+i == again; r.Again != want {
					t.Errorf("%d sent, %d sent again: packet %d: %+v", sent, again, oldest+i, r)
				}
			}
		}
	}
}
