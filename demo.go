package main

import (
	"fmt"
	"io"
	"net"

	"galene/group"
)

// demoGroup is the name of the group of -demo.
const demoGroup = "demo"

// applyDemo changes the options to those of a demonstration: for this machine
// only, without certificates, and without any file. A port that was asked for
// is kept.
func (o *options) applyDemo() error {
	port := "8443"
	if o.given["http"] {
		host, p, err := net.SplitHostPort(o.http)
		if err != nil {
			return fmt.Errorf("-demo: -http %q: %w", o.http, err)
		}
		if ip := net.ParseIP(host); host != "" && host != "localhost" && (ip == nil || !ip.IsLoopback()) {
			return fmt.Errorf("-demo is for this machine only; it does not listen on %q", o.http)
		}
		port = p
	}
	o.http = net.JoinHostPort("localhost", port)
	// Browsers trust localhost with cameras even without a certificate.
	o.insecure = true
	return nil
}

// demoDescription is the group file of the demonstration: anybody may enter,
// and moderate.
const demoDescription = `{
  "displayName": "Demo",
  "description": "For everybody on this machine, gone when the server stops",
  "public": true,
  "wildcard-user": {"password": {"type": "wildcard"}, "permissions": "op"}
}`

// demoStore holds the one group of a demonstration.
func demoStore() (group.Store, error) {
	d, err := group.ParseDescription([]byte(demoDescription))
	if err != nil {
		return nil, fmt.Errorf("describe the demonstration: %w", err)
	}
	return group.MemoryStore{demoGroup: d}, nil
}

// announceDemo says where to go.
func announceDemo(w io.Writer, listening net.Addr) {
	_, port, err := net.SplitHostPort(listening.String())
	if err != nil {
		return
	}
	fmt.Fprintf(w, "Open http://localhost:%s/group/%s/ in two windows, with any name and no password. Ctrl-C ends it.\n", port, demoGroup)
}
