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

	// What has arrived of the current probe.
	packets                 int
	bytes                   int
	firstSent, lastSent     time.Duration
	firstArrived, lastArriv time.Duration
	firstBytes, lastBytes   int
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
	p.packets, p.bytes, p.told = 0, 0, false
	p.pending, p.sentAt, p.before, p.target = true, now, rate, target
	bytes := max(int(target*probeTime.Seconds()/8), minProbeBytes)
	return Probe{
		ID: p.id, Bytes: bytes, Packets: minProbePackets,
		Duration: time.Duration(float64(8*bytes) / target * float64(time.Second)),
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

// recent tells whether the packets of a probe may still be on the way.
func (p *prober) recent(now time.Duration) bool { return p.id != 0 && now-p.sentAt < probeEcho }

// overuse notes that queues grow: this is no time to probe.
func (p *prober) overuse(now time.Duration) {
	p.nextAt = max(p.nextAt, now+probeInterval)
}

// collect looks for packets of the probe among those that are told of.
func (p *prober) collect(results []transportcc.Result) {
	if !p.pending {
		return
	}
	for i := range results {
		r := &results[i]
		p.told = p.told || r.Sent >= p.sentAt
		if r.Probe != p.id || !r.Received {
			continue
		}
		if p.packets == 0 {
			p.firstSent, p.firstArrived, p.firstBytes = r.Sent, r.Arrival, r.Size
			p.lastSent, p.lastArriv = r.Sent, r.Arrival
		}
		p.packets++
		p.bytes += r.Size
		if r.Arrival >= p.lastArriv {
			p.lastArriv = r.Arrival
		}
		if r.Sent >= p.lastSent {
			p.lastSent, p.lastBytes = r.Sent, r.Size
		}
	}
}

// result returns the rate that the packets of the probe got through with, once
// that can be told.
func (p *prober) result(now time.Duration) (rate float64, ok bool) {
	if !p.pending || p.packets < minProbePackets || now-p.sentAt < 2*probeTime {
		return 0, false
	}
	sent, arrived := p.lastSent-p.firstSent, p.lastArriv-p.firstArrived
	// A probe that is sent all at once, or arrives so, tells no more than that
	// it was not too much.
	out, in := p.target, p.target
	if sent > 0 {
		out = min(out, float64(8*(p.bytes-p.lastBytes))/sent.Seconds())
	}
	if arrived > 0 {
		in = min(in, float64(8*(p.bytes-p.firstBytes))/arrived.Seconds())
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
	p.nextAt = now + probePatience
	return rate, true
}
