package main

import (
	"cmp"
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
	// portableSockets and mediaWorkers are not shown by -help: they are for
	// comparisons.
	portableSockets bool
	mediaWorkers    int

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
	// What is wrong is said once and alone, not above a page of options.
	f.SetOutput(io.Discard)
	f.Usage = func() {}
	f.StringVar(&o.http, "http", ":8443", "listen for web clients on `address` (host:port, or the path of a Unix socket)")
	f.BoolVar(&o.insecure, "insecure", false, "speak plain HTTP, for use behind a proxy that does TLS")
	f.StringVar(&o.static, "static", "", "serve the web client in `directory` instead of the built-in one")
	f.StringVar(&o.data, "data", "./data/", "read configuration and certificates from `directory`")
	f.StringVar(&o.groups, "groups", "./groups/", "read group descriptions from `directory`")
	f.StringVar(&o.recordings, "recordings", "./recordings/", "show the recordings in `directory`; none are made yet")
	f.StringVar(&o.udpRange, "udp-range", "", "use one UDP `port` for media, or the first free one of first-last\n(default: the port number of -http)")
	f.StringVar(&o.turn, "turn", "auto", "`address` of a built-in TURN server, which there is not yet: it has no effect,\nand other servers are named in data/ice-servers.json")
	f.BoolVar(&o.relayOnly, "relay-only", false, "make clients use TURN relays only, those of data/ice-servers.json")
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
	f.BoolVar(&o.portableSockets, portableSockets, false, "make one system call for each datagram")
	f.IntVar(&o.mediaWorkers, mediaWorkers, 0, "serve `n` groups at the same time; 0 means all processors but one")
	if err := f.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			printUsage(f, w)
			return o, err
		}
		return o, complain(w, "%v; -help lists the options", reworded(err))
	}
	f.Visit(func(f *flag.Flag) { o.given[f.Name] = true })
	switch {
	case f.NArg() > 0:
		return o, complain(w, "there are no arguments besides options, so what is %q; -help lists the options", f.Arg(0))
	case o.grace < 0:
		return o, complain(w, "-resume is a duration such as 30s, not %v", o.grace)
	case o.mediaWorkers < 0:
		return o, complain(w, "-%s is a number of workers, not %d", mediaWorkers, o.mediaWorkers)
	case o.logFormat != "text" && o.logFormat != "json":
		return o, complain(w, "-log-format is text or json, not %q", o.logFormat)
	}
	for name, address := range map[string]string{"http": o.http, "metrics": o.metrics} {
		if name == "metrics" && address == "" {
			continue
		}
		if err := checkListenAddress(address); err != nil {
			return o, complain(w, "-%s %q is no address to listen on, such as :8443, 127.0.0.1:8443 or /run/galene.sock: %v", name, address, err)
		}
	}
	if o.demo {
		if err := o.applyDemo(); err != nil {
			return o, complain(w, "%v", err)
		}
	}
	return o, nil
}

// reworded returns an error of the flag package that says what the value of an option is
// to be, if there is more to say than the package does.
func reworded(err error) error {
	var value, name string
	if _, scanErr := fmt.Sscanf(err.Error(), "invalid value %q for flag -%s", &value, &name); scanErr != nil {
		return err
	}
	switch strings.TrimSuffix(name, ":") {
	case "resume":
		return fmt.Errorf("-resume is a duration such as 30s or 2m, not %q", value)
	case "log-level":
		return fmt.Errorf("-log-level is debug, info, warn or error, not %q", value)
	}
	return err
}

// complain says what is wrong with the command line, and returns errUsage.
func complain(w io.Writer, format string, args ...any) error {
	fmt.Fprintf(w, "galene: "+format+"\n", args...)
	return errUsage
}

// checkListenAddress returns an error if an address has none of the forms of
// -http; there may be nothing at it nevertheless.
func checkListenAddress(address string) error {
	if strings.HasPrefix(address, "/") {
		return nil
	}
	_, port, err := net.SplitHostPort(address)
	if err != nil {
		var detail *net.AddrError
		if errors.As(err, &detail) {
			return errors.New(detail.Err)
		}
		return err
	}
	if _, err := net.LookupPort("tcp", port); err != nil {
		return fmt.Errorf("there is no port %q", port)
	}
	return nil
}

// The options that -help does not show.
const (
	portableSockets = "portable-sockets"
	mediaWorkers    = "media-workers"
)

// printUsage lists the options, but for the hidden ones.
func printUsage(f *flag.FlagSet, w io.Writer) {
	fmt.Fprintln(w, "Usage: galene [options]")
	shown := flag.NewFlagSet(f.Name(), flag.ContinueOnError)
	shown.SetOutput(w)
	f.VisitAll(func(o *flag.Flag) {
		if o.Name != portableSockets && o.Name != mediaWorkers {
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
	if err := cmp.Or(err1, err2); err != nil {
		return 0, 0, fmt.Errorf("-udp-range %q is neither a port nor two, such as 40000 or 40000-40100: %w", o.udpRange, err)
	}
	if first > last {
		return 0, 0, fmt.Errorf("-udp-range %q has its first port above the last", o.udpRange)
	}
	return first, last, nil
}

func parsePort(s string) (uint16, error) {
	n, err := strconv.ParseUint(s, 10, 16)
	if err != nil || n == 0 {
		return 0, fmt.Errorf("%q is no number from 1 to 65535", s)
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
