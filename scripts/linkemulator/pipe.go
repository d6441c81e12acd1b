//go:build linux

package main

import (
	"io"
	"math/rand/v2"
	"slices"
	"sync"
	"time"
)

// defaultQueue is how much waits for a thin line, in ms at its rate.
const defaultQueue = 400

// conditions are what one direction of the link is like.
type conditions struct {
	// Rate is in bit/s; 0 is without limit, a negative one an outage.
	Rate float64 `json:"rate"`
	// Delay is in ms.
	Delay float64 `json:"delay"`
	// Loss is the fraction of packets that get lost.
	Loss float64 `json:"loss"`
	// Queue is how long packets wait at the most, in ms; 0 is defaultQueue.
	Queue float64 `json:"queue"`
}

// shaper decides when packets arrive that pass one direction. It takes the time
// as an argument.
type shaper struct {
	conditions
	random *rand.Rand
	// free is when the line is free again.
	free time.Time
	// waiting are those that may not have passed the line yet, in order.
	waiting []*passage
}

// passage is a packet on its way.
type passage struct {
	packet []byte
	// passed is when it has passed the line, from where it takes delay.
	passed time.Time
	delay  time.Duration
	lost   bool
}

// pass sends a packet on its way; it is lost if it never arrives.
func (s *shaper) pass(packet []byte, now time.Time) *passage {
	queue := s.Queue
	if queue == 0 {
		queue = defaultQueue
	}
	if s.Rate < 0 || s.free.Sub(now) > milliseconds(queue) {
		return &passage{lost: true}
	}
	if s.free.Before(now) {
		s.free = now
	}
	if s.Rate > 0 {
		s.free = s.free.Add(time.Duration(float64(8*len(packet)) / s.Rate * float64(time.Second)))
	}
	p := &passage{packet: packet, passed: s.free, delay: milliseconds(s.Delay), lost: s.random.Float64() < s.Loss}
	s.waiting = append(slices.DeleteFunc(s.waiting, func(p *passage) bool { return !p.passed.After(now) }), p)
	return p
}

// change makes the line another: what waits for it passes at the new rate, and is
// lost in an outage.
func (s *shaper) change(c conditions, now time.Time) {
	slower := 0.0
	if c.Rate > 0 {
		slower = s.Rate / c.Rate
	}
	again := func(at time.Time) time.Time { return now.Add(time.Duration(slower * float64(at.Sub(now)))) }
	for _, p := range s.waiting {
		if p.passed.After(now) {
			p.passed, p.lost = again(p.passed), p.lost || c.Rate < 0
		}
	}
	if s.free.After(now) {
		s.free = again(s.free)
	}
	s.conditions = c
}

func milliseconds(ms float64) time.Duration { return time.Duration(ms * float64(time.Millisecond)) }

// pipe passes packets on at their time.
type pipe struct {
	out io.Writer
	// mu guards the shaper, and what it has on its way.
	mu     sync.Mutex
	shaper shaper
	queue  chan *passage
}

const (
	// maxDelayed bounds what is on the way; more is lost.
	maxDelayed = 1 << 14
	// look is how often it is looked whether a packet arrives sooner than it did.
	look = 5 * time.Millisecond
)

func newPipe(out io.Writer) *pipe {
	p := &pipe{
		out: out, queue: make(chan *passage, maxDelayed),
		// The same packets get lost in every run, as far as the two ends let them.
		shaper: shaper{random: rand.New(rand.NewPCG(1, 1))},
	}
	go p.deliver()
	return p
}

func (p *pipe) set(c conditions) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.shaper.change(c, time.Now())
}

func (p *pipe) send(packet []byte) {
	p.mu.Lock()
	passage := p.shaper.pass(packet, time.Now())
	lost := passage.lost
	p.mu.Unlock()
	if lost {
		return
	}
	select {
	case p.queue <- passage:
	default:
	}
}

// left is how long a packet still takes; it may have been lost on the way.
func (p *pipe) left(of *passage) (d time.Duration, lost bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return time.Until(of.passed.Add(of.delay)), of.lost
}

// deliver writes what is due; packets keep their order.
func (p *pipe) deliver() {
	for next := range p.queue {
		left, lost := p.left(next)
		for ; left > 0 && !lost; left, lost = p.left(next) {
			time.Sleep(min(left, look))
		}
		if lost {
			continue
		}
		if _, err := p.out.Write(next.packet); err != nil {
			return
		}
	}
}
