package rtpconn

import "time"

const (
	// lagPeriod is how long the quickest packet counts at least: clocks drift.
	lagPeriod = 5 * time.Second
	// maxLag bounds what is believed, and what a jump of the timestamps may make
	// of it.
	maxLag = time.Second
)

// lag follows by how much the packets of an encoding come later than its quickest
// ones did: what they wait for on the publisher's side. The worker's lock guards
// it.
type lag struct {
	began     bool
	timestamp uint32
	// arrival is when the first packet of the last frame came, heard when any came.
	arrival, heard time.Duration
	// transit is that of the last frame, less that of the first one; whole is the
	// same of the last packet of it that has come.
	transit, whole time.Duration
	// least is the shortest transit of this period and of the one before, which
	// ended at turned.
	least, before time.Duration
	turned        time.Duration
}

// note takes note of a packet; what is of an earlier frame does not count.
func (l *lag) note(timestamp, clockRate uint32, now time.Duration) {
	if !l.began {
		l.begin(timestamp, now)
		return
	}
	l.heard = now
	step := int32(timestamp - l.timestamp)
	if step == 0 {
		l.whole = l.transit + now - l.arrival
	}
	if step <= 0 && step > -int32(clockRate) {
		return
	}
	sent := time.Duration(step) * time.Second / time.Duration(clockRate)
	l.transit += now - l.arrival - sent
	l.timestamp, l.arrival, l.whole = timestamp, now, l.transit
	if now-l.turned >= lagPeriod {
		l.turned, l.before, l.least = now, l.least, l.transit
	}
	l.least = min(l.least, l.transit)
	if l.now() > maxLag {
		l.begin(timestamp, now)
	}
}

// begin starts with the first packet of a frame.
func (l *lag) begin(timestamp uint32, now time.Duration) {
	*l = lag{began: true, timestamp: timestamp, arrival: now, heard: now, turned: now}
}

// now is how much later than the quickest the last frame began to come.
func (l *lag) now() time.Duration { return l.transit - min(l.least, l.before) }

// latest is how much later than that the last packet came. It grows while a frame
// comes, so that it tells of a thin line before the next frame does.
func (l *lag) latest() time.Duration { return l.whole - min(l.least, l.before) }

const (
	// hopeless is how long what is missing of a picture may take to come again,
	// at the rate at which packets arrive; beyond that its publisher's uplink has
	// become too thin for it.
	hopeless = 400 * time.Millisecond
	// hopelessPackets is how many packets have to be missing at least.
	hopelessPackets = 16
	// flowInterval is how long packets are counted for their rate.
	flowInterval = 100 * time.Millisecond
	// usualWeight is that of one interval in what is usual.
	usualWeight = 0.05
	// A picture whose packets come that much late, and fewer of them than this part
	// of what is usual, waits for a line that has become thin.
	longLag, thinFlow = 150 * time.Millisecond, 0.6
	// inOneSilence is the part of a lag that may have come about in one silence: what
	// just stood still for a moment comes at once then, and is not late any more.
	inOneSilence = 0.5
	// fallback is how long a picture stays at its lowest encoding after that.
	fallback = 2 * time.Second
)

// flow measures how many packets arrive of a picture.
type flow struct {
	packets int
	since   time.Duration
	// last is when the last one came. silence is the longest time without any in
	// this interval, formerly that in the one before.
	last, silence, formerly time.Duration
	// rate is that of the last interval, usual that of the last seconds; both are
	// in packets a second.
	rate, usual float64
}

// note counts a packet.
func (f *flow) note(now time.Duration) {
	f.packets++
	f.silence, f.last = max(f.silence, now-f.last), now
}

// sample ends an interval if it is long enough.
func (f *flow) sample(now time.Duration) {
	if elapsed := now - f.since; elapsed >= flowInterval {
		f.rate = float64(f.packets) / elapsed.Seconds()
		f.packets, f.since = 0, now
		f.silence, f.formerly = 0, f.silence
		f.usual += usualWeight * (f.rate - f.usual)
	}
}

// thin tells whether fewer packets arrive than is usual.
func (f *flow) thin() bool { return f.rate < thinFlow*f.usual }

// queues tells whether what comes so late waits for a line that takes less than
// usual, instead of having stood still.
func (f *flow) queues(late time.Duration) bool {
	return late >= longLag && f.thin() && float64(max(f.silence, f.formerly)) < inOneSilence*float64(late)
}

// queueing is how long the packets of an encoding wait on their way here: being late
// alone may be the publisher's clock.
func (e *encoding) queueing() time.Duration {
	if !e.track.flow.thin() {
		return 0
	}
	return e.lag.now()
}

// watched tells whether anybody gets an encoding, or is about to.
func (e *encoding) watched() bool {
	for _, d := range e.track.rows {
		if current, _, ok := d.forwarder.Current(); d.target.Encoding == e.index || ok && current == e.index {
			return true
		}
	}
	return false
}

// worthRepair tells whether losses of an encoding are to be asked for again: what
// nobody watches only takes from the rest.
func (e *encoding) worthRepair(now time.Duration) bool {
	return len(e.track.encodings) == 1 || now >= e.starvedUntil && e.watched()
}

// relieve goes to the lowest encoding at once when the publisher's uplink has
// become too thin for the others: what waits and what is missing of them would take
// what the lowest needs, so it is not asked for any more. The publisher hears that
// only the lowest is of use, which is sooner than it finds out what its uplink
// takes: until then it fills the queue, and sends again what gets lost there.
func (t *UpTrack) relieve(now time.Duration) {
	lowest := t.lowest()
	missing, late := 0, time.Duration(0)
	for _, e := range t.encodings[:max(0, lowest)] {
		if !e.known || now < e.starvedUntil {
			continue
		}
		if e.watched() {
			missing += e.losses.Missing()
		}
		if now-e.lag.heard < flowInterval {
			late = max(late, e.lag.latest())
		}
	}
	tooMany := missing >= hopelessPackets && float64(missing) > hopeless.Seconds()*t.flow.rate
	if !tooMany && !t.flow.queues(late) {
		return
	}
	for i, e := range t.encodings {
		if i < lowest {
			e.starvedUntil = now + fallback
		}
		if e.known {
			e.losses.Forget()
		}
	}
	t.buildLadder(now)
	for _, d := range t.rows {
		d.conn.line.divide(now)
	}
	t.conn.nextLimit = now
}

// lossRate is the fraction of the picture's packets that were missing at the last
// report, in the mean over its encodings.
func (t *UpTrack) lossRate() float64 {
	sum, known := 0.0, 0
	for _, e := range t.encodings {
		if e.known {
			sum += e.loss
			known++
		}
	}
	return sum / float64(max(1, known))
}

// lowest is the index of the lowest encoding that is being sent, -1 if there is
// none.
func (t *UpTrack) lowest() int {
	for i := len(t.encodings) - 1; i >= 0; i-- {
		if e := t.encodings[i]; e.known && e.layers.active {
			return i
		}
	}
	return -1
}
