package loadtest

import (
	"encoding/json"
	"fmt"
	"io"
	"math"
	"slices"
	"text/tabwriter"
	"time"

	"galene/rtpconn/loadtest"
)

// Report is what came of a scenario. The JSON names are stable; times are in
// the units that they name.
type Report struct {
	Server string         `json:"server"`
	Group  string         `json:"group"`
	Mode   Mode           `json:"mode"`
	Video  loadtest.Video `json:"video"`
	// Publishers sent to so many Subscribers each, those of a storm included.
	Publishers  int              `json:"publishers"`
	Subscribers int              `json:"subscribers"`
	Bitrate     int              `json:"bitrate"`
	Profile     loadtest.Profile `json:"srtpProfile"`
	// Seconds is how long was measured.
	Seconds float64 `json:"seconds"`
	// Published and Forwarded are how many packets were sent by the publishers
	// and received by all subscribers in that time, each once.
	Published uint64 `json:"published"`
	Forwarded uint64 `json:"forwarded"`
	// Share is Forwarded by what would be forwarded if each subscriber got
	// everything, which is not meant where there are layers.
	Share float64 `json:"forwardedShare"`
	// Delay is from the publisher's sending to the subscribers' receiving, of
	// the packets in that time.
	Delay Percentiles `json:"delay"`
	// Join is from dialling to the first packet of video of each stream that
	// was there; who comes in a storm does not count.
	Join Percentiles `json:"join"`
	// Total counts the whole run, from each subscriber's first packet on.
	Total Totals `json:"total"`
	// Storm is absent unless there was one.
	Storm *Storm `json:"storm,omitempty"`
	// Process is absent unless the server's process is known.
	Process *Process `json:"process,omitempty"`
	// Verdict says in words what the figures mean.
	Verdict string `json:"verdict"`
}

// Storm is what came of many joins at once.
type Storm struct {
	Joiners int `json:"joiners"`
	// Seconds is from the first one's dialling until the last one had a picture.
	Seconds float64 `json:"seconds"`
	// Join is from a joiner's dialling to his first packet of video.
	Join Percentiles `json:"join"`
	// Lost is how many packets those lost for good who were there before, in
	// the whole run, and Asked how many they asked for again in these seconds.
	Lost  uint64 `json:"lostByOthers"`
	Asked uint64 `json:"askedByOthers"`
	// CPUMilliseconds is the server's CPU time for each joiner, beyond what its
	// packets cost; absent unless the process is known.
	CPUMilliseconds *float64 `json:"cpuMillisecondsPerJoin,omitempty"`
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
	// MicrosecondsPerPacket is CPU time by forwarded packet, 0 if there was none.
	MicrosecondsPerPacket float64 `json:"cpuMicrosecondsPerPacket"`
	// ResidentBytes is the memory at the end of that time.
	ResidentBytes uint64 `json:"residentBytes"`
	// BytesPerSubscriber is by how much memory grew from a third of the
	// subscribers to all, or in a storm, for each of them; absent in a meeting.
	BytesPerSubscriber int64 `json:"residentBytesPerSubscriber,omitempty"`
	// GeneratorCPUSeconds is what the load generator itself used.
	GeneratorCPUSeconds float64 `json:"generatorCPUSeconds"`
	// StolenSeconds is what the host of a virtual machine withheld from its
	// processors: what was measured meanwhile was slower and later for that.
	StolenSeconds float64 `json:"stolenSeconds"`
}

// newReport draws the conclusions.
func newReport(m measurements) *Report {
	o, before, after := m.options, m.before, m.after
	seen, total := after.received.Since(before.received), m.last.received
	forwarded := forwardedOf(seen)
	r := &Report{
		Server: o.Server, Group: o.Group, Mode: o.Mode, Video: o.Video,
		Publishers: o.publishers(), Subscribers: o.receivers(), Bitrate: o.Bitrate, Profile: o.Profile,
		Seconds:   after.time.Sub(before.time).Seconds(),
		Published: after.published.Packets - before.published.Packets,
		Forwarded: forwarded,
		Delay:     Percentiles{milliseconds(seen.Delays.Percentile(0.5)), milliseconds(seen.Delays.Percentile(0.99))},
		Join:      percentilesOf(m.joins),
		Total: Totals{
			Received: total.Packets, Lost: total.Missing, Asked: total.Asked, AskedOfPublisher: m.last.published.Asked,
			Duplicates: total.Duplicates, OutOfOrder: total.OutOfOrder, Restarts: total.Restarts,
		},
	}
	r.Share = float64(r.Forwarded) / float64(max(1, r.Published*uint64(o.receivers())))
	if o.PID != 0 {
		r.Process = m.process(forwarded)
	}
	if o.Mode == JoinStorm {
		r.Storm = m.storm(r.Process)
	}
	r.Verdict = r.verdict()
	return r
}

// forwardedOf is how many packets have been forwarded, each counted once.
func forwardedOf(seen loadtest.SubscriberStats) uint64 {
	return seen.Packets - min(seen.Packets, seen.Duplicates)
}

// process tells what the server used while it forwarded so many packets.
func (m *measurements) process(forwarded uint64) *Process {
	cpu := m.after.server - m.before.server
	p := &Process{
		CPUSeconds:          cpu.Seconds(),
		ResidentBytes:       m.after.memory,
		GeneratorCPUSeconds: (m.after.generator - m.before.generator).Seconds(),
		StolenSeconds:       (m.after.stolen - m.before.stolen).Seconds(),
	}
	if forwarded > 0 {
		p.MicrosecondsPerPacket = float64(cpu.Microseconds()) / float64(forwarded)
	}
	switch m.options.Mode {
	case Meeting, Cameras:
	case JoinStorm:
		p.BytesPerSubscriber = (int64(m.before.memory) - int64(m.beforeStorm.memory)) / int64(m.options.Joiners)
	default:
		more := m.options.Subscribers - m.options.Subscribers/3
		p.BytesPerSubscriber = (int64(m.before.memory) - int64(m.third.memory)) / int64(more)
	}
	return p
}

// storm tells what came of the storm; p is nil if the process is not known.
func (m *measurements) storm(p *Process) *Storm {
	s := &Storm{
		Joiners: m.options.Joiners,
		Seconds: m.afterStorm.time.Sub(m.beforeStorm.time).Seconds(),
		Join:    percentilesOf(m.stormJoins),
		Lost:    m.last.early.Missing,
		Asked:   m.afterStorm.early.Asked - m.beforeStorm.early.Asked,
	}
	if p != nil {
		cpu := m.afterStorm.server - m.beforeStorm.server
		packets := forwardedOf(m.afterStorm.received.Since(m.beforeStorm.received))
		forJoining := cpu.Seconds()*1000 - float64(packets)*p.MicrosecondsPerPacket/1000
		each := max(0, forJoining) / float64(m.options.Joiners)
		s.CPUMilliseconds = &each
	}
	return s
}

// percentilesOf returns the percentiles of a few times.
func percentilesOf(times []time.Duration) Percentiles {
	return Percentiles{milliseconds(percentile(times, 0.5)), milliseconds(percentile(times, 0.99))}
}

func milliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// percentile returns the least of the times that the given share, of 0 to 1,
// of all do not exceed; 0 if there are none.
func percentile(times []time.Duration, share float64) time.Duration {
	if len(times) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(times))
	return sorted[max(0, int(math.Ceil(share*float64(len(sorted))))-1)]
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
	row("load", "%s, %s", r.load(), r.Profile)
	row("measured for", "%.1f s", r.Seconds)
	row("packets published", "%d", r.Published)
	if r.Mode != Cameras {
		share := ""
		if !r.layered() {
			share = fmt.Sprintf(", %.1f %% of what all would get", 100*r.Share)
		}
		row("packets forwarded", "%d (%.0f/s)%s", r.Forwarded, float64(r.Forwarded)/r.Seconds, share)
		row("delay p50, p99", "%.2f, %.2f ms", r.Delay.P50, r.Delay.P99)
		row("join p50, p99", "%.0f, %.0f ms", r.Join.P50, r.Join.P99)
	}
	if p := r.Process; p != nil {
		row("server CPU", "%.2f s, %.1f %% of a core", p.CPUSeconds, 100*p.CPUSeconds/r.Seconds)
		if r.Mode != Cameras {
			row("server CPU per packet", "%.2f µs", p.MicrosecondsPerPacket)
		}
		row("server memory", "%.1f MiB", float64(p.ResidentBytes)/(1<<20))
		if p.BytesPerSubscriber != 0 {
			row("  for each subscriber", "%.0f KB", float64(p.BytesPerSubscriber)/1000)
		}
		row("load generator CPU", "%.2f s", p.GeneratorCPUSeconds)
		if p.StolenSeconds > 0 {
			row("withheld by the host", "%.2f s, %.1f %% of a core", p.StolenSeconds, 100*p.StolenSeconds/r.Seconds)
		}
	}
	if s := r.Storm; s != nil {
		row("in the storm", "%d joined in %.1f s", s.Joiners, s.Seconds)
		row("  join p50, p99", "%.0f, %.0f ms", s.Join.P50, s.Join.P99)
		row("  lost by the others", "%d, %d asked for again", s.Lost, s.Asked)
		if s.CPUMilliseconds != nil {
			row("  server CPU for each", "%.2f ms", *s.CPUMilliseconds)
		}
	}
	if r.Mode == Cameras {
		row("asked of publishers", "%d", r.Total.AskedOfPublisher)
		return r.writeVerdict(t, w)
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
	return r.writeVerdict(t, w)
}

// writeVerdict ends the table and says what it means.
func (r *Report) writeVerdict(t *tabwriter.Writer, w io.Writer) error {
	if err := t.Flush(); err != nil {
		return err
	}
	_, err := fmt.Fprintf(w, "\n%s\n", r.Verdict)
	return err
}

// load says who sends what to whom.
func (r *Report) load() string {
	video := fmt.Sprintf("%s of %d kbit/s and audio", r.Video, r.Bitrate/1000)
	if r.Video == loadtest.NoVideo {
		video = "audio"
	}
	if r.Mode == Cameras {
		return fmt.Sprintf("%d cameras", r.Publishers)
	}
	if r.Mode == Meeting {
		return fmt.Sprintf("%d members who see each other, %s", r.Publishers, video)
	}
	return fmt.Sprintf("1 publisher, %d subscribers, %s", r.Subscribers, video)
}
