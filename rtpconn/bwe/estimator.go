package bwe

import (
	"time"

	"galene/rtpconn/transportcc"
)

const (
	// StartRate is what a client is taken for whose packets are followed, until
	// something is known, in bit/s.
	StartRate = 1_000_000
	// heavyLosses is the fraction of packets lost that counts as congestion
	// even where queues do not grow: something throws away what is too much.
	heavyLosses = 0.3
	// lossWindow is how many packets a fraction of losses is taken over.
	lossWindow = 100
	// defaultRTT is assumed before the first measurement.
	defaultRTT = 100 * time.Millisecond
	// While packets wait longer than shortQueue, nothing is raised; longQueue is
	// too long whether it grows or not.
	shortQueue, longQueue = 60 * time.Millisecond, 150 * time.Millisecond
	// longerWay is how many probes in a row have to find, although packets wait,
	// roomy times what gets through: a line that is full has no such room, so they are on
	// a longer way than before, or wait for something else.
	longerWay, roomy = 2, 1.5
	// feedbackSilence is how long what a client has told of arrivals says something
	// of the queue.
	feedbackSilence = 2 * time.Second
)

// Estimator estimates the access line of one client.
type Estimator struct {
	aimd aimd
	// acked is what gets through, in bit/s; 0 while unknown.
	acked  float64
	losses losses
	// window is the current one of losses by feedback.
	window tally
	// followed is set once feedback about arrivals has come; heard is when.
	followed bool
	heard    time.Duration
	// remb is the client's own estimate, in bit/s, of the time rembAt.
	remb   float64
	rembAt time.Duration
	rtt    time.Duration
	// queue is how long packets waited on the way, of late.
	queue time.Duration
	lineState
	// sentRate is what is being sent, in bit/s.
	sentRate float64
	probes   prober
	// room counts the probes in a row that found far more than got through before,
	// which is through, although packets waited.
	room    int
	through float64
}

// lineState is what packets of all connections together tell of the line.
type lineState struct {
	waits queue
	busy  busy
	// loss is the fraction that got lost of the last window.
	loss float64
}

// NewEstimator returns the estimator of a client that nothing is known of.
func NewEstimator() *Estimator {
	return &Estimator{aimd: aimd{rate: StartRate}, rtt: defaultRTT}
}

// SetRTT says what the round-trip time is.
func (e *Estimator) SetRTT(rtt time.Duration) { e.rtt = rtt }

// SetSent says how many bits a second are being sent to the client.
func (e *Estimator) SetSent(rate float64) { e.sentRate = rate }

// Feedback takes what became of packets of the connection that g watches, in
// the order of their numbers.
func (e *Estimator) Feedback(g *Gradient, results []transportcc.Result, now time.Duration) {
	if len(results) == 0 {
		return
	}
	if !e.followed {
		e.followed, e.aimd.last = true, now
	}
	e.heard = now
	e.acknowledge(&g.acked, results)
	e.probes.collect(&g.cluster, results)
	e.judgeProbe(now)
	usage := g.add(results, &e.lineState, now)
	e.queue = e.waits.wait()
	if e.room >= longerWay && e.queue > shortQueue {
		// It is not for us that packets take longer.
		e.room, e.queue, e.waits, usage = 0, 0, queue{}, Normal
		g.Renew(now)
	}
	usage = e.judge(usage, e.queue, now)
	through, full := e.passing(now), false
	if rate := e.busy.known(freshAge, now); rate > 0 && e.queue > longQueue && !e.probes.recent(now) {
		// What got through a while ago says nothing any more.
		through, full = rate, true
	}
	e.aimd.update(usage, flow{through, full, e.limited()}, e.rtt, now)
	e.countLosses(g, results, now)
	e.aimd.rate = min(max(e.aimd.rate, minRate), maxRate)
}

// passing is what gets through, or did while the line was busy, in bit/s; 0 if nothing is
// known.
func (e *Estimator) passing(now time.Duration) float64 {
	return max(e.acked, e.busy.known(busyAge, now))
}

// acknowledge measures what gets through.
func (e *Estimator) acknowledge(a *acknowledged, results []transportcc.Result) {
	for i := range results {
		window := measured
		if e.acked == 0 {
			window = measuredFirst
		}
		rate, ok := a.add(&results[i], window)
		switch {
		case ok && e.acked == 0:
			e.acked = rate
		case ok:
			e.acked += 0.5 * (rate - e.acked)
		}
	}
}

// judge corrects what the trend of the delay says by what it cannot know.
func (e *Estimator) judge(usage Usage, queue, now time.Duration) Usage {
	switch {
	case e.probes.recent(now) && usage == Overuse:
		// The queue is that of the probe, and passes with it.
		return Underuse
	case usage == Overuse:
		e.probes.overuse(now)
	case usage == Normal && queue > longQueue:
		// The queue is full, or a decrease was not enough: nothing grows, so
		// there is no trend.
		return Overuse
	case usage == Normal && queue > shortQueue:
		return Underuse
	}
	return usage
}

// limited tells whether less is sent than the line would take, so that what
// gets through says little about the line.
func (e *Estimator) limited() bool { return e.sentRate < 0.8*e.aimd.rate }

// judgeProbe raises the rate to what a probe has found, once that can be told.
func (e *Estimator) judgeProbe(now time.Duration) {
	barren := e.probes.barren()
	rate, ok := e.probes.result(now)
	if !ok {
		return
	}
	if barren {
		e.room = 0
	}
	if e.through > 0 && rate > roomy*e.through && e.queue > shortQueue {
		e.room++
	} else {
		e.room = 0
	}
	if rate > e.aimd.rate {
		e.aimd.rate = rate
		e.aimd.capacity = 0
	}
}

// tally counts packets that feedback has told of, and those of them that got lost.
type tally struct{ lost, counted int }

// countLosses makes heavy losses count. What was only overtaken is none, so what is
// told of a connection counts when its next feedback has told what came late.
func (e *Estimator) countLosses(g *Gradient, results []transportcc.Result, now time.Duration) {
	told := tally{}
	for i := range results {
		switch r := &results[i]; {
		case r.Late:
			g.told.lost = max(0, g.told.lost-1)
		case r.Received:
			told.counted++
		default:
			told.counted++
			told.lost++
		}
	}
	e.window.lost += g.told.lost
	e.window.counted += g.told.counted
	g.told = told
	if e.window.counted < lossWindow {
		return
	}
	e.loss = float64(e.window.lost) / float64(e.window.counted)
	e.window = tally{}
	if through := e.passing(now); e.loss > heavyLosses && through > 0 {
		e.aimd.rate = min(e.aimd.rate, through)
	}
}

// Loss is the fraction of the last hundred packets or so that got lost, 0 to 1,
// whether they were sent again or not; 0 for a client that does not tell.
func (e *Estimator) Loss() float64 { return e.loss }

// Report takes the fraction of packets lost, 0 to 1, of a receiver report.
func (e *Estimator) Report(lost float64, now time.Duration) {
	if !e.followed {
		e.losses.report(lost, e.sentRate, now)
	}
}

// REMB takes the client's own estimate (draft-alvestrand-rmcat-remb-03), in
// bit/s; 0 means nothing.
func (e *Estimator) REMB(rate float64, now time.Duration) {
	if rate > 0 {
		e.remb, e.rembAt = rate, now
	}
}

// Rate returns the estimate, in bit/s.
func (e *Estimator) Rate(now time.Duration) float64 {
	rate := e.aimd.rate
	hasREMB := e.remb > 0 && now-e.rembAt <= Silence
	if !e.followed {
		rate = e.losses.estimate(now)
	}
	if hasREMB {
		rate = min(rate, max(e.remb, minRate))
	}
	return rate
}

// Queue is how long packets wait on the way, as far as feedback has told.
func (e *Estimator) Queue(now time.Duration) time.Duration {
	if now-e.heard > feedbackSilence {
		return 0
	}
	return e.queue
}

// Followed tells whether the client tells of arrivals, so that there is
// something to probe.
func (e *Estimator) Followed() bool { return e.followed }

// NotProbed says that what the last Probe returned could not be sent.
func (e *Estimator) NotProbed() { e.probes.cancel() }

// Probe returns what should be sent to find out whether the line takes more;
// wanted is what there would be use for, in bit/s. ok is false if there is no
// use, or if it is too early to try again.
func (e *Estimator) Probe(wanted float64, now time.Duration) (p Probe, ok bool) {
	if !e.followed {
		return Probe{}, false
	}
	e.judgeProbe(now) // where little is sent, no other feedback may come for long
	known := e.aimd.rate
	if through := min(e.acked, e.sentRate); through > probeStep*known {
		known = through // sound does not keep to the estimate
	}
	if p, ok = e.probes.next(known, wanted, now); ok {
		e.through = e.acked
	}
	return p, ok
}
