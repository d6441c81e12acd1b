package rtpconn

import (
	"cmp"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"runtime"
	"slices"
	"sync"
	"time"

	"galene/group/loglimit"
	"galene/rtpconn/mux"
	"galene/rtpconn/nack"
	"galene/rtpconn/socket"

	piontransport "github.com/pion/transport/v2"
	"github.com/pion/transport/v2/stdnet"
)

// ErrClosed is returned by calls on an engine that is closed.
var ErrClosed = errors.New("media engine closed")

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
	// PortableSockets has one system call made for each datagram, as on systems
	// that know no better.
	PortableSockets bool
	// Workers is how many groups can be served at the same time, each on a processor
	// of its own; 0 means all processors but one. Systems that cannot deal out what
	// arrives at a port have one worker, whatever it says.
	Workers int
	// ResolveMDNS makes the .local candidates of clients count.
	ResolveMDNS bool
	// ICE says when peers that do not answer are given up.
	ICE ICETimeouts
	// Logger is slog.Default() when nil.
	Logger *slog.Logger
}

// ICETimeouts are about peers that have been there. What is 0 has its default.
type ICETimeouts struct {
	// Disconnected is the time without any traffic after which a connection
	// counts as disconnected, by default 10 s; it may recover by itself.
	Disconnected time.Duration
	// Failed is the time from then until it has failed and only a restart of
	// ICE helps, by default 20 s.
	Failed time.Duration
	// Keepalive is the time between checks whether a publisher is there, by
	// default 2 s. Subscribers are checked 5 s after they were heard from, or as
	// much longer as this is (RFC 7675, section 5.1).
	Keepalive time.Duration
}

// orDefaults puts the defaults in.
func (o ICETimeouts) orDefaults() ICETimeouts {
	return ICETimeouts{
		Disconnected: cmp.Or(o.Disconnected, iceDisconnected), Failed: cmp.Or(o.Failed, iceFailed), Keepalive: cmp.Or(o.Keepalive, iceKeepalive),
	}
}

// maxWorkers bounds the workers that an engine has by default: each has a socket
// and a goroutine for each address of the machine.
const maxWorkers = 16

// Engine owns the sockets, the workers and all connections. Its methods may be
// called from any goroutine.
type Engine struct {
	options Options
	log     *slog.Logger
	start   time.Time
	// sockets are one for each address.
	sockets []socket.Socket
	mux     *mux.Mux
	// siblings are more sockets at the address of each of those, if any.
	siblings [][]socket.Socket
	workers  []*worker
	// crew is where a worker with much to do finds help.
	crew  chan *worker
	pulse *pulse
	// asides are one for each address.
	asides       []asides
	candidates   []string
	certificates *certificates
	// losses says for how long publishers are asked for what is missing.
	losses nack.Options
	// minCache is how many packets of each encoding are kept at least, beyond
	// what is usual.
	minCache int
	net      piontransport.Net
	// negotiating bounds the calls that parse and make SDP at the same time.
	negotiating chan struct{}
	done        chan struct{}
	goroutines  sync.WaitGroup
	// pathless is about clients whose media finds no way here.
	pathless loglimit.Limit

	// mu guards what follows.
	mu     sync.Mutex
	closed bool
	// conns has the group of each connection.
	conns     map[closer]string
	placement placement
}

// closer is a connection of either direction.
type closer interface{ Close() }

// NewEngine opens the sockets and starts the engine. A port that is taken is
// an error that wraps syscall.EADDRINUSE.
func NewEngine(o Options) (*Engine, error) {
	if o.Logger == nil {
		o.Logger = slog.Default()
	}
	addresses := o.Addresses
	if len(addresses) == 0 {
		var err error
		if addresses, err = socket.Addresses(); err != nil {
			return nil, fmt.Errorf("list the addresses of this machine: %w", err)
		}
	}
	listen := socket.Listen
	if o.PortableSockets {
		listen = socket.ListenPortable
	}
	sockets, err := socket.ListenAll(listen, addresses, o.MinPort, o.MaxPort)
	if err != nil {
		return nil, err
	}
	return newEngine(o, sockets)
}

// newEngine starts an engine on sockets that it owns from then on.
func newEngine(o Options, sockets []socket.Socket) (*Engine, error) {
	shared, err := stdnet.NewNet()
	if err != nil {
		return nil, errors.Join(fmt.Errorf("list the interfaces of this machine: %w", err), closeAll(sockets))
	}
	certs, err := newCertificates()
	if err != nil {
		return nil, errors.Join(fmt.Errorf("make a DTLS certificate: %w", err), closeAll(sockets))
	}
	o.ICE = o.ICE.orDefaults()
	e := &Engine{
		options: o, log: o.Logger, start: time.Now(),
		sockets: sockets, candidates: hostCandidates(sockets),
		certificates: certs, net: shared,
		negotiating: make(chan struct{}, runtime.GOMAXPROCS(0)),
		done:        make(chan struct{}),
		asides:      make([]asides, len(sockets)),
		conns:       make(map[closer]string),
	}
	e.mux = mux.New(sockets, e.now)
	e.employ(cmp.Or(o.Workers, min(max(1, runtime.GOMAXPROCS(0)-1), maxWorkers)))
	for i, s := range sockets {
		e.asides[i].reader = newReader(len(e.workers))
		e.goroutines.Go(func() { e.read(s, i, e.workers[0]) })
		for j, sibling := range e.siblings[i] {
			e.goroutines.Go(func() { e.read(sibling, i, e.workers[j+1]) })
		}
	}
	for range len(e.workers) - 1 {
		e.goroutines.Go(e.help)
	}
	e.goroutines.Go(e.beat)
	return e, nil
}

// employ makes so many workers, each with sockets of its own; only one where the
// system does not deal the senders out among sockets.
func (e *Engine) employ(workers int) {
	e.siblings = make([][]socket.Socket, len(e.sockets))
	dealt := false
	for i, s := range e.sockets {
		e.siblings[i] = s.Siblings(workers - 1)
		dealt = dealt || e.siblings[i] != nil
	}
	if !dealt {
		workers = 1
	}
	if workers > 1 {
		e.crew = make(chan *worker)
	}
	for j := range workers {
		lanes := make([]*lane, workers)
		for k := range lanes {
			lanes[k] = newLane(k, e.socketsOf((j+k)%workers))
		}
		e.workers = append(e.workers, newWorker(j, lanes, e.crew))
	}
	e.pulse = newPulse(workers)
	e.placement = newPlacement(workers)
}

// Port returns the UDP port that media uses.
func (e *Engine) Port() uint16 { return e.sockets[0].LocalAddr().Port() }

// Addresses returns the addresses that media uses.
func (e *Engine) Addresses() []netip.AddrPort {
	var addrs []netip.AddrPort
	for _, s := range e.sockets {
		addrs = append(addrs, s.LocalAddr())
	}
	return addrs
}

// Close ends every connection and closes the sockets; it waits for the
// engine's goroutines.
func (e *Engine) Close() error {
	e.mu.Lock()
	if e.closed {
		e.mu.Unlock()
		return nil
	}
	e.closed = true
	conns := make([]closer, 0, len(e.conns))
	for c := range e.conns {
		conns = append(conns, c)
	}
	e.mu.Unlock()
	for _, c := range conns {
		c.Close()
	}
	close(e.done)
	err := closeAll(slices.Concat(e.siblings...), e.sockets)
	e.goroutines.Wait()
	return err
}

// now returns the time since the start of the engine, on the monotonic clock.
func (e *Engine) now() time.Duration { return time.Since(e.start) }

// socketsOf are those at which one reader of each address reads.
func (e *Engine) socketsOf(reader int) []socket.Socket {
	sockets := slices.Clone(e.sockets)
	for i, siblings := range e.siblings {
		if reader > 0 && siblings != nil {
			sockets[i] = siblings[reader-1]
		}
	}
	return sockets
}

// add registers a connection that Close must end, and gives it the worker of
// its group.
func (e *Engine) add(c closer, t *transport, group string) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.closed {
		return ErrClosed
	}
	t.worker = e.workers[e.placement.enter(group)]
	t.lane = t.worker.lanes[0]
	e.conns[c] = group
	return nil
}

func (e *Engine) remove(c closer) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if group, ok := e.conns[c]; ok {
		delete(e.conns, c)
		e.placement.leave(group)
	}
}

// over tells whether the engine is closed.
func (e *Engine) over() bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.closed
}

// negotiate runs f, which parses or makes SDP, when there is room for it.
func (e *Engine) negotiate(f func() error) error {
	e.negotiating <- struct{}{}
	defer func() { <-e.negotiating }()
	return f()
}

func closeAll(lists ...[]socket.Socket) error {
	var errs []error
	for _, s := range slices.Concat(lists...) {
		errs = append(errs, s.Close())
	}
	return errors.Join(errs...)
}
