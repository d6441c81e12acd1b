//go:build linux

package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"syscall"
	"time"

	"galene/galenectl/loadtest"
)

const (
	// startTime is how long a server may take to listen.
	startTime = 20 * time.Second
	// stopTime is how long it may take to end before it is killed.
	stopTime = 5 * time.Second
)

// contestant is a kind of server.
type contestant interface {
	name() string
	// start starts a fresh one, which is to be stopped.
	start(ctx context.Context) (*server, error)
}

// server is one that runs.
type server struct {
	command *exec.Cmd
	output  *bytes.Buffer
	ended   chan struct{}
	once    sync.Once
	// options say how a load test reaches it.
	options loadtest.Options
}

// launch starts a program and waits until it takes connections at a TCP address.
func launch(ctx context.Context, address string, name string, args ...string) (*server, error) {
	s := &server{command: exec.Command(name, args...), output: &bytes.Buffer{}, ended: make(chan struct{})}
	s.command.Stdout, s.command.Stderr = s.output, s.output
	// It goes with us, come what may.
	s.command.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := s.command.Start(); err != nil {
		return nil, err
	}
	go func() {
		_ = s.command.Wait() // it is told to end by a signal
		close(s.ended)
	}()
	ctx, stop := context.WithTimeout(ctx, startTime)
	defer stop()
	ticker := time.NewTicker(50 * time.Millisecond)
	defer ticker.Stop()
	for {
		if conn, err := net.Dial("tcp", address); err == nil {
			return s, conn.Close()
		}
		select {
		case <-s.ended:
			return nil, fmt.Errorf("%s has ended: %s", name, s.output)
		case <-ctx.Done():
			s.stop()
			return nil, fmt.Errorf("%s does not listen: %w: %s", name, ctx.Err(), s.output)
		case <-ticker.C:
		}
	}
}

func (s *server) pid() int { return s.command.Process.Pid }

// stop ends the server and waits for it.
func (s *server) stop() {
	s.once.Do(func() {
		_ = s.command.Process.Signal(syscall.SIGTERM) // it may be gone
		timer := time.AfterFunc(stopTime, func() { _ = s.command.Process.Kill() })
		<-s.ended
		timer.Stop()
	})
}

// freePort returns a TCP port of the loopback interface that nobody uses.
func freePort() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	return l.Addr().(*net.TCPAddr).Port, l.Close()
}

// mediaAddress is the address of this machine that galene uses by itself for
// media: one of an interface that is up and leads elsewhere, or that of
// loopback. Packets to it do not leave the machine.
func mediaAddress() (string, error) {
	interfaces, err := net.Interfaces()
	if err != nil {
		return "", err
	}
	for _, i := range interfaces {
		addresses, err := i.Addrs()
		if err != nil || i.Flags&net.FlagUp == 0 || i.Flags&net.FlagLoopback != 0 {
			continue
		}
		for _, a := range addresses {
			if network, ok := a.(*net.IPNet); ok && network.IP.To4() != nil && !network.IP.IsLinkLocalUnicast() {
				return network.IP.String(), nil
			}
		}
	}
	return "127.0.0.1", nil
}

// buildGalene builds the program of the directory above this one.
func buildGalene(ctx context.Context, work string) (string, error) {
	binary := filepath.Join(work, "galene")
	build := exec.CommandContext(ctx, "go", "build", "-ldflags=-s -w", "-o", binary, "galene")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build galene: %w: %s", err, out)
	}
	return binary, nil
}

// galene is this server.
type galene struct {
	work, binary string
}

func (galene) name() string { return "galene" }

func (g galene) start(ctx context.Context) (*server, error) {
	port, err := freePort()
	if err != nil {
		return nil, err
	}
	address := fmt.Sprintf("127.0.0.1:%d", port)
	groups, data := filepath.Join(g.work, "groups"), filepath.Join(g.work, "data")
	err = errors.Join(
		os.MkdirAll(groups, 0o700), os.MkdirAll(data, 0o700),
		os.WriteFile(filepath.Join(groups, "load.json"), []byte(`{"users": {"bob": {"password": "secret", "permissions": "op"}}}`), 0o600),
	)
	if err != nil {
		return nil, err
	}
	s, err := launch(ctx, address, g.binary, "-http", address, "-insecure", "-groups", groups, "-data", data)
	if err != nil {
		return nil, err
	}
	s.options = loadtest.Options{Server: "http://" + address, Group: "load", Username: "bob", Password: "secret"}
	return s, nil
}
