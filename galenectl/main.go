// Galenectl administers a running server from the command line: groups, users,
// passwords and invitations, through the server's administration interface. It
// also hashes passwords, checks configuration and puts load on a server.
//
// Each command is a row of the table in commands.go and lives in the file of
// the noun that it is about. Invoked by the name galene-password-generator, the
// program is the password generator of old.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"

	"golang.org/x/term"
)

// The exit statuses. A wrong flag is 2, as is usual with Go; any other failure
// is 1, a wrong command included. The last three are given with -exit-codes
// only.
const (
	statusOK           = 0
	statusError        = 1
	statusFlags        = 2
	statusNotFound     = 3
	statusConflict     = 4
	statusUnauthorised = 5
)

var (
	// errFlags is returned for flags that were wrong and have been complained
	// about.
	errFlags = errors.New("wrong flags")
	// errCommand is returned for a command line that is wrong otherwise, and
	// has been complained about.
	errCommand = errors.New("wrong command line")
	// errReported is returned for a failure that has been told already.
	errReported = errors.New("failed")
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	// A second signal kills.
	context.AfterFunc(ctx, stop)
	name := strings.TrimSuffix(filepath.Base(os.Args[0]), ".exe")
	if name == generatorName {
		os.Exit(generate(os.Args[1:], os.Stdout, os.Stderr))
	}
	os.Exit(run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}

// run is the whole program; it returns the exit status.
func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	i := &invocation{stdin: interruptible{ctx, stdin}, stdout: stdout, stderr: stderr}
	if file, ok := stdin.(*os.File); ok && term.IsTerminal(int(file.Fd())) {
		i.terminal = file
	}
	err := i.execute(ctx, args)
	var refused *httpError
	switch {
	case err == nil, errors.Is(err, flag.ErrHelp):
		return statusOK
	case errors.Is(err, errFlags):
		return statusFlags
	case errors.Is(err, errCommand), errors.Is(err, errReported):
		return statusError
	}
	fmt.Fprintf(stderr, "galenectl: %v\n", err)
	if i.exitCodes && errors.As(err, &refused) {
		return refused.exitStatus()
	}
	return statusError
}
