//go:build linux

package main

import (
	"encoding/binary"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"galene/group/leaktest"
)

func TestShaper(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	start := time.Now()
	pass := func(c conditions, n, size int, interval time.Duration) (arrived int, last time.Duration) {
		s := shaper{conditions: c, random: rand.New(rand.NewPCG(1, 2))}
		for i := range n {
			if p := s.pass(make([]byte, size), start.Add(time.Duration(i)*interval)); !p.lost {
				arrived++
				last = p.passed.Add(p.delay).Sub(start)
			}
		}
		return arrived, last
	}
	if n, last := pass(conditions{Delay: 30}, 100, 1000, time.Millisecond); n != 100 || last != 129*time.Millisecond {
		t.Errorf("delay: %d, %v", n, last)
	}
	if n, _ := pass(conditions{Loss: 0.2}, 10000, 1000, time.Millisecond); n < 7800 || n > 8200 {
		t.Errorf("loss: %d", n)
	}
	// 800 kbit/s are one packet of 1000 bytes each 10 ms.
	if n, last := pass(conditions{Rate: 800_000, Queue: 100}, 1000, 1000, 5*time.Millisecond); n < 500 || n > 515 || last > 5200*time.Millisecond {
		t.Errorf("rate: %d, %v", n, last)
	}
	if n, _ := pass(conditions{Rate: -1}, 100, 1000, time.Millisecond); n != 0 {
		t.Errorf("outage: %d", n)
	}
}

// What waits for a line that becomes another one passes at its new rate.
func TestWhatWaitsPassesAtTheRateOfNow(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	start := time.Now()
	after := func(ms int) time.Time { return start.Add(time.Duration(ms) * time.Millisecond) }
	for _, test := range []struct {
		rate   float64
		passed []int // of four packets, and of one that comes after the change, in ms; none if it is lost
	}{
		{800_000, []int{10, 20, 30, 40, 50}},
		{400_000, []int{10, 25, 45, 65, 85}},
		{1_600_000, []int{10, 17, 22, 27, 32}},
		{0, []int{10, 15, 15, 15, 15}},
		{-1, []int{10}},
	} {
		s := shaper{conditions: conditions{Rate: 800_000}, random: rand.New(rand.NewPCG(1, 2))}
		var all []*passage
		for range 4 {
			all = append(all, s.pass(make([]byte, 1000), start))
		}
		s.change(conditions{Rate: test.rate}, after(15))
		var got []int
		for _, p := range append(all, s.pass(make([]byte, 1000), after(15))) {
			if !p.lost {
				got = append(got, int(p.passed.Sub(start).Milliseconds()))
			}
		}
		if !slices.Equal(got, test.passed) {
			t.Errorf("%.0f bit/s: passed after %v ms, want %v", test.rate, got, test.passed)
		}
	}
}

func TestPortsAreTranslatedBothWays(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	packet := make([]byte, 40)
	packet[0], packet[9] = 0x45, protocolUDP
	n := &nat{}
	for range 4 {
		binary.BigEndian.PutUint16(packet[20:], 40_000)
		n.outbound(packet)
		external := binary.BigEndian.Uint16(packet[20:])
		if changed := external != 40_000; changed != (n.generation > 0) {
			t.Errorf("generation %d: %d", n.generation, external)
		}
		binary.BigEndian.PutUint16(packet[22:], external)
		n.inbound(packet)
		if binary.BigEndian.Uint16(packet[22:]) != 40_000 {
			t.Errorf("generation %d: came back to %d", n.generation, binary.BigEndian.Uint16(packet[22:]))
		}
		n.rebind()
	}
	for name, change := range map[string]func([]byte){
		"TCP":                             func(p []byte) { p[9] = 6 },
		"what follows in a fragment":      func(p []byte) { p[7] = 185 },
		"what follows in a late fragment": func(p []byte) { p[6] = 0x1f },
	} {
		other := append([]byte(nil), packet...)
		change(other)
		before := append([]byte(nil), other...)
		n.outbound(other)
		if string(before) != string(other) {
			t.Errorf("%s was changed", name)
		}
	}
}

func TestConditionsThatThereAreNotAreRefused(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	for _, line := range []string{"", "true", `{"dwon": {"loss": 1}}`, `{"down": {"los": 1}}`} {
		if obey(line, &pipe{}, &pipe{}, &nat{}, &end{}) == nil {
			t.Errorf("%s: obeyed", line)
		}
	}
}
