package main

import (
	"errors"
	"flag"
	"io"
	"strings"
	"testing"

	"galene/group/leaktest"
)

func TestOptionsHaveGalenesNamesAndDefaults(t *testing.T) {
	leaktest.Check(t)
	var help strings.Builder
	if _, err := parseOptions([]string{"-help"}, &help); !errors.Is(err, flag.ErrHelp) {
		t.Fatalf("-help: %v", err)
	}
	for _, line := range []string{
		"-http ", `(default ":8443")`, "-insecure", "-static ", "-data ", `(default "./data/")`, "-groups ", `(default "./groups/")`,
		"-recordings ", `(default "./recordings/")`, "-udp-range ", "-turn ", `(default "auto")`, "-relay-only", "-mdns", "-resume ",
		"-cpuprofile ", "-memprofile ", "-mutexprofile ", "-check", "-demo", "-version", "-log-level ", "-log-format ",
	} {
		if !strings.Contains(help.String(), line) {
			t.Errorf("-help does not mention %q", line)
		}
	}
	for _, hidden := range []string{portableSockets, mediaWorkers} {
		if strings.Contains(help.String(), hidden) {
			t.Errorf("-help shows -%s", hidden)
		}
	}
	o, err := parseOptions([]string{"-" + portableSockets, "-" + mediaWorkers, "3"}, io.Discard)
	if err != nil || !o.portableSockets || o.mediaWorkers != 3 {
		t.Errorf("hidden options: %v, %v, %d", err, o.portableSockets, o.mediaWorkers)
	}
}

func TestWrongCommandLinesAreRefused(t *testing.T) {
	leaktest.Check(t)
	// A bad range of ports has always been an error of the start.
	for args, want := range map[string]struct {
		status int
		says   string
	}{
		"-nonsense":              {statusUsage, "-nonsense; -help lists"},
		"argument":               {statusUsage, `"argument"`},
		"-insecure=maybe":        {statusUsage, `"maybe" for -insecure`},
		"-log-format xml":        {statusUsage, `not "xml"`},
		"-log-level loud":        {statusUsage, `-log-level is debug, info, warn or error, not "loud"; -help`},
		"-media-workers -1":      {statusUsage, "not -1"},
		"-resume -1s":            {statusUsage, "not -1s"},
		"-resume soon":           {statusUsage, `-resume is a duration such as 30s or 2m, not "soon"; -help`},
		"-resume 30":             {statusUsage, `-resume is a duration such as 30s or 2m, not "30"`},
		"-http nonsense":         {statusUsage, `-http "nonsense" is no address to listen on, such as :8443, 127.0.0.1:8443 or /run/galene.sock: missing port`},
		"-http :http:":           {statusUsage, "too many colons"},
		"-http localhost:70000":  {statusUsage, `no port "70000"`},
		"-http localhost:x":      {statusUsage, `no port "x"`},
		"-http=":                 {statusUsage, "missing port"},
		"-metrics 9090":          {statusUsage, `-metrics "9090" is no address`},
		"-demo -http 0.0.0.0:80": {statusUsage, "-demo is for this machine only"},
		"-udp-range 5-3":         {statusError, `-udp-range "5-3" has its first port above the last`},
		"-udp-range x":           {statusError, `"x" is no number from 1 to 65535`},
		"-udp-range 0-y":         {statusError, `"0" is no number`},
	} {
		var stdout, stderr strings.Builder
		if status := run(t.Context(), nil, strings.Fields(args), &stdout, &stderr); status != want.status {
			t.Errorf("%s: status %d", args, status)
		}
		if s := stderr.String(); !strings.HasPrefix(s, "galene: ") || !strings.Contains(s, want.says) || strings.Count(s, "\n") != 1 || stdout.Len() > 0 {
			t.Errorf("%s: %q, %q", args, s, &stdout)
		}
	}
}

func TestUDPRangeForms(t *testing.T) {
	leaktest.Check(t)
	tests := []struct {
		spec        string
		first, last uint16
		ok          bool
	}{
		{"", 0, 0, true},
		{"40000", 40000, 40000, true},
		{"40000-40100", 40000, 40100, true},
		{"1-65535", 1, 65535, true},
		{"0", 0, 0, false},
		{"0-10", 0, 0, false},
		{"10-5", 0, 0, false},
		{"65536", 0, 0, false},
		{"a-b", 0, 0, false},
		{"1-2-3", 0, 0, false},
		{"-", 0, 0, false},
	}
	for _, test := range tests {
		o := options{udpRange: test.spec}
		first, last, err := o.mediaPorts()
		if first != test.first || last != test.last || (err == nil) != test.ok {
			t.Errorf("%q: %d-%d, %v", test.spec, first, last, err)
		}
	}
}

func TestMediaPortFollowsTheWebServer(t *testing.T) {
	leaktest.Check(t)
	for address, want := range map[string]uint16{
		":8443": 8443, "127.0.0.1:9000": 9000, "[::1]:9001": 9001, ":https": 443, "/run/galene.sock": 0, "localhost:0": 0,
	} {
		if got := (&options{http: address}).httpPort(); got != want {
			t.Errorf("%q: %d", address, got)
		}
	}
}
