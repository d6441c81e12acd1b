//go:build linux

package main

import (
	"fmt"
	"io"
	"os"
	"runtime"
	"slices"
	"strings"
	"text/tabwriter"

	"galene/galenectl/loadtest"
)

// entry is one workload on one kind of server.
type entry struct {
	workload workload
	server   string
}

// results are what came of all runs.
type results struct {
	workloads []workload
	// names of the servers, the first one being compared with the second.
	names   []string
	reports map[entry][]*loadtest.Report
}

// figure is a row of the table.
type figure struct {
	name  string
	value func(*loadtest.Report) float64
	only  loadtest.Mode
}

var figures = []figure{
	{name: "server CPU, µs a packet", value: func(r *loadtest.Report) float64 { return r.Process.MicrosecondsPerPacket }},
	{name: "delay p50, ms", value: func(r *loadtest.Report) float64 { return r.Delay.P50 }},
	{name: "delay p99, ms", value: func(r *loadtest.Report) float64 { return r.Delay.P99 }},
	{name: "join p50, ms", value: func(r *loadtest.Report) float64 { return r.Join.P50 }},
	{name: "memory, MiB", value: memory},
	{name: "forwarded, % of everything", value: func(r *loadtest.Report) float64 { return 100 * r.Share }},
	{name: "lost for good", value: func(r *loadtest.Report) float64 { return float64(r.Total.Lost) }},
	{name: "generator CPU, % of a core", value: func(r *loadtest.Report) float64 { return 100 * r.Process.GeneratorCPUSeconds / r.Seconds }},
	{name: "withheld by the host, % of a core", value: func(r *loadtest.Report) float64 { return 100 * r.Process.StolenSeconds / r.Seconds }},
	{name: "server CPU, ms a join", only: loadtest.JoinStorm, value: func(r *loadtest.Report) float64 { return *r.Storm.CPUMilliseconds }},
	{name: "join in the storm p99, ms", only: loadtest.JoinStorm, value: func(r *loadtest.Report) float64 { return r.Storm.Join.P99 }},
	{name: "lost by those there before", only: loadtest.JoinStorm, value: func(r *loadtest.Report) float64 { return float64(r.Storm.Lost) }},
}

func memory(r *loadtest.Report) float64 { return float64(r.Process.ResidentBytes) / (1 << 20) }

// values are those of a figure in all runs of an entry.
func (r *results) values(w workload, server string, value func(*loadtest.Report) float64) []float64 {
	var all []float64
	for _, report := range r.reports[entry{w, server}] {
		all = append(all, value(report))
	}
	return all
}

// median returns that of a list, which is not empty: the lower of the two in
// the middle if their number is even.
func median(values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	return sorted[(len(sorted)-1)/2]
}

// write prints medians, all values, and ratios.
func (r *results) write(w io.Writer) error {
	fmt.Fprintf(w, "%d cores, %s; load before the last minute's end: %s\n", runtime.NumCPU(), kernel(), loadAverage())
	fmt.Fprintf(w, "Medians of the runs in parentheses; the ratio is %s by %s.\n\n", r.names[0], r.names[1])
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintf(t, "workload\tfigure\t%s\t%s\tratio\n", r.names[0], r.names[1])
	for _, workload := range r.workloads {
		for _, f := range figures {
			if f.only != "" && f.only != workload.mode {
				continue
			}
			a, b := r.values(workload, r.names[0], f.value), r.values(workload, r.names[1], f.value)
			fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\n", workload, f.name, list(a), list(b), ratio(median(a), median(b)))
		}
	}
	small, large, ok := r.webinars()
	if ok {
		a, b := r.slope(small, large, r.names[0]), r.slope(small, large, r.names[1])
		fmt.Fprintf(t, "%s to %s\tmemory, KB a subscriber\t%.0f\t%.0f\t%s\n", small, large, a, b, ratio(a, b))
	}
	return t.Flush()
}

// webinars returns the smallest and the largest webinar, if there are two.
func (r *results) webinars() (small, large workload, ok bool) {
	var all []workload
	for _, w := range r.workloads {
		if w.mode == loadtest.Webinar {
			all = append(all, w)
		}
	}
	if len(all) < 2 {
		return small, large, false
	}
	bySize := func(a, b workload) int { return a.size - b.size }
	small, large = slices.MinFunc(all, bySize), slices.MaxFunc(all, bySize)
	return small, large, small.size < large.size
}

// slope is how much memory one more subscriber takes, in thousands of bytes.
func (r *results) slope(small, large workload, server string) float64 {
	more := median(r.values(large, server, memory)) - median(r.values(small, server, memory))
	return more * (1 << 20) / 1000 / float64(large.size-small.size)
}

// list prints a median, and what it is of.
func list(values []float64) string {
	text := make([]string, len(values))
	for i, v := range values {
		text[i] = fmt.Sprintf("%.2f", v)
	}
	return fmt.Sprintf("%.2f (%s)", median(values), strings.Join(text, " "))
}

func ratio(a, b float64) string {
	if b == 0 {
		return "-"
	}
	return fmt.Sprintf("%.2f", a/b)
}

// kernel returns the system's name and release.
func kernel() string {
	release, err := os.ReadFile("/proc/sys/kernel/osrelease")
	if err != nil {
		return runtime.GOOS
	}
	return "Linux " + strings.TrimSpace(string(release))
}

// loadAverage returns how busy the machine has been, in processes, over the last
// minute, five and fifteen.
func loadAverage() string {
	text, err := os.ReadFile("/proc/loadavg")
	fields := strings.Fields(string(text))
	if err != nil || len(fields) < 3 {
		return "unknown"
	}
	return strings.Join(fields[:3], ", ")
}
