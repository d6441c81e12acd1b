// Galene is a videoconferencing server.
//
// It is a web server, which serves the client and speaks the websocket
// protocol, and an SFU, which forwards media between the members of a group.
// This file puts the two together and takes them apart again;
// ARCHITECTURE.md says where everything else is.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net"
	"os"
	"os/signal"
	"path/filepath"
	"sync"
	"syscall"
	"time"

	"galene/group"
	"galene/rtpconn/socket"
	"galene/webserver"
)

// The exit statuses.
const (
	statusOK    = 0
	statusError = 1
	statusUsage = 2
)

// shutdownTime is what clients have to take leave; the whole of a shutdown
// stays below two seconds.
const shutdownTime = 1500 * time.Millisecond

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	// A second signal kills, should the shutdown hang.
	context.AfterFunc(ctx, stop)
	hangups := make(chan os.Signal, 1)
	signal.Notify(hangups, syscall.SIGHUP)
	os.Exit(run(ctx, hangups, os.Args[1:], os.Stdout, os.Stderr))
}

// run is the whole program: it serves until ctx ends, looks at its files when a
// hangup comes, and returns the exit status.
func run(ctx context.Context, hangups <-chan os.Signal, args []string, stdout, stderr io.Writer) int {
	o, err := parseOptions(args, stderr)
	switch {
	case errors.Is(err, flag.ErrHelp):
		return statusOK
	case err != nil:
		return statusUsage
	case o.version:
		fmt.Fprintln(stdout, version())
		return statusOK
	case o.check:
		return checkInstallation(o, stdout)
	}
	// Known early, it is not the last of many lines.
	if _, _, err := o.mediaPorts(); err != nil {
		fmt.Fprintf(stderr, "galene: %v\n", err)
		return statusError
	}
	profiles, err := startProfiles(o)
	if err == nil {
		err = errors.Join(serve(ctx, hangups, o, o.logger(stderr), stdout), profiles.finish())
	}
	if err != nil {
		fmt.Fprintf(stderr, "galene: %v%s\n", err, advice(err))
		return statusError
	}
	return statusOK
}

// advice says what to do where the server cannot listen, after the error.
func advice(err error) string {
	var listening *net.OpError
	switch {
	case !errors.As(err, &listening):
		return ""
	case errors.Is(err, syscall.EADDRINUSE):
		return "; stop the program that uses it, maybe another galene, or choose another address"
	case errors.Is(err, fs.ErrPermission) && listening.Net != "unix":
		return "; choose a port from 1024 on, or give the server the right to lower ones, as INSTALL says"
	case errors.Is(err, syscall.EADDRNOTAVAIL):
		return "; this machine does not have that address itself: leave it out, as in -http :8443, to listen on all that it has"
	case listening.Net == "unix" && (errors.Is(err, fs.ErrPermission) || errors.Is(err, fs.ErrNotExist)):
		return "; make the directory of the socket, and let the server write to it, as INSTALL says"
	}
	return ""
}

// serve builds the server from the bottom up, runs it until ctx ends, and
// takes it down from the top.
func serve(ctx context.Context, hangups <-chan os.Signal, o options, log *slog.Logger, stdout io.Writer) error {
	boundMemory()
	warnAboutFileLimit(log)
	if o.given["turn"] && o.turn != "" {
		log.Warn("-turn has no effect: there is no built-in TURN server yet; name others in data/ice-servers.json")
	}
	if o.withoutData() {
		log.Warn("-data is no directory: there is no configuration, no certificate and no invitation until it is", "data", o.data)
	}
	if !o.demo {
		defer warnAboutOtherServer(o.data, log).Close()
	}
	client, err := o.client(log)
	if err != nil {
		return err
	}
	store, err := o.store(log)
	if err != nil {
		return err
	}
	config := group.NewConfigFile(filepath.Join(o.data, "config.json"), log)
	registry := group.NewRegistry(group.RegistryOptions{
		Store: store, Tokens: o.tokens(log), Config: config, Logger: log,
	})
	engine, err := newEngine(o, log)
	if err != nil {
		return fmt.Errorf("open the media sockets: %w", err)
	}
	defer func() {
		if err := engine.Close(); err != nil {
			log.Error("media sockets not closed", "error", err)
		}
	}()
	server, err := webserver.New(webserver.Options{
		Address: o.http, Insecure: o.insecure, MetricsAddress: o.metrics, DataDirectory: o.data, Recordings: o.recordings, Static: client,
		Registry: registry, Config: config,
		Engine: engine, RelayOnly: o.relayOnly, ResumeGrace: o.resumeGrace(), Version: version(), Logger: log,
	})
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var background sync.WaitGroup
	background.Go(func() { registry.Run(ctx) })
	background.Go(func() { rescanOnHangup(ctx, hangups, registry, log) })
	serving := make(chan error, 1)
	go func() { serving <- server.Serve() }()

	log.Info("listening", "web", server.Addr().String(), "media", mediaAddresses(engine))
	if o.demo {
		announceDemo(stdout, server.Addr())
	} else {
		warnAboutLoopback(engine, log)
		ticker := time.NewTicker(addressInterval)
		defer ticker.Stop()
		background.Go(func() { watchAddresses(ctx, ticker.C, socket.Addresses, listening(engine), log) })
	}
	select {
	case <-ctx.Done():
		err = shutDown(registry, server)
		err = errors.Join(err, <-serving)
	case err = <-serving:
	}
	cancel()
	background.Wait()
	return err
}

// rescanOnHangup has all files looked at whenever SIGHUP comes, until ctx ends:
// they are read again when they change anyway, but the log tells of faults in those
// that nobody uses only every quarter of an hour.
func rescanOnHangup(ctx context.Context, hangups <-chan os.Signal, registry *group.Registry, log *slog.Logger) {
	for {
		select {
		case <-hangups:
			log.Info("looking at all files again, as SIGHUP asks for")
			registry.Rescan()
		case <-ctx.Done():
			return
		}
	}
}

// shutDown tells the members and then closes their connections.
func shutDown(registry *group.Registry, server *webserver.Server) error {
	ctx, cancel := context.WithTimeout(context.Background(), shutdownTime)
	defer cancel()
	registry.Shutdown()
	err := server.Shutdown(ctx)
	if errors.Is(err, context.DeadlineExceeded) {
		return nil // they have been cut off, which is what the time is for
	}
	return err
}
