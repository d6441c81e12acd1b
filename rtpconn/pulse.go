package rtpconn

import (
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

const (
	// tickInterval is the longest time between two ticks while packets wait for
	// their turn, slowTick otherwise; earlyTick is how soon after one the next may
	// come. Where media flow, whoever has just forwarded some ticks: to be woken
	// for it costs more than a tick. Then the ticker only sees to it, each
	// watchInterval, that media still do.
	tickInterval  = 10 * time.Millisecond
	slowTick      = 2 * tickInterval
	watchInterval = 3 * slowTick
	earlyTick     = 7 * time.Millisecond
	// expireInterval is how often claims of silent addresses are looked through.
	expireInterval = 5 * time.Second
)

// pulse is when ticks are due. Its methods may be called from any goroutine.
type pulse struct {
	// ticker is never set anew for each tick: that would have the runtime wake a
	// thread to watch it.
	ticker *time.Ticker
	// last are when the last tick of each worker was, and expired is when claims
	// were last looked through, in nanoseconds since the start of the engine.
	last    []atomic.Int64
	expired atomic.Int64
	// mu guards what follows, and the ticker's being set to interval. waiting tells
	// where packets wait for their turn.
	mu       sync.Mutex
	interval time.Duration
	waiting  []bool
}

func newPulse(workers int) *pulse {
	return &pulse{
		ticker: time.NewTicker(slowTick), interval: slowTick,
		last: make([]atomic.Int64, workers), waiting: make([]bool, workers),
	}
}

// take tells whether a tick of a worker may come now; whoever is told so has to
// see to it.
func (p *pulse) take(worker int, now time.Duration) bool {
	return take(&p.last[worker], now, earlyTick)
}

// flowing tells whether somebody has just ticked for a worker.
func (p *pulse) flowing(worker int, now time.Duration) bool {
	return now-time.Duration(p.last[worker].Load()) < slowTick
}

// takeExpiry tells the same of claims.
func (p *pulse) takeExpiry(now time.Duration) bool { return take(&p.expired, now, expireInterval) }

func take(last *atomic.Int64, now, interval time.Duration) bool {
	before := last.Load()
	return now-time.Duration(before) >= interval && last.CompareAndSwap(before, int64(now))
}

// quicken says whether packets of a worker wait for their turn.
func (p *pulse) quicken(worker int, waiting bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.waiting[worker] = waiting
	switch {
	case slices.Contains(p.waiting, true):
		p.set(tickInterval)
	case p.interval == tickInterval:
		p.set(slowTick)
	}
}

// beaten says that the ticker has come: it may take its time as long as media
// flow at every worker that has connections, so others tick.
func (p *pulse) beaten(flowing bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case p.interval == tickInterval:
	case flowing:
		p.set(watchInterval)
	default:
		p.set(slowTick)
	}
}

// set sets the ticker; mu is held.
func (p *pulse) set(interval time.Duration) {
	if p.interval != interval {
		p.interval = interval
		p.ticker.Reset(interval)
	}
}

// tick does what happens by the clock at a worker if it is time for it; to be
// called by whoever is awake.
func (e *Engine) tick(w *worker, now time.Duration) {
	if !e.pulse.take(w.index, now) {
		return
	}
	e.pulse.quicken(w.index, w.tick(now))
	if e.pulse.takeExpiry(now) {
		e.mux.Expire()
	}
}

// beat ticks where no burst does.
func (e *Engine) beat() {
	defer e.pulse.ticker.Stop()
	for {
		select {
		case <-e.done:
			return
		case <-e.pulse.ticker.C:
		}
		now := e.now()
		busy, flowing := false, true
		for i, w := range e.workers {
			if w.busy() {
				busy = true
				flowing = flowing && e.pulse.flowing(i, now)
			}
		}
		e.pulse.beaten(flowing)
		if busy {
			for i := range e.sockets {
				e.readAside(i, now)
			}
		}
		for _, w := range e.workers {
			e.tick(w, now)
		}
	}
}
