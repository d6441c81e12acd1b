package rtpconn

import (
	"errors"
	"net"
	"time"

	"galene/rtpconn/mux"
	"galene/rtpconn/socket"
)

// placed is a connection: it has a worker.
type placed interface{ place() *worker }

func (t *transport) place() *worker { return t.worker }

// reader is one goroutine's memory for what arrives at a socket.
type reader struct {
	burst *socket.Burst
	media []mux.Media
	// shares are what each worker gets of a burst, where there are several.
	shares [][]mux.Media
}

func newReader(workers int) reader {
	return reader{burst: socket.NewBurst(), shares: make([][]mux.Media, workers)}
}

// read is the only goroutine that reads a socket of the given address: what
// arrives is routed, decrypted, forwarded and sent from here. It ticks for one
// of the workers.
func (e *Engine) read(s socket.Socket, address int, w *worker) {
	r := newReader(len(e.workers))
	for {
		if err := s.Read(r.burst); err != nil {
			if !errors.Is(err, net.ErrClosed) {
				e.log.Error("media socket failed", "address", s.LocalAddr(), "error", err)
			}
			return
		}
		now := e.now()
		if e.route(&r, address, now) {
			e.readAside(address, now)
		}
		e.tick(w, now)
	}
}

// route takes a burst to whom it is for. It tells whether it had media.
func (e *Engine) route(r *reader, address int, now time.Duration) bool {
	r.media = e.mux.Route(address, r.burst, now, r.media[:0])
	switch {
	case len(r.media) == 0:
		return false
	case len(e.workers) == 1:
		e.workers[0].enter(r.media, now)
	default:
		e.share(r, now)
	}
	clear(r.media) // so that no connection is kept by what it sent last
	return true
}

// share gives each worker what is for its groups: first those that nobody else
// is in, so that one of them is not kept waiting for another.
func (e *Engine) share(r *reader, now time.Duration) {
	for _, m := range r.media {
		i := m.To.(placed).place().index
		r.shares[i] = append(r.shares[i], m)
	}
	for i, share := range r.shares {
		if len(share) > 0 && e.workers[i].tryEnter(share, now) {
			r.shares[i] = emptied(share)
		}
	}
	for i, share := range r.shares {
		if len(share) > 0 {
			e.workers[i].enter(share, now)
			r.shares[i] = emptied(share)
		}
	}
}

// emptied returns the memory of a share, to be used again.
func emptied(share []mux.Media) []mux.Media {
	clear(share)
	return share[:0]
}
