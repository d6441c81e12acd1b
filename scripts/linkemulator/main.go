//go:build linux

// Linkemulator joins two network namespaces by a link that can be made bad: for
// tests of what calls are like over a thin line, a lossy one, or one that goes
// away. Kernels without a queueing discipline for that are common, so packets
// pass through this program, from one TUN device to another.
//
//	linkemulator -server NAME -client NAME
//
// makes both namespaces, prints "ready" and the address of either, and then
// reads one JSON object a line from standard input:
//
//	{"down": {"rate": 300000, "delay": 30, "loss": 0.05, "queue": 500}, "up": {…}}
//	{"rebind": true}
//	{"address": "10.99.0.3"}
//
// Down is from server to client. A rate is in bit/s, 0 being without limit and a
// negative one an outage; delay and queue are in ms, loss is a fraction; what is
// left out is reset. Rebind gives the client's UDP ports other numbers, as a NAT
// that has forgotten them does; address gives the client another address. Each
// line is answered by "ok". The namespaces go with the program, which ends with
// its input, or by a signal.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"
)

// The addresses of the two ends when the link comes up.
const (
	serverAddress = "10.99.0.1"
	clientAddress = "10.99.0.2"
)

func main() {
	server := flag.String("server", "", "`name` of the server's namespace")
	client := flag.String("client", "", "`name` of the client's namespace")
	flag.Parse()
	if *server == "" || *client == "" || flag.NArg() > 0 {
		flag.Usage()
		os.Exit(2)
	}
	// Who closes the other end of standard output ends the program, too.
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGPIPE)
	defer stop()
	if err := run(ctx, *server, *client, os.Stdin, os.Stdout); err != nil {
		fmt.Fprintf(os.Stderr, "linkemulator: %v\n", err)
		os.Exit(1)
	}
}

// run is the whole program.
func run(ctx context.Context, server, client string, in io.Reader, out io.Writer) error {
	near, err := openEnd(server, serverAddress)
	if err != nil {
		return err
	}
	defer near.close()
	far, err := openEnd(client, clientAddress)
	if err != nil {
		return err
	}
	defer far.close()
	n := &nat{}
	down, up := newPipe(far.device), newPipe(near.device)
	go near.read(func(p []byte) {
		n.inbound(p)
		down.send(p)
	})
	go far.read(func(p []byte) {
		n.outbound(p)
		up.send(p)
	})
	fmt.Fprintf(out, "ready %s %s\n", serverAddress, clientAddress)
	lines := make(chan string)
	go func() { // ends with the program
		defer close(lines)
		for s := bufio.NewScanner(in); s.Scan(); {
			lines <- s.Text()
		}
	}()
	for {
		select {
		case line, more := <-lines:
			if !more {
				return nil
			}
			if err := obey(line, down, up, n, far); err != nil {
				return fmt.Errorf("%s: %w", line, err)
			}
			fmt.Fprintln(out, "ok")
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// command is one line of input.
type command struct {
	Down    *conditions `json:"down"`
	Up      *conditions `json:"up"`
	Rebind  bool        `json:"rebind"`
	Address string      `json:"address"`
}

func obey(line string, down, up *pipe, n *nat, far *end) error {
	var c command
	d := json.NewDecoder(strings.NewReader(line))
	d.DisallowUnknownFields() // or a bad line would be a good one
	if err := d.Decode(&c); err != nil {
		return err
	}
	if c.Down != nil {
		down.set(*c.Down)
	}
	if c.Up != nil {
		up.set(*c.Up)
	}
	if c.Rebind {
		n.rebind()
	}
	if c.Address != "" {
		return far.readdress(c.Address)
	}
	return nil
}
