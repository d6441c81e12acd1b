// Galenectl administers a running server from the command line. Each command
// is a verb of the table in this file, with flags of its own.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"maps"
	"os"
	"os/signal"
	"slices"
	"syscall"
)

// The exit statuses. A wrong flag is 2, as is usual with Go; any other failure
// is 1, a wrong command included.
const (
	statusOK    = 0
	statusError = 1
	statusFlags = 2
)

var (
	// errFlags is returned for flags that were wrong and have been complained
	// about.
	errFlags = errors.New("wrong flags")
	// errCommand is returned for a command line that is wrong otherwise, and
	// has been complained about.
	errCommand = errors.New("wrong command line")
)

// invocation is what a command gets to work with.
type invocation struct {
	// server is the URL of the server, and insecure that any certificate will
	// do.
	server   string
	insecure bool
	// args are the command's own.
	args           []string
	stdout, stderr io.Writer
}

// command is one verb.
type command struct {
	summary string
	run     func(context.Context, invocation) error
}

// commands is the table of verbs.
func commands() map[string]command {
	return map[string]command{
		"load-test": {"put load on a server and report what it cost", runLoadTest},
	}
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	// A second signal kills.
	context.AfterFunc(ctx, stop)
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// run is the whole program; it returns the exit status.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	err := execute(ctx, args, stdout, stderr)
	switch {
	case err == nil, errors.Is(err, flag.ErrHelp):
		return statusOK
	case errors.Is(err, errFlags):
		return statusFlags
	case errors.Is(err, errCommand):
		return statusError
	}
	fmt.Fprintf(stderr, "galenectl: %v\n", err)
	return statusError
}

// execute reads the global flags and runs the command.
func execute(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	table := commands()
	i := invocation{stdout: stdout, stderr: stderr}
	f := flag.NewFlagSet("galenectl", flag.ContinueOnError)
	f.SetOutput(stderr)
	f.StringVar(&i.server, "server", "https://localhost:8443", "`URL` of the server")
	f.BoolVar(&i.insecure, "insecure", false, "do not verify the server's certificate")
	f.Usage = func() {
		fmt.Fprintln(stderr, "Usage: galenectl [options] command [command's options]")
		f.PrintDefaults()
		fmt.Fprintln(stderr, "Commands, each with a -help of its own:")
		for _, name := range slices.Sorted(maps.Keys(table)) {
			fmt.Fprintf(stderr, "  %-12s %s\n", name, table[name].summary)
		}
	}
	if err := parseFlags(f, args); err != nil {
		return err
	}
	c, ok := table[f.Arg(0)]
	if !ok {
		if f.NArg() > 0 {
			fmt.Fprintf(stderr, "galenectl: unknown command %q\n", f.Arg(0))
		}
		f.Usage()
		return errCommand
	}
	i.args = f.Args()[1:]
	return c.run(ctx, i)
}

// parseFlags is f.Parse, with errors of ours.
func parseFlags(f *flag.FlagSet, args []string) error {
	err := f.Parse(args)
	if err != nil && !errors.Is(err, flag.ErrHelp) {
		return errFlags
	}
	return err
}
