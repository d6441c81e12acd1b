package bwe

import (
	"math"
	"time"

	"galene/rtpconn/transportcc"
)

// Usage says what queues on the way do.
type Usage uint8

// The usages.
const (
	Normal Usage = iota
	// Overuse: queues grow.
	Overuse
	// Underuse: queues shrink.
	Underuse
)

const (
	// groupSpan is how far apart, in time of sending, packets of one group are:
	// a pacer sends them together.
	groupSpan = 5 * time.Millisecond
	// trendWindow is how many groups a trend is fitted to.
	trendWindow = 20
	// smoothing is the weight of the past in the delay.
	smoothing = 0.9
	// gain and maxDeltas scale a trend to the unit of the threshold.
	gain      = 4.0
	maxDeltas = 60
	// overuseTime is how long a trend must last.
	overuseTime = 10 * time.Millisecond
	// The threshold, in ms, moves slowly up and quickly down to just above
	// what the trend is, so that a flow that competes is neither starved nor
	// given way to.
	firstThreshold, minThreshold, maxThreshold = 12.5, 6.0, 600.0
	thresholdUp, thresholdDown                 = 0.0087, 0.039
	maxExcess                                  = 15.0
	maxThresholdStep                           = 100 * time.Millisecond
	// resetGap is a pause after which what was before means nothing.
	resetGap = 3 * time.Second
)

// group is packets that were sent together.
type group struct {
	first, last time.Duration // of sending
	arrival     time.Duration // of the last to arrive
	valid       bool
}

// Gradient watches the delay on the way of one connection. The zero value is
// ready.
type Gradient struct {
	current, previous group

	// points are times of arrival and smoothed delays, in ms, oldest first.
	points          [trendWindow][2]float64
	count           int
	deltas          int
	delay, smoothed float64
	origin          time.Duration
	trend           float64
	threshold       float64
	thresholdAt     time.Duration
	overFor         time.Duration
	overCount       int
	usage           Usage
	// shortest are the shortest delays on the way, by two clocks that differ by
	// a constant, of this and the last baseTime.
	shortest [2]time.Duration
	since    time.Duration
	any      bool
	last     arrival
	acked    acknowledged
	cluster  cluster
	// after is the time of sending from which on packets count.
	after time.Duration
	// told are the packets that the last feedback told of.
	told tally
}

// Renew forgets what was before: the way has changed, and what was sent before now
// says nothing about it.
func (g *Gradient) Renew(now time.Duration) { *g = Gradient{after: now} }

// baseTime is how long the shortest delay is remembered at least: clocks drift,
// and routes change.
const baseTime = 20 * time.Second

// delayOf takes the delay of one packet, and returns how much longer it was than that of
// the fastest one, and when the packet would have arrived as fast as that.
func (g *Gradient) delayOf(r *transportcc.Result) (wait, soonest time.Duration) {
	delay := r.Arrival - r.Sent
	switch {
	case !g.any:
		g.any, g.shortest, g.since = true, [2]time.Duration{delay, delay}, r.Sent
	case r.Sent-g.since > baseTime:
		g.shortest, g.since = [2]time.Duration{delay, g.shortest[0]}, r.Sent
	}
	g.shortest[0] = min(g.shortest[0], delay)
	base := min(g.shortest[0], g.shortest[1])
	return delay - base, r.Sent + base
}

// add takes what became of some packets, in the order of their numbers, and returns
// what the queues do. What they tell of the line goes into l.
func (g *Gradient) add(results []transportcc.Result, l *lineState, now time.Duration) Usage {
	for i := range results {
		switch r := &results[i]; {
		case r.Sent < g.after:
		case !r.Received:
			g.last.lost += r.Size
		case r.Again:
			// How long it took says nothing.
		default:
			wait, soonest := g.delayOf(r)
			l.waits.add(wait)
			l.busy.add(r, &g.last, l.loss, soonest, now)
			g.packet(r)
		}
	}
	return g.usage
}

func (g *Gradient) packet(r *transportcc.Result) {
	switch {
	case !g.current.valid:
		g.current = group{r.Sent, r.Sent, r.Arrival, true}
		return
	case r.Sent < g.current.first:
		return // belongs to a group that is over
	case r.Sent-g.current.first > groupSpan && !g.bunched(r):
		g.finish()
		g.previous = g.current
		g.current = group{r.Sent, r.Sent, r.Arrival, true}
		return
	}
	g.current.last = max(g.current.last, r.Sent)
	g.current.arrival = max(g.current.arrival, r.Arrival)
}

// bunched tells whether a packet arrived together with the current group
// although it was sent later: something on the way had stopped for a moment.
func (g *Gradient) bunched(r *transportcc.Result) bool {
	between := r.Arrival - g.current.arrival
	return between <= groupSpan && between < r.Sent-g.current.last && r.Arrival-g.current.arrival < 100*time.Millisecond
}

// finish compares the group that is over with the one before.
func (g *Gradient) finish() {
	if !g.previous.valid {
		return
	}
	sent := g.current.last - g.previous.last
	arrived := g.current.arrival - g.previous.arrival
	if sent > resetGap || arrived > resetGap || arrived < -resetGap {
		*g = Gradient{
			current: g.current, threshold: g.threshold, thresholdAt: g.thresholdAt,
			shortest: g.shortest, since: g.since, any: g.any,
			last: g.last, acked: g.acked, cluster: g.cluster, after: g.after, told: g.told,
		}
		return
	}
	g.step(milliseconds(arrived-sent), sent, g.current.arrival)
}

// step takes the difference that one group made to the delay.
func (g *Gradient) step(delta float64, sent, arrival time.Duration) {
	if g.deltas == 0 {
		g.origin = arrival
	}
	g.deltas = min(g.deltas+1, maxDeltas)
	g.delay += delta
	g.smoothed = smoothing*g.smoothed + (1-smoothing)*g.delay
	if g.count == trendWindow {
		copy(g.points[:], g.points[1:])
		g.count--
	}
	g.points[g.count] = [2]float64{milliseconds(arrival - g.origin), g.smoothed}
	g.count++
	trend := g.trend
	if g.count == trendWindow {
		trend = slope(g.points[:])
	}
	g.detect(trend, sent, arrival)
}

// slope is that of the line through the points with the least squares.
func slope(points [][2]float64) float64 {
	var x, y float64
	for _, p := range points {
		x, y = x+p[0], y+p[1]
	}
	n := float64(len(points))
	x, y = x/n, y/n
	var above, below float64
	for _, p := range points {
		above += (p[0] - x) * (p[1] - y)
		below += (p[0] - x) * (p[0] - x)
	}
	if below == 0 {
		return 0
	}
	return above / below
}

// detect compares the trend with the threshold.
func (g *Gradient) detect(trend float64, sent, now time.Duration) {
	if g.threshold == 0 {
		g.threshold, g.thresholdAt = firstThreshold, now
	}
	if g.deltas < 2 {
		return
	}
	scaled := float64(g.deltas) * trend * gain
	switch {
	case scaled > g.threshold:
		if g.overCount == 0 {
			g.overFor = sent / 2
		} else {
			g.overFor += sent
		}
		g.overCount++
		if g.overFor > overuseTime && g.overCount > 1 && trend >= g.trend {
			g.overFor, g.overCount = 0, 0
			g.usage = Overuse
		}
	case scaled < -g.threshold:
		g.overFor, g.overCount = 0, 0
		g.usage = Underuse
	default:
		g.overFor, g.overCount = 0, 0
		g.usage = Normal
	}
	g.trend = trend
	g.adapt(math.Abs(scaled), now)
}

// adapt moves the threshold.
func (g *Gradient) adapt(scaled float64, now time.Duration) {
	elapsed := min(max(0, now-g.thresholdAt), maxThresholdStep)
	g.thresholdAt = now
	if scaled > g.threshold+maxExcess {
		return // a route that changed, not a queue
	}
	k := thresholdUp
	if scaled < g.threshold {
		k = thresholdDown
	}
	g.threshold += k * (scaled - g.threshold) * milliseconds(elapsed)
	g.threshold = min(max(g.threshold, minThreshold), maxThreshold)
}

func milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
