// Package metrics shows the server's plain numbers in the format of Prometheus.
// It is the only one that knows of Prometheus; it counts nothing itself.
package metrics

import (
	"log/slog"
	"net/http"
	"runtime/debug"
	"strings"

	"galene/group"
	"galene/rtpconn"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// Options say whose numbers are shown.
type Options struct {
	Registry *group.Registry
	// Engine is nil where there is no media.
	Engine *rtpconn.Engine
	Config *group.ConfigFile
	Logger *slog.Logger
}

// NewHandler returns a handler that answers every request with all numbers.
func NewHandler(o Options) http.Handler {
	registry := prometheus.NewRegistry()
	registry.MustRegister(
		collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
		buildInfo(),
		&collector{options: o},
	)
	return promhttp.HandlerFor(registry, promhttp.HandlerOpts{
		ErrorLog: slog.NewLogLogger(o.Logger.Handler(), slog.LevelWarn),
	})
}

// buildInfo says which build this is.
func buildInfo() prometheus.Collector {
	labels := prometheus.Labels{"version": "unknown", "goversion": "unknown", "revision": ""}
	if info, ok := debug.ReadBuildInfo(); ok {
		labels["version"], labels["goversion"] = info.Main.Version, info.GoVersion
		for _, s := range info.Settings {
			if s.Key == "vcs.revision" {
				labels["revision"] = s.Value
			}
		}
	}
	g := prometheus.NewGauge(prometheus.GaugeOpts{Name: "galene_build_info", Help: "Which build this is; always 1.", ConstLabels: labels})
	g.Set(1)
	return g
}

func description(name, help string, labels ...string) *prometheus.Desc {
	return prometheus.NewDesc(name, help, labels, nil)
}

var (
	groups      = description("galene_groups", "Groups in memory.")
	members     = description("galene_members", "Members of all groups, recorders and ingest sessions included.")
	streams     = description("galene_streams", "Streams that publishers send (up) and that subscribers get (down).", "direction")
	packets     = description("galene_rtp_packets_total", "RTP packets from publishers (in) and to subscribers (out).", "direction")
	octets      = description("galene_rtp_bytes_total", "Bytes of RTP from publishers (in, with headers) and to subscribers (out, payloads).", "direction")
	lost        = description("galene_rtp_packets_lost_total", "Packets of publishers that did not come, or only when they were asked for again.")
	nacks       = description("galene_rtp_nacks_total", "Packets that publishers were asked for again (sent), and that subscribers asked for (received).", "direction")
	dropped     = description("galene_datagrams_dropped_total", "Datagrams of media to clients that the system did not take, its send buffer being full, say.")
	groupErrors = description("galene_group_errors", "Group files that cannot be read; 1 for each.", "group")
	configError = description("galene_config_error", "1 while config.json cannot be read and an older version of it is in force.")
	logins      = description("galene_logins_total", "Logins to groups and to the administration interface, by what came of them.", "result")
	waiting     = description("galene_logins_waiting", "Logins that wait for their passwords to be checked.")
	hashing     = description("galene_password_hashing_seconds_total", "Time that checks of passwords have taken.")
)

// collector reads the numbers when they are asked for.
type collector struct{ options Options }

// Describe implements prometheus.Collector.
func (c *collector) Describe(d chan<- *prometheus.Desc) {
	for _, desc := range []*prometheus.Desc{groups, members, streams, packets, octets, lost, nacks, dropped, groupErrors, configError, logins, waiting, hashing} {
		d <- desc
	}
}

// Collect implements prometheus.Collector.
func (c *collector) Collect(m chan<- prometheus.Metric) {
	s := c.options.Registry.Stats()
	gauge(m, groups, float64(s.Groups))
	gauge(m, members, float64(s.Members))
	gauge(m, waiting, float64(s.LoginsWaiting))
	for name := range s.Faults {
		gauge(m, groupErrors, 1, strings.ToValidUTF8(name, "?"))
	}
	fault := 0.0
	if c.options.Config.Fault() != nil {
		fault = 1
	}
	gauge(m, configError, fault)
	counter(m, logins, uint64(s.LoginsSucceeded), "succeeded")
	counter(m, logins, uint64(s.LoginsRefused), "refused")
	m <- prometheus.MustNewConstMetric(hashing, prometheus.CounterValue, s.Hashing.Seconds())
	if c.options.Engine != nil {
		t := c.options.Engine.Traffic()
		gauge(m, streams, float64(t.Ups), "up")
		gauge(m, streams, float64(t.Downs), "down")
		counter(m, packets, t.PacketsReceived, "in")
		counter(m, packets, t.PacketsSent, "out")
		counter(m, octets, t.BytesReceived, "in")
		counter(m, octets, t.BytesSent, "out")
		counter(m, lost, t.PacketsLost)
		counter(m, nacks, t.NACKsSent, "sent")
		counter(m, nacks, t.NACKsReceived, "received")
		counter(m, dropped, t.DatagramsDropped)
	}
}

func gauge(m chan<- prometheus.Metric, d *prometheus.Desc, v float64, labels ...string) {
	m <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, v, labels...)
}

func counter(m chan<- prometheus.Metric, d *prometheus.Desc, v uint64, labels ...string) {
	m <- prometheus.MustNewConstMetric(d, prometheus.CounterValue, float64(v), labels...)
}
