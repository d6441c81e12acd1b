package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net"
	"strconv"
	"strings"
	"time"

	"galene/webserver/ws"
)

// options are the command line. Names and defaults of the first block are
// Galene's; those of the second are ours.
type options struct {
	http       string
	insecure   bool
	static     string
	data       string
	groups     string
	recordings string
	udpRange   string
	turn       string
	relayOnly  bool
	mdns       bool
	grace      time.Duration

	cpuProfile, memProfile, mutexProfile string

	check     bool
	demo      bool
	version   bool
	metrics   string
	logLevel  slog.Level
	logFormat string
	// portableSockets is not shown by -help: it is for comparisons.
	portableSockets bool

	// given names the options that stand on the command line.
	given map[string]bool
}

// errUsage is returned for a command line that was wrong and has been
// complained about.
var errUsage = errors.New("usage")

// parseOptions reads the command line; complaints and -help go to w. The error
// is flag.ErrHelp after -help, errUsage for a command line that is wrong.
func parseOptions(args []string, w io.Writer) (options, error) {
	o := options{given: make(map[string]bool)}
	f := flag.NewFlagSet("galene", flag.ContinueOnError)
	f.SetOutput(w)
	f.StringVar(&o.http, "http", ":8443", "listen for web clients on `address` (host:port, or the path of a Unix socket)")
	f.BoolVar(&o.insecure, "insecure", false, "speak plain HTTP, for use behind a proxy that does TLS")
	f.StringVar(&o.static, "static", "", "serve the web client in `directory` instead of the built-in one")
	f.StringVar(&o.data, "data", "./data/", "read configuration and certificates from `directory`")
	f.StringVar(&o.groups, "groups", "./groups/", "read group descriptions from `directory`")
	f.StringVar(&o.recordings, "recordings", "./recordings/", "keep recordings in `directory`")
	f.StringVar(&o.udpRange, "udp-range", "", "use one UDP `port` for media, or the first free one of first-last\n(default: the port number of -http)")
	f.StringVar(&o.turn, "turn", "auto", "built-in TURN server `address`, \"auto\", or \"\" for none")
	f.BoolVar(&o.relayOnly, "relay-only", false, "make clients use TURN relays only")
	f.BoolVar(&o.mdns, "mdns", false, "resolve the .local addresses of clients")
	f.DurationVar(&o.grace, "resume", ws.DefaultGrace, "keep the seat and the media of a member whose connection is lost for a `duration`;\n0 makes it leave at once")
	f.StringVar(&o.cpuProfile, "cpuprofile", "", "write a CPU profile to `file` at exit")
	f.StringVar(&o.memProfile, "memprofile", "", "write a heap profile to `file` at exit")
	f.StringVar(&o.mutexProfile, "mutexprofile", "", "write a mutex profile to `file` at exit")
	f.BoolVar(&o.check, "check", false, "check the configuration, groups and invitations, say what is wrong, and exit\n(status 1 if something is not in force because of it)")
	f.BoolVar(&o.demo, "demo", false, "serve a throw-away group on this machine only")
	f.BoolVar(&o.version, "version", false, "print the version and exit")
	f.StringVar(&o.metrics, "metrics", "", "answer /metrics and /healthz on `address` as well, by HTTP and without a password;\nfor Prometheus, on an address that only it can reach")
	f.TextVar(&o.logLevel, "log-level", slog.LevelInfo, "log events from `level` up: debug, info, warn or error")
	f.StringVar(&o.logFormat, "log-format", "text", "write the log as `format`: text or json")
	f.Usage = func() { printUsage(f, w) }
	f.BoolVar(&o.portableSockets, portableSockets, false, "make one system call for each datagram")
	if err := f.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return o, err
		}
		return o, errUsage
	}
	f.Visit(func(f *flag.Flag) { o.given[f.Name] = true })
	switch {
	case f.NArg() > 0:
		fmt.Fprintf(w, "galene takes no arguments besides options: %q\n", f.Arg(0))
		return o, errUsage
	case o.grace < 0:
		fmt.Fprintf(w, "-resume is a duration such as 30s, not %v\n", o.grace)
		return o, errUsage
	case o.logFormat != "text" && o.logFormat != "json":
		fmt.Fprintf(w, "-log-format is text or json, not %q\n", o.logFormat)
		return o, errUsage
	}
	if o.demo {
		if err := o.applyDemo(); err != nil {
			fmt.Fprintln(w, err)
			return o, errUsage
		}
	}
	return o, nil
}

// portableSockets is the option that -help does not show.
const portableSockets = "portable-sockets"

// printUsage lists the options, but for the hidden one.
func printUsage(f *flag.FlagSet, w io.Writer) {
	fmt.Fprintln(w, "Usage: galene [options]")
	shown := flag.NewFlagSet(f.Name(), flag.ContinueOnError)
	shown.SetOutput(w)
	f.VisitAll(func(o *flag.Flag) {
		if o.Name != portableSockets {
			shown.Var(o.Value, o.Name, o.Usage)
			shown.Lookup(o.Name).DefValue = o.DefValue
		}
	})
	shown.PrintDefaults()
}

// logger makes the log that the options ask for.
func (o *options) logger(w io.Writer) *slog.Logger {
	handler := &slog.HandlerOptions{Level: o.logLevel}
	if o.logFormat == "json" {
		return slog.New(slog.NewJSONHandler(w, handler))
	}
	return slog.New(slog.NewTextHandler(w, handler))
}

// resumeGrace returns what -resume means to the web server.
func (o *options) resumeGrace() time.Duration {
	if o.grace == 0 {
		return -1
	}
	return o.grace
}

// mediaPorts returns the UDP ports that -udp-range asks for; 0, 0 when it asks
// for none.
func (o *options) mediaPorts() (first, last uint16, err error) {
	if o.udpRange == "" {
		return 0, 0, nil
	}
	low, high, isRange := strings.Cut(o.udpRange, "-")
	if !isRange {
		high = low
	}
	first, err1 := parsePort(low)
	last, err2 := parsePort(high)
	if err := errors.Join(err1, err2); err != nil {
		return 0, 0, fmt.Errorf("-udp-range %q: a port or two, as in 40000 or 40000-40100: %w", o.udpRange, err)
	}
	if first > last {
		return 0, 0, fmt.Errorf("-udp-range %q: the first port is above the last", o.udpRange)
	}
	return first, last, nil
}

func parsePort(s string) (uint16, error) {
	n, err := strconv.ParseUint(s, 10, 16)
	if err != nil {
		return 0, err
	}
	if n == 0 {
		return 0, errors.New("ports begin at 1")
	}
	return uint16(n), nil
}

// httpPort returns the port number of -http, 0 when it has none.
func (o *options) httpPort() uint16 {
	_, port, err := net.SplitHostPort(o.http)
	if err != nil {
		return 0
	}
	n, err := net.LookupPort("tcp", port)
	if err != nil {
		return 0
	}
	return uint16(n)
}
