package rtpconn

import (
	"errors"
	"log/slog"
	"net/netip"
)

// Options say where an Engine listens. The zero value listens on an ephemeral
// port of every address of the machine.
type Options struct {
	// MinPort and MaxPort bound the UDP port: the first one of the range that
	// is free on all addresses is taken. Equal: exactly that port. Both 0: an
	// ephemeral port.
	MinPort, MaxPort uint16
	// Addresses to listen on and announce; empty means those of the interfaces
	// that are up.
	Addresses []netip.Addr
	// ResolveMDNS makes the .local candidates of clients count.
	ResolveMDNS bool
	// Logger is slog.Default() when nil.
	Logger *slog.Logger
}

// Engine owns the sockets, the workers and all connections.
type Engine struct{}

var errNotReady = errors.New("not ready")

// NewEngine opens the sockets and starts the engine. A port that is taken is
// an error that wraps syscall.EADDRINUSE.
func NewEngine(o Options) (*Engine, error) { return &Engine{}, nil }

// Port returns the UDP port that media uses.
func (e *Engine) Port() uint16 { return 0 }

// Close ends every connection and closes the sockets; it waits for the
// engine's goroutines.
func (e *Engine) Close() error { return nil }

// Addresses returns the addresses that media uses.
func (e *Engine) Addresses() []netip.AddrPort { return nil }
