//go:build linux

package main

import (
	"io"
	"math/rand/v2"
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
}

// pass returns when a packet of so many bytes arrives; ok is false if it never
// does.
func (s *shaper) pass(size int, now time.Time) (at time.Time, ok bool) {
	queue := s.Queue
	if queue == 0 {
		queue = defaultQueue
	}
	if s.Rate < 0 || s.free.Sub(now) > milliseconds(queue) {
		return time.Time{}, false
	}
	if s.free.Before(now) {
		s.free = now
	}
	if s.Rate > 0 {
		s.free = s.free.Add(time.Duration(float64(8*size) / s.Rate * float64(time.Second)))
	}
	if s.random.Float64() < s.Loss {
		return time.Time{}, false
	}
	return s.free.Add(milliseconds(s.Delay)), true
}

func milliseconds(ms float64) time.Duration { return time.Duration(ms * float64(time.Millisecond)) }

// pipe passes packets on at their time.
type pipe struct {
	out io.Writer
	// mu guards the shaper.
	mu     sync.Mutex
	shaper shaper
	queue  chan delayed
}

type delayed struct {
	packet []byte
	at     time.Time
}

// maxDelayed bounds what is on the way; more is lost.
const maxDelayed = 1 << 14

func newPipe(out io.Writer) *pipe {
	p := &pipe{
		out: out, queue: make(chan delayed, maxDelayed),
		// The same packets get lost in every run, as far as the two ends let them.
		shaper: shaper{random: rand.New(rand.NewPCG(1, 1))},
	}
	go p.deliver()
	return p
}

func (p *pipe) set(c conditions) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.shaper.conditions = c
	if c.Rate <= 0 {
		p.shaper.free = time.Time{}
	}
}

func (p *pipe) send(packet []byte) {
	p.mu.Lock()
	at, ok := p.shaper.pass(len(packet), time.Now())
	p.mu.Unlock()
	if !ok {
		return
	}
	select {
	case p.queue <- delayed{packet, at}:
	default:
	}
}

// deliver writes what is due; packets keep their order.
func (p *pipe) deliver() {
	for d := range p.queue {
		time.Sleep(time.Until(d.at))
		if _, err := p.out.Write(d.packet); err != nil {
			return
		}
	}
}
