package rtpconn

import (
	"slices"
	"time"

	"galene/rtpconn/allocate"
	"galene/rtpconn/bwe"
	"galene/rtpconn/mux"
	"galene/rtpconn/nack"
	"galene/rtpconn/transportcc"

	"github.com/pion/webrtc/v3"
)

const (
	// lineInterval is how often a line is looked at.
	lineInterval = 100 * time.Millisecond
	// lossInterval is over how long the losses of receiver reports are taken
	// together.
	lossInterval = time.Second
	// packetOverhead is what the network adds to a datagram, in bytes: headers
	// of IPv4 and UDP.
	packetOverhead = 28
)

// lineKey tells clients apart.
type lineKey struct{ group, client string }

// line is the access line of one client, which all its down connections share.
// The worker's lock guards it.
type line struct {
	key       lineKey
	lane      *lane
	downs     []*DownConn
	estimator *bwe.Estimator
	pacer     pacer
	// repairs is what all pictures may have sent again.
	repairs nack.Budget
	// roomy tells whether the line takes enough for sending sound more than once
	// to be of use.
	roomy bool
	// crowded tells whether more is sent than the estimate, for longer than a key
	// frame takes.
	crowded bool
	// congested tells whether packets wait on the way for too long.
	congested bool
	// average is what has been sent of late, in bit/s.
	average float64
	// pacing is set while the lane has the line among those where something
	// waits.
	pacing bool
	// probing is the probe that what is being sent belongs to, 0 if none.
	probing uint8
	// octets counts what has been sent, with what the network adds.
	octets  uint64
	sampled uint64
	// last is when the line was looked at.
	last time.Duration
	// slot is where the wheel has it.
	slot int
	// reported is the sum of the fractions lost that reports have told of, each
	// weighted by the packets that it is about, weight that of the weights, since
	// lossSince.
	reported, weight float64
	lossSince        time.Duration
	// wanted is what the line would have to take for all pictures to be at their
	// best, in bit/s.
	wanted float64
	// lowered is when one of the pictures last had to go down because of the line, raised
	// when one of those that were there last went up.
	lowered, raised time.Duration
	// unprobed counts the times in a row that a probe was due and nothing could be
	// sent for it.
	unprobed int
	// moved is when a packet that waited last had its turn, or the first one began to
	// wait.
	moved time.Duration
	// rows, streams, rates and choices are used again for each division.
	rows    []*DownTrack
	streams []allocate.Stream
	rates   []float64
	choices []allocate.Choice
}

// attach finds the line of a connection's client, or makes one.
func (w *worker) attach(d *DownConn) {
	key := lineKey{d.options.Group, d.options.SubscriberID}
	l := w.lines[key]
	if l == nil {
		l = &line{key: key, lane: w.emptiestLane(), estimator: bwe.NewEstimator(), last: w.now}
		l.lane.lines++
		if key.client != "" {
			w.lines[key] = l
		}
		w.wheel.add(l)
	}
	l.downs = append(l.downs, d)
	d.line, d.lane = l, l.lane
}

// detach takes a connection off its line.
func (w *worker) detach(d *DownConn) {
	l := d.line
	l.downs = slices.DeleteFunc(l.downs, func(o *DownConn) bool { return o == d })
	if len(l.downs) > 0 {
		return
	}
	l.pacer.clear()
	l.lane.lines--
	w.wheel.remove(l)
	if w.lines[l.key] == l {
		delete(w.lines, l.key)
	}
}

// tick measures what is being sent, brings the estimate up to date, and reports
// what is due.
func (l *line) tick(now time.Duration) {
	elapsed := (now - l.last).Seconds()
	if elapsed <= 0 {
		return
	}
	l.measure(elapsed, now)
	for _, d := range l.downs {
		d.tick(now)
	}
}

// measure brings the estimate up to date with what has been sent in so many
// seconds.
func (l *line) measure(elapsed float64, now time.Duration) {
	sent := float64(8*(l.octets-l.sampled)) / elapsed
	l.sampled, l.last = l.octets, now
	l.estimator.SetSent(sent)
	l.average += sentSmoothing * (sent - l.average)
	l.congested = l.estimator.Queue(now) > congestedQueue
	l.roomy = l.estimator.Rate(now) > min(wideRate, l.average+roomyRate) && !l.congested
	l.crowded = l.average > l.estimator.Rate(now)
	l.estimator.SetRTT(l.rtt())
	if l.weight > 0 && now-l.lossSince >= lossInterval {
		l.estimator.Report(l.reported/l.weight, now)
		l.reported, l.weight, l.lossSince = 0, 0, now
	}
	l.limit(now)
	l.protect(now)
	l.divide(now)
	if l.moves(now) && l.estimator.Rate(now) < hurriedRate {
		return
	}
	if p, ok := l.estimator.Probe(l.wanted, now); ok {
		l.probe(p)
	}
}

// protect has sound sent more than once where packets get lost.
func (l *line) protect(now time.Duration) {
	for _, d := range l.downs {
		for _, t := range d.rows {
			t.protect(l.estimator.Loss(), now)
		}
	}
}

// limit has pictures, and what is sent of them again, keep to the estimate.
func (l *line) limit(now time.Duration) {
	if !l.estimator.Followed() {
		l.pacer.rate = 0
		return
	}
	rate := l.estimator.Rate(now)
	factor, repairs := float64(pacingFactor), repairShare
	switch {
	case l.congested:
		// What waits on the way is to drain, so that sound gets through.
		factor = max(leastFactor, 1-(l.estimator.Queue(now)-congestedQueue).Seconds())
		repairs = crowdedRepairShare
	case l.crowded, l.careful(now):
		factor = crowdedFactor
	}
	l.pacer.limit(rate, factor)
	l.repairs.Limit(repairs * rate / 8)
}

// roomyRate is how much more than is sent a line takes that has room, in bit/s;
// one that takes more than wideRate has room in any case: for sound, pictures can
// do with less.
const roomyRate, wideRate = 150_000, 400_000

const (
	// repairShare is the part of the estimate that pictures may take for what is
	// sent again, crowdedRepairShare that while packets wait on the way.
	repairShare, crowdedRepairShare = 0.5, 0.15
	// congestedQueue is how long packets wait on the way where the line is full.
	congestedQueue = 100 * time.Millisecond
	// sentSmoothing is the weight of the last lineInterval in what is sent.
	sentSmoothing = 0.15
)

// hurriedRate is the least estimate, in bit/s, at which what waits is sent as a
// probe: on a thinner line a probe stands in the way of sound for too long.
const hurriedRate = 500_000

// stillTime is how long nothing may have had its turn for a line to be taken for one
// where what waits moves: sound may take all that a thin line is taken for.
const stillTime = time.Second

// moves tells whether something waits, and has its turn from time to time.
func (l *line) moves(now time.Duration) bool { return l.pacer.waits() && now-l.moved < stillTime }

// probe finds out whether the line takes more: what waits is sent without
// waiting, and if that is not enough padding, behind a frame of one of the
// pictures. Where none has just ended, the next one will do.
func (l *line) probe(p bwe.Probe) {
	sent, packets := l.hurry(p)
	for _, t := range l.rows {
		for (sent < p.Bytes || packets < p.Packets) && t.sendPadding(p.ID) {
			sent, packets = sent+paddingSize, packets+1
		}
		if packets > 0 {
			break
		}
	}
	if packets == 0 {
		l.unprobed++
		l.estimator.NotProbed()
		return
	}
	l.unprobed = 0
}

// maxUnprobed is how many times in a row a probe may be impossible, one in each
// lineInterval: where pictures are left out because of the estimate, and nothing
// but a picture can raise it, there would be no way out.
const maxUnprobed = 20

// hurry sends what waits as part of a probe, as far as the probe goes, and
// returns how much that was.
func (l *line) hurry(p bwe.Probe) (bytes, packets int) {
	before := l.octets
	l.probing = p.ID
	for int(l.octets-before) < p.Bytes && l.pacer.waits() {
		l.pacer.take().send()
		packets++
	}
	l.probing = 0
	return int(l.octets - before), packets
}

// rtt is the shortest round-trip time of the line's connections.
func (l *line) rtt() time.Duration {
	shortest := time.Duration(0)
	for _, d := range l.downs {
		if rtt := d.reportedRTT(); rtt > 0 && (shortest == 0 || rtt < shortest) {
			shortest = rtt
		}
	}
	if shortest == 0 {
		return defaultRTT
	}
	return shortest
}

// receiveFeedback takes what a client tells of the arrival of packets of one of
// its connections.
func (d *DownConn) receiveArrivals(packet []byte, now time.Duration) {
	if d.history == nil {
		return
	}
	w := d.worker
	results, err := d.history.Feedback(packet, w.results[:0])
	w.results = results[:0]
	if err != nil {
		return
	}
	if d.path != d.way {
		if d.way != (mux.Path{}) {
			d.gradient.Renew(now) // a longer way is no queue
		}
		d.way = d.path
	}
	d.line.estimator.Feedback(&d.gradient, results, now)
}

// receiveREMB takes a client's own estimate of what one of its connections may
// carry. What counts is the sum of those that are not of long ago, since they share the
// line.
func (d *DownConn) receiveREMB(bitrate float64, now time.Duration) {
	d.remb, d.rembAt = bitrate, now
	sum := 0.0
	for _, o := range d.line.downs {
		if now-o.rembAt <= bwe.Silence {
			sum += o.remb
		}
	}
	d.line.estimator.REMB(sum, now)
}

// lost takes a fraction of packets lost that a report tells of, of a track that
// packets have been sent in since the last one.
func (l *line) lost(fraction float64, packets uint64) {
	l.reported += fraction * float64(packets)
	l.weight += float64(packets)
}

// numbered is what a connection needs that numbers its packets across tracks.
type numbered struct {
	extensions downNumbers
	history    *transportcc.History
	// agreed is set once there is an agreement about the numbers of packets:
	// packets that are sent again must be as they were, so it stands.
	agreed bool
	// gradient is of way, the path that packets took when it was last told of
	// arrivals.
	gradient bwe.Gradient
	way      mux.Path
}

// downNumbers are the negotiated numbers of header extensions, 0 where there is
// none.
type downNumbers struct {
	// transportCC is that of transport-wide numbers; without it there is no
	// history.
	transportCC, dependency uint8
}

// number takes note of the header extensions that have been agreed on.
func (n *numbered) number(extensions []webrtc.RTPHeaderExtensionParameter) {
	for _, x := range extensions {
		switch {
		case x.ID <= 0 || x.ID >= 15:
		case x.URI == extensionTransportCC && !n.agreed:
			n.extensions.transportCC, n.history = uint8(x.ID), new(transportcc.History)
		case x.URI == extensionDependency:
			n.extensions.dependency = uint8(x.ID)
		}
	}
	n.agreed = true
}
