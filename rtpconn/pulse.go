package rtpconn

import (
	"sync/atomic"
	"time"
)

// tickInterval is the longest time between two ticks; earlyTick is how soon
// after one the next may come, where a burst has woken somebody anyway. To be
// woken costs more than a tick.
const (
	tickInterval = 10 * time.Millisecond
	earlyTick    = 7 * time.Millisecond
)

// expireInterval is how often claims of silent addresses are looked through.
const expireInterval = 5 * time.Second

// pulse is when ticks are due. Its methods may be called from any goroutine.
type pulse struct {
	timer *time.Timer
	// last and expired are when the last tick was and when claims were last
	// looked through, in nanoseconds since the start of the engine.
	last, expired atomic.Int64
}

func newPulse() *pulse { return &pulse{timer: time.NewTimer(tickInterval)} }

// take tells whether a tick may come now; whoever is told so has to see to it.
func (p *pulse) take(now time.Duration) bool { return take(&p.last, now, earlyTick) }

// takeExpiry tells the same of claims.
func (p *pulse) takeExpiry(now time.Duration) bool { return take(&p.expired, now, expireInterval) }

func take(last *atomic.Int64, now, interval time.Duration) bool {
	before := last.Load()
	return now-time.Duration(before) >= interval && last.CompareAndSwap(before, int64(now))
}

// tick does what happens by the clock if it is time for it; to be called by
// whoever is awake.
func (e *Engine) tick(now time.Duration) {
	if !e.pulse.take(now) {
		return
	}
	e.pulse.timer.Reset(tickInterval)
	e.worker.tick(now)
	if e.pulse.takeExpiry(now) {
		e.mux.Expire()
	}
}

// beat ticks where no burst does.
func (e *Engine) beat() {
	defer e.pulse.timer.Stop()
	for {
		select {
		case <-e.done:
			return
		case <-e.pulse.timer.C:
		}
		now := e.now()
		if e.worker.busy() {
			for i := range e.sockets {
				e.readAside(i, now)
			}
		}
		e.tick(now)
		// Again, should somebody else have been quicker.
		e.pulse.timer.Reset(tickInterval)
	}
}
