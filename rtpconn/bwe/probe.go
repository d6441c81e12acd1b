package bwe

import (
	"time"

	"galene/rtpconn/transportcc"
)

const (
	// probeTime is how long a probe lasts.
	probeTime = 20 * time.Millisecond
	// minProbePackets is how many packets of a probe must have got through,
	// minProbeBytes the least that those take: more would stand in the way of
	// sound on a thin line.
	minProbePackets, minProbeBytes = 5, 1500
	// probeStep is how much more than is known a probe tries.
	probeStep = 2.0
	// firstProbe and later ones come so long after the last one; after one that
	// found nothing it takes twice as long, up to the last.
	probeInterval, maxProbeInterval = 2 * time.Second, 4 * time.Second
	// probeEcho is how long a probe is felt.
	probeEcho = 500 * time.Millisecond
	// probePatience is how long the results of a probe are waited for at least, and
	// maxProbePatience how long while nothing is told of it, nor of what was sent after
	// it: a client that has much to do tells late.
	probePatience, maxProbePatience = time.Second, 4 * time.Second
	// probeTrust is what is taken of a rate that a probe found.
	probeTrust = 0.9
)

// Probe is a burst that is to be sent, of padding if there is nothing else.
type Probe struct {
	// ID marks its packets; it is not 0.
	ID uint8
	// Bytes is how much to send, over Duration, in so many Packets at least.
	Bytes, Packets int
	Duration       time.Duration
}

// prober decides when to probe and judges what came of it.
type prober struct {
	id       uint8
	sentAt   time.Duration
	pending  bool
	before   float64
	target   float64
	interval time.Duration
	nextAt   time.Duration
	// told is set once something is told of the probe, or of what was sent after it.
	told bool

	// bytes is how much was to be sent, best what has arrived of it in the connection
	// that tells the most.
	bytes int
	best  cluster
}

// cluster is what has arrived of a probe in one connection.
type cluster struct {
	id      uint8
	packets int
	// The first and the last packet: when they left and arrived, and their offsets.
	firstSent, lastSent       time.Duration
	firstArrived, lastArrived time.Duration
	first, last               uint32
	firstSize, lastSize       uint32
	received, lost            int
}

// add takes a packet that arrived.
func (c *cluster) add(r *transportcc.Result) {
	if c.packets == 0 {
		c.firstSent, c.firstArrived, c.first, c.firstSize = r.Sent, r.Arrival, r.Offset, uint32(r.Size)
		c.lastSent, c.lastArrived, c.last, c.lastSize = c.firstSent, c.firstArrived, c.first, c.firstSize
	}
	c.packets++
	c.received += r.Size
	c.lastArrived = max(c.lastArrived, r.Arrival)
	if int32(r.Offset-c.last) > 0 {
		c.lastSent, c.last, c.lastSize = r.Sent, r.Offset, uint32(r.Size)
	}
}

// covers is how many bytes were sent from the first packet to the last one.
func (c *cluster) covers() int { return int(c.last + c.lastSize - c.first) }

// through is the part that arrived of what was sent in the connection, 0 to 1.
func (c *cluster) through() float64 { return float64(c.received) / float64(c.received+c.lost) }

// enough tells whether it says what the line takes, where so many bytes were sent.
func (c *cluster) enough(bytes int) bool {
	return c.packets >= minProbePackets || c.packets >= minProbePackets/2 && 2*c.covers() >= bytes
}

// next returns a probe if it is time for one.
func (p *prober) next(rate, wanted float64, now time.Duration) (Probe, bool) {
	if age := now - p.sentAt; p.pending && age > probePatience && (p.told || age > maxProbePatience) {
		p.failed(now)
	}
	if p.pending || now < p.nextAt || wanted <= rate {
		return Probe{}, false
	}
	if p.id++; p.id == 0 {
		p.id = 1
	}
	target := min(probeStep*rate, 1.1*wanted)
	p.best, p.told = cluster{}, false
	p.pending, p.sentAt, p.before, p.target = true, now, rate, target
	p.bytes = max(int(target*probeTime.Seconds()/8), minProbeBytes)
	return Probe{
		ID: p.id, Bytes: p.bytes, Packets: minProbePackets,
		Duration: time.Duration(float64(8*p.bytes) / target * float64(time.Second)),
	}, true
}

// cancel takes the last probe back.
func (p *prober) cancel() { p.pending, p.sentAt = false, -probeEcho }

// failed notes that a probe has found nothing.
func (p *prober) failed(now time.Duration) {
	p.pending = false
	p.interval = min(max(2*p.interval, probeInterval), maxProbeInterval)
	p.nextAt = now + p.interval
}

// barren tells whether the probe before the one that is judged next has found nothing.
func (p *prober) barren() bool { return p.interval > 0 }

// recent tells whether the packets of a probe may still be on the way.
func (p *prober) recent(now time.Duration) bool { return p.id != 0 && now-p.sentAt < probeEcho }

// overuse notes that queues grow: this is no time to probe.
func (p *prober) overuse(now time.Duration) {
	p.nextAt = max(p.nextAt, now+probeInterval)
}

// collect looks for packets of the probe among those of a connection that are told of.
func (p *prober) collect(c *cluster, results []transportcc.Result) {
	if !p.pending {
		return
	}
	for i := range results {
		r := &results[i]
		p.told = p.told || r.Sent >= p.sentAt
		if r.Probe != p.id {
			continue
		}
		if c.id != p.id || c.firstSent < p.sentAt {
			*c = cluster{id: p.id}
		}
		if r.Received {
			c.add(r)
		} else {
			c.lost += r.Size
		}
	}
	if c.id == p.id && c.packets > 0 && c.covers() > p.best.covers() {
		p.best = *c
	}
}

// result returns the rate that the packets of the probe got through with, once
// that can be told.
func (p *prober) result(now time.Duration) (rate float64, ok bool) {
	c := &p.best
	if !p.pending || !c.enough(p.bytes) || now-p.sentAt < 2*probeTime {
		return 0, false
	}
	sent, arrived := c.lastSent-c.firstSent, c.lastArrived-c.firstArrived
	// A probe that is sent all at once, or arrives so, tells no more than that
	// it was not too much.
	out, in := p.target, p.target
	if sent > 0 {
		out = min(out, float64(8*(c.last-c.first))*c.through()/sent.Seconds())
	}
	if arrived > 0 {
		in = min(in, float64(8*(c.last+c.lastSize-c.first-c.firstSize))*c.through()/arrived.Seconds())
	}
	p.pending = false
	rate = min(out, in)
	if in < probeTrust*out {
		rate = probeTrust * in // the line is full
	}
	if rate <= p.before {
		p.failed(now)
		return 0, false
	}
	p.interval = 0
	p.nextAt = p.sentAt + probeEcho // there may be more still
	return rate, true
}
