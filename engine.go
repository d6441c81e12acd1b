package main

import (
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"syscall"

	"galene/rtpconn"
)

// newEngine starts the media engine on the port that the options ask for:
// -udp-range if given, else the port number of -http, else, when that is taken
// or -http has none, an ephemeral one.
func newEngine(o options, log *slog.Logger) (*rtpconn.Engine, error) {
	first, last, err := o.mediaPorts()
	if err != nil {
		return nil, err
	}
	settings := rtpconn.Options{MinPort: first, MaxPort: last, PortableSockets: o.portableSockets,
		Workers: o.mediaWorkers, ResolveMDNS: o.mdns, Logger: log}
	if o.udpRange != "" {
		return rtpconn.NewEngine(settings)
	}
	settings.MinPort, settings.MaxPort = o.httpPort(), o.httpPort()
	engine, err := rtpconn.NewEngine(settings)
	if errors.Is(err, syscall.EADDRINUSE) {
		settings.MinPort, settings.MaxPort = 0, 0
		engine, err = rtpconn.NewEngine(settings)
	}
	if err != nil {
		return nil, err
	}
	if engine.Port() != o.httpPort() {
		why := fmt.Sprintf("UDP port %d is taken", o.httpPort())
		if o.httpPort() == 0 {
			why = "-http has no port number"
		}
		log.Warn("media uses an ephemeral UDP port; open it in the firewall, or choose one with -udp-range",
			"port", engine.Port(), "because", why)
	}
	return engine, nil
}

// mediaAddresses lists where media is listened for, for the log.
func mediaAddresses(e *rtpconn.Engine) []string {
	var list []string
	for _, a := range e.Addresses() {
		list = append(list, netip.AddrPort(a).String())
	}
	return list
}
