package rtpconn

import (
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
	// mu guards interval, that of the ticker, and the ticker's being set to it.
	mu       sync.Mutex
	interval time.Duration
	// last and expired are when the last tick was and when claims were last
	// looked through, in nanoseconds since the start of the engine.
	last, expired atomic.Int64
}

func newPulse() *pulse { return &pulse{ticker: time.NewTicker(slowTick), interval: slowTick} }

// take tells whether a tick may come now; whoever is told so has to see to it.
func (p *pulse) take(now time.Duration) bool { return take(&p.last, now, earlyTick) }

// takeExpiry tells the same of claims.
func (p *pulse) takeExpiry(now time.Duration) bool { return take(&p.expired, now, expireInterval) }

func take(last *atomic.Int64, now, interval time.Duration) bool {
	before := last.Load()
	return now-time.Duration(before) >= interval && last.CompareAndSwap(before, int64(now))
}

// quicken says whether packets wait for their turn.
func (p *pulse) quicken(waiting bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case waiting:
		p.set(tickInterval)
	case p.interval == tickInterval:
		p.set(slowTick)
	}
}

// beaten says that the ticker has come: it may take its time as long as others
// tick.
func (p *pulse) beaten(now time.Duration) {
	flowing := now-time.Duration(p.last.Load()) < slowTick
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

// tick does what happens by the clock if it is time for it; to be called by
// whoever is awake.
func (e *Engine) tick(now time.Duration) {
	if !e.pulse.take(now) {
		return
	}
	e.pulse.quicken(e.worker.tick(now))
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
		e.pulse.beaten(now)
		if e.worker.busy() {
			for i := range e.sockets {
				e.readAside(i, now)
			}
		}
		e.tick(now)
	}
}
