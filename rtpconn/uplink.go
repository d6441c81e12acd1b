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
	// A picture whose packets come that much late, and at no more than this part of
	// the rate that is usual, waits for a line that has become thin.
	longLag, thinFlow = 60 * time.Millisecond, 0.6
	// lineSpan is how long packets are looked at for what a line takes, or so many of
	// them: more would show it later, less not what is between the frames.
	lineSpan, linePackets = 80 * time.Millisecond, 16
	// inOneSilence is the part of a lag that may have come about in one silence: what
	// just stood still for a moment comes at once then, and is not late any more.
	inOneSilence = 0.5
	// fallback is how long a picture stays at its lowest encoding after that, or its
	// only one at what the uplink takes.
	fallback = 2 * time.Second
)

// flow measures what arrives of a picture.
type flow struct {
	packets, bytes int
	since          time.Duration
	// rate is that of the last interval, in packets a second.
	rate float64
	// usual is the rate of the last seconds, in bit/s.
	usual float64
	// asked is what its publisher is asked for, in bit/s, whatever its uplink takes;
	// 0 if nobody watches. Who has just been asked for much less sends less, and
	// what it had encoded before later than usual, whatever its uplink takes.
	asked float64
	// recent are the last packets, the latest of them at latest.
	recent [linePackets]arrived
	latest int
}

// arrived is when a packet came, and its size in bytes.
type arrived struct {
	at    time.Duration
	bytes int
}

// note counts a packet of so many bytes.
func (f *flow) note(bytes int, now time.Duration) {
	f.packets++
	f.bytes += bytes
	f.latest = (f.latest + 1) % linePackets
	f.recent[f.latest] = arrived{now, bytes}
}

// sample ends an interval if it is long enough.
func (f *flow) sample(now time.Duration) {
	if elapsed := now - f.since; elapsed >= flowInterval {
		f.rate = float64(f.packets) / elapsed.Seconds()
		f.usual += usualWeight * (float64(8*f.bytes)/elapsed.Seconds() - f.usual)
		f.packets, f.bytes, f.since = 0, 0, now
	}
}

// line is the rate in bit/s at which the last packets came, and the longest time
// between two of them.
func (f *flow) line() (rate float64, silence time.Duration) {
	p, span, bytes := f.recent[f.latest], time.Duration(0), 0
	for i := 1; i < linePackets && span < lineSpan; i++ {
		before := f.recent[(f.latest+linePackets-i)%linePackets]
		bytes += p.bytes
		span += p.at - before.at
		silence = max(silence, p.at-before.at)
		p = before
	}
	return float64(8*bytes) / max(span, time.Millisecond).Seconds(), silence
}

// queues tells whether what comes so late waits for a line that takes less than
// usual, instead of having stood still, and what that is in bit/s. Of whom little is asked
// of late that cannot be told.
func (f *flow) queues(late time.Duration) (rate float64, ok bool) {
	if late < longLag {
		return 0, false
	}
	if f.asked > 0 && f.asked < farBelow*f.usual {
		return 0, false
	}
	rate, silence := f.line()
	return rate, rate < thinFlow*f.usual && float64(silence) < inOneSilence*float64(late)
}

// repairTime is how long what has been asked for may take to come: a round trip, and what
// packets wait on their way here, those of sounds as well. Being late alone may be the
// publisher's clock.
func (u *UpConn) repairTime(now time.Duration) time.Duration {
	longest := time.Duration(0)
	for _, t := range u.sources {
		for _, e := range t.encodings {
			late := e.lag.now()
			if _, ok := t.flow.queues(late); ok && e.known && now-e.lag.heard < flowInterval {
				longest = max(longest, late)
			}
		}
	}
	return u.rtt() + longest
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
	if _, queues := t.flow.queues(late); !tooMany && !queues {
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
