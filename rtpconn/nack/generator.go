package nack

import "time"

const (
	// window is how many packets back a loss is still asked for.
	window = 1024
	// maxStep is the largest step, in packets, that is taken for loss; beyond
	// it the publisher has begun to number anew.
	maxStep = window
	// After a silence that long, what more than so many packets were lost in is not asked
	// for: it was an outage, whoever plays them has gone on without, and to send them again
	// would only keep waiting what is new. Fewer packets cost little, and may be the
	// beginning of a picture that seldom changes.
	outage, outagePackets = 500 * time.Millisecond, 16
)

// Options tune a Generator. The zero value means the defaults.
type Options struct {
	// Patience is how long a missing packet may still be on its way, out of
	// order, before it counts as lost. Default 10 ms.
	Patience time.Duration
	// MinInterval is the least time between two requests for one packet; the
	// round-trip time, if longer, is what counts. Default 20 ms.
	MinInterval time.Duration
	// Deadline is the age at which a loss is given up: nobody waits that long.
	// Default 1 s.
	Deadline time.Duration
	// MaxAttempts bounds the requests for one packet. Default 10: with one
	// datagram in twenty lost each way, one packet in ten thousand million
	// stays lost.
	MaxAttempts int
}

func (o Options) withDefaults() Options {
	if o.Patience == 0 {
		o.Patience = 10 * time.Millisecond
	}
	if o.MinInterval == 0 {
		o.MinInterval = 20 * time.Millisecond
	}
	if o.Deadline == 0 {
		o.Deadline = time.Second
	}
	if o.MaxAttempts == 0 {
		o.MaxAttempts = 10
	}
	return o
}

// loss is a packet that is missing.
type loss struct {
	missing  bool
	attempts int
	since    time.Duration
	next     time.Duration
}

// Generator keeps the losses of one RTP stream and says when to ask for them.
type Generator struct {
	options Options
	started bool
	// highest is the latest number, which came at heard.
	highest uint16
	heard   time.Duration
	// losses are those of the last window sequence numbers, by number modulo
	// window; count of them are missing, none of them before oldest.
	losses [window]loss
	count  int
	oldest uint16
}

// NewGenerator makes a generator that has seen nothing.
func NewGenerator(o Options) *Generator {
	return &Generator{options: o.withDefaults()}
}

// Missing is the number of packets that are being asked for.
func (g *Generator) Missing() int { return g.count }

// Wants tells whether a packet is missing and has not been given up.
func (g *Generator) Wants(seq uint16) bool {
	l := g.slot(seq)
	return l.missing && int16(g.highest-seq) > 0 && int16(g.highest-seq) < window
}

// Received notes a packet, late ones and retransmissions included. It tells whether
// the packet ends an outage, of which nothing is asked for.
func (g *Generator) Received(seq uint16, now time.Duration) (outageOver bool) {
	if !g.started {
		g.started, g.highest, g.heard, g.oldest = true, seq, now, seq
		return false
	}
	step := int(int16(seq - g.highest))
	switch silent := now-g.heard > outage; {
	case step > maxStep || step < -maxStep:
		g.restart(seq)
		g.heard = now
		return silent
	case step > outagePackets && silent:
		g.restart(seq)
		g.heard = now
		return true
	case step > 0:
		for s := g.highest + 1; s != seq; s++ {
			g.lose(s, now)
		}
		g.found(seq) // clears the slot of a packet one window earlier
		g.highest, g.heard = seq, now
	case step > -window:
		g.found(seq)
	}
	return false
}

func (g *Generator) slot(seq uint16) *loss { return &g.losses[seq%window] }

func (g *Generator) lose(seq uint16, now time.Duration) {
	l := g.slot(seq)
	if !l.missing {
		g.count++
	}
	*l = loss{missing: true, since: now, next: now + g.options.Patience}
}

func (g *Generator) found(seq uint16) {
	if l := g.slot(seq); l.missing {
		l.missing = false
		g.count--
	}
}

func (g *Generator) restart(seq uint16) {
	g.losses = [window]loss{}
	g.count = 0
	g.highest, g.oldest = seq, seq
}

// Forget gives up everything that is missing.
func (g *Generator) Forget() { g.restart(g.highest) }

// first returns where to begin looking for losses.
func (g *Generator) first() uint16 {
	if g.highest-g.oldest >= window {
		g.oldest = g.highest - window + 1
	}
	return g.oldest
}

// Due appends to dst, up to its capacity, the sequence numbers to ask for now,
// in order, and counts them as asked for; fresh of them were not asked for
// before. rtt is the round-trip time to the publisher. Losses that are too old
// are given up.
func (g *Generator) Due(now, rtt time.Duration, dst []uint16) (due []uint16, fresh int) {
	if g.count == 0 {
		return dst, 0
	}
	interval := max(g.options.MinInterval, rtt+rtt/4)
	oldest, seen := g.highest, false
	for s := g.first(); s != g.highest && len(dst) < cap(dst); s++ {
		l := g.slot(s)
		if !l.missing {
			continue
		}
		if l.attempts >= g.options.MaxAttempts && now >= l.next || now-l.since > g.options.Deadline {
			g.found(s)
			continue
		}
		if !seen {
			oldest, seen = s, true
		}
		if now < l.next {
			continue
		}
		if l.attempts == 0 {
			fresh++
		}
		l.attempts++
		l.next = now + interval
		dst = append(dst, s)
	}
	if len(dst) < cap(dst) {
		g.oldest = oldest
	}
	return dst, fresh
}
