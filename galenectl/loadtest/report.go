package loadtest

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"text/tabwriter"
	"time"

	"galene/rtpconn/loadtest"
)

// Report is what came of a scenario. The JSON names are stable; times are in
// the units that they name.
type Report struct {
	Server      string           `json:"server"`
	Group       string           `json:"group"`
	Subscribers int              `json:"subscribers"`
	Bitrate     int              `json:"bitrate"`
	Profile     loadtest.Profile `json:"srtpProfile"`
	// Seconds is how long was measured.
	Seconds float64 `json:"seconds"`
	// Published and Forwarded are how many packets were sent by the publisher
	// and received by all subscribers in that time.
	Published uint64 `json:"published"`
	Forwarded uint64 `json:"forwarded"`
	// Delay is from the publisher's sending to the subscribers' receiving, of
	// the packets in that time.
	Delay Percentiles `json:"delay"`
	// Join is from dialling to the first packet of video.
	Join Percentiles `json:"join"`
	// Total counts the whole run, from each subscriber's first packet on.
	Total Totals `json:"total"`
	// Process is absent unless the server's process is known.
	Process *Process `json:"process,omitempty"`
}

// Percentiles of a time, in milliseconds.
type Percentiles struct {
	P50 float64 `json:"p50Milliseconds"`
	P99 float64 `json:"p99Milliseconds"`
}

// Totals count packets of all subscribers.
type Totals struct {
	Received uint64 `json:"received"`
	// Lost for good are those that have not come although there was time to
	// ask for them again.
	Lost uint64 `json:"lost"`
	// Asked is how often one was asked for again.
	Asked uint64 `json:"asked"`
	// AskedOfPublisher is how often the server asked the publisher for a
	// packet again.
	AskedOfPublisher uint64 `json:"askedOfPublisher"`
	// Duplicates came more than once, OutOfOrder after a later one, be it
	// because they were asked for again.
	Duplicates uint64 `json:"duplicates"`
	OutOfOrder uint64 `json:"outOfOrder"`
	// Restarts are steps in the numbering too large to be loss.
	Restarts uint64 `json:"restarts"`
}

// Process is what the server's process used in the time that was measured.
type Process struct {
	CPUSeconds float64 `json:"cpuSeconds"`
	// MicrosecondsPerPacket is CPU time by forwarded packet.
	MicrosecondsPerPacket float64 `json:"cpuMicrosecondsPerPacket"`
	// ResidentBytes is the memory at the end of that time.
	ResidentBytes uint64 `json:"residentBytes"`
	// GeneratorCPUSeconds is what the load generator itself used.
	GeneratorCPUSeconds float64 `json:"generatorCPUSeconds"`
}

// newReport compares the samples before and after the time that was measured;
// last is from when all is over.
func newReport(o Options, before, after, last sample, joins []time.Duration) *Report {
	seen, total := after.received.Since(before.received), last.received
	r := &Report{
		Server: o.Server, Group: o.Group, Subscribers: o.Subscribers, Bitrate: o.Bitrate, Profile: o.Profile,
		Seconds:   after.time.Sub(before.time).Seconds(),
		Published: after.published.Packets - before.published.Packets,
		Forwarded: seen.Packets,
		Delay:     Percentiles{milliseconds(seen.Delays.Percentile(0.5)), milliseconds(seen.Delays.Percentile(0.99))},
		Join:      Percentiles{milliseconds(percentile(joins, 0.5)), milliseconds(percentile(joins, 0.99))},
		Total: Totals{
			Received: total.Packets, Lost: total.Missing, Asked: total.Asked, AskedOfPublisher: last.published.Asked,
			Duplicates: total.Duplicates, OutOfOrder: total.OutOfOrder, Restarts: total.Restarts,
		},
	}
	if o.PID != 0 {
		cpu := after.server - before.server
		r.Process = &Process{
			CPUSeconds:            cpu.Seconds(),
			MicrosecondsPerPacket: float64(cpu.Microseconds()) / float64(max(1, seen.Packets)),
			ResidentBytes:         after.memory,
			GeneratorCPUSeconds:   (after.generator - before.generator).Seconds(),
		}
	}
	return r
}

func milliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// percentile returns the least of the times that the given share, of 0 to 1,
// of all do not exceed; 0 if there are none.
func percentile(times []time.Duration, share float64) time.Duration {
	if len(times) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(times))
	return sorted[min(len(sorted)-1, int(share*float64(len(sorted))))]
}

// WriteJSON writes the report as one JSON object.
func (r *Report) WriteJSON(w io.Writer) error {
	encoder := json.NewEncoder(w)
	encoder.SetIndent("", "    ")
	return encoder.Encode(r)
}

// WriteText writes the report as a table for people.
func (r *Report) WriteText(w io.Writer) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	row := func(name, format string, values ...any) {
		fmt.Fprintf(t, name+"\t"+format+"\n", values...)
	}
	row("load", "1 publisher, %d subscribers, video of %d kbit/s and audio, %s", r.Subscribers, r.Bitrate/1000, r.Profile)
	row("measured for", "%.1f s", r.Seconds)
	row("packets published", "%d", r.Published)
	row("packets forwarded", "%d (%.0f/s)", r.Forwarded, float64(r.Forwarded)/r.Seconds)
	row("delay p50, p99", "%.2f, %.2f ms", r.Delay.P50, r.Delay.P99)
	row("join p50, p99", "%.0f, %.0f ms", r.Join.P50, r.Join.P99)
	if p := r.Process; p != nil {
		row("server CPU", "%.2f s, %.1f %% of a core", p.CPUSeconds, 100*p.CPUSeconds/r.Seconds)
		row("server CPU per packet", "%.2f µs", p.MicrosecondsPerPacket)
		row("server memory", "%.1f MiB", float64(p.ResidentBytes)/(1<<20))
		row("load generator CPU", "%.2f s", p.GeneratorCPUSeconds)
	}
	row("in the whole run", "")
	row("  received", "%d", r.Total.Received)
	row("  lost for good", "%d", r.Total.Lost)
	row("  asked for again", "%d", r.Total.Asked)
	row("  asked of publisher", "%d", r.Total.AskedOfPublisher)
	row("  duplicates", "%d", r.Total.Duplicates)
	row("  out of order", "%d", r.Total.OutOfOrder)
	if r.Total.Restarts > 0 {
		row("  numbered anew", "%d", r.Total.Restarts)
	}
	return t.Flush()
}
