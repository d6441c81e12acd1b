//go:build linux

package main

import (
	"bytes"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"galene/galenectl/loadtest"
	"galene/group/leaktest"
)

// TestBothServersForwardTheSameLoad runs all kinds of load, small and for a
// moment, on both servers.
func TestBothServersForwardTheSameLoad(t *testing.T) {
	leaktest.Check(t)
	if _, err := findModules(); errors.Is(err, errNoJanus) {
		t.Skip(err)
	}
	work := t.TempDir()
	binary, err := buildGalene(t.Context(), work)
	if err != nil {
		t.Fatal(err)
	}
	address, err := mediaAddress()
	if err != nil {
		t.Fatal(err)
	}
	c := comparison{pairs: 1, duration: 200 * time.Millisecond, bitrate: 100_000, logger: slog.New(slog.DiscardHandler)}
	for _, s := range []string{"webinar:1", "webinar:2", "meeting:2", "join-storm:2"} {
		w, err := parseWorkload(s)
		if err != nil {
			t.Fatal(err)
		}
		c.workloads = append(c.workloads, w)
	}
	results, err := c.run(t.Context(), []contestant{galene{work: work, binary: binary}, janus{work: work, address: address}})
	if err != nil {
		t.Fatal(err)
	}
	for e, reports := range results.reports {
		for _, r := range reports {
			if r.Forwarded == 0 || r.Process == nil || r.Process.ResidentBytes == 0 {
				t.Errorf("%s on %s: %+v", e.workload, e.server, r)
			}
		}
	}
	var table bytes.Buffer
	if err := results.write(&table); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"webinar:1 ", "server CPU, µs a packet", "KB a subscriber", "ms a join", "janus"} {
		if !strings.Contains(table.String(), want) {
			t.Errorf("%q is not in\n%s", want, &table)
		}
	}
}

func TestWorkloadsAreNamedByModeAndSize(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	if w, err := parseWorkload("meeting:8"); err != nil || w != (workload{loadtest.Meeting, 8}) {
		t.Errorf("%v, %v", w, err)
	}
	for _, s := range []string{"", "meeting", "meeting:", "meeting:0", "meeting:x", "party:3"} {
		if w, err := parseWorkload(s); err == nil {
			t.Errorf("%q is taken for %v", s, w)
		}
	}
}

func TestNothingIsComparedWithoutRuns(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	for _, pairs := range []string{"0", "-1"} {
		if err := run(t.Context(), []string{"-galene", "/nonexistent", "-pairs", pairs}); err == nil || !strings.Contains(err.Error(), "-pairs") {
			t.Errorf("%s pairs: %v", pairs, err)
		}
	}
}

func TestMediansAndRatios(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	if got := median([]float64{5, 1, 3}); got != 3 {
		t.Errorf("median %f", got)
	}
	if got := ratio(1, 4); got != "0.25" {
		t.Errorf("ratio %s", got)
	}
	if got := ratio(1, 0); got != "-" {
		t.Errorf("ratio %s by nothing", got)
	}
	reports := func(mebibytes uint64) []*loadtest.Report {
		return []*loadtest.Report{{Process: &loadtest.Process{ResidentBytes: mebibytes << 20}}}
	}
	small, large := workload{loadtest.Webinar, 50}, workload{loadtest.Webinar, 150}
	r := results{
		workloads: []workload{large, {loadtest.Meeting, 8}, small}, names: []string{"a"},
		reports: map[entry][]*loadtest.Report{{small, "a"}: reports(30), {large, "a"}: reports(50)},
	}
	if s, l, ok := r.webinars(); !ok || s != small || l != large {
		t.Errorf("%v, %v", s, l)
	}
	if got := r.slope(small, large, "a"); got < 209 || got > 210 {
		t.Errorf("%f KB for each", got)
	}
}
