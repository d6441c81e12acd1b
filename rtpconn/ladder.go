package rtpconn

import (
	"time"

	"galene/group/media"
	"galene/rtpconn/forward"
)

const (
	// ladderInterval is how often the rungs of a track are measured.
	ladderInterval = 500 * time.Millisecond
	// maxLadderSID and maxLadderTID bound the layers that are told apart.
	maxLadderSID, maxLadderTID = 3, 4
	// ladderSmoothing is the weight of the last measurement.
	ladderSmoothing = 0.5
	// remembered is what is kept of what an encoding took at most, each time that the
	// rungs are measured: half after 17 s. While it is the only one, and asked for less,
	// all of it is.
	remembered = 0.98
	// starvedFrames is the part of the frames of the next lower encoding that one
	// has at least that gets what it needs.
	starvedFrames = 0.6
	// leastHalfRate is how many frames a second half of them have to be for that
	// to be a picture that moves, and leastQuarterRate the same of a quarter, which
	// is for pictures so many that nobody looks at one of them.
	leastHalfRate    = 11
	leastQuarterRate = 5
)

// rung is one way of forwarding a picture, and what it takes.
type rung struct {
	target forward.Target
	rate   float64 // bit/s
	// sid and tid are the layers as numbers, also where target means these and all
	// that may come above them.
	sid, tid uint8
}

// layerMeter measures the layers of one encoding. The worker's lock guards it.
type layerMeter struct {
	bytes [maxLadderSID][maxLadderTID]uint64
	rates [maxLadderSID][maxLadderTID]float64 // bit/s
	// pictures counts those of the interval by temporal layer, frameRate is how many
	// there are a second, and lowerRates how many without the highest temporal layer,
	// and without the highest two.
	pictures   [maxLadderTID]int
	frameRate  float64
	lowerRates [2]float64
	// peak is what all layers together took at most when they last came, least what
	// the fewest take, at most lately, that anybody gets of them; in bit/s.
	peak, least float64
	// top is the highest layers of the last interval; active tells whether
	// anything came.
	top    forward.Layers
	active bool
}

// add counts a packet of so many bytes.
func (m *layerMeter) add(f *media.FrameInfo, bytes int) {
	m.bytes[min(f.SID, maxLadderSID-1)][min(f.TID, maxLadderTID-1)] += uint64(bytes)
	// Where frames begin, not every codec tells; where they end, all do.
	if f.End && f.SID == 0 {
		m.pictures[min(f.TID, maxLadderTID-1)]++
	}
}

// sample ends an interval.
func (m *layerMeter) sample(elapsed time.Duration) {
	m.top, m.active = forward.Layers{}, false
	for sid := range m.bytes {
		for tid := range m.bytes[sid] {
			rate := 8 * float64(m.bytes[sid][tid]) / elapsed.Seconds()
			if m.rates[sid][tid] > 0 && rate > 0 {
				rate = ladderSmoothing*rate + (1-ladderSmoothing)*m.rates[sid][tid]
			}
			m.rates[sid][tid] = rate
			if m.bytes[sid][tid] > 0 {
				m.active = true
				m.top.SID, m.top.TID = max(m.top.SID, uint8(sid)), max(m.top.TID, uint8(tid))
			}
			m.bytes[sid][tid] = 0
		}
	}
	smooth := func(rate *float64, pictures []int) {
		count := 0
		for _, n := range pictures {
			count += n
		}
		*rate += ladderSmoothing * (float64(count)/elapsed.Seconds() - *rate)
	}
	smooth(&m.frameRate, m.pictures[:])
	for i := range m.lowerRates {
		smooth(&m.lowerRates[i], m.pictures[:max(0, int(m.top.TID)-i)])
	}
	clear(m.pictures[:])
}

// thinned is the highest temporal layer to forward for that part of the frames,
// or a larger one where too few would be left.
func (m *layerMeter) thinned(rate media.FrameRate) uint8 {
	switch {
	case rate >= media.QuarterRate && m.top.TID >= 2 && m.lowerRates[1] >= leastQuarterRate:
		return m.top.TID - 2
	case rate >= media.HalfRate && m.top.TID >= 1 && m.lowerRates[0] >= leastHalfRate:
		return m.top.TID - 1
	}
	return forward.TopLayer
}

// rate is what the layers up to these take.
func (m *layerMeter) rate(l forward.Layers) float64 {
	sum := 0.0
	for sid := range min(int(l.SID)+1, maxLadderSID) {
		for tid := range min(int(l.TID)+1, maxLadderTID) {
			sum += m.rates[sid][tid]
		}
	}
	return sum
}

// measure brings the rungs of the track up to date when that is due.
func (t *UpTrack) measure(now time.Duration) {
	elapsed := now - t.measured
	if t.kind != media.Video || elapsed < ladderInterval {
		return
	}
	t.measured = now
	for _, e := range t.encodings {
		e.layers.sample(elapsed)
	}
	t.buildLadder(now)
}

// buildLadder makes the rungs of what was measured last.
func (t *UpTrack) buildLadder(now time.Duration) {
	t.ladder = t.ladder[:0]
	frameRate := 0.0
	for i := len(t.encodings) - 1; i >= 0; i-- {
		e := t.encodings[i]
		e.layers.least *= remembered
		// A publisher with too little for its best encoding leaves out frames of
		// that: the one below is better then.
		if e.known && e.layers.active && now >= e.starvedUntil && e.layers.frameRate >= starvedFrames*frameRate {
			frameRate = e.layers.frameRate
			t.climb(i, &e.layers)
		}
	}
}

// climb adds the rungs of one encoding, each better than those before. Above the
// lowest picture, fewer frames are worth less than a smaller picture, so only
// the two best rates of frames count there.
func (t *UpTrack) climb(encoding int, m *layerMeter) {
	lowest := len(t.ladder)
	for sid := range m.top.SID + 1 {
		first := uint8(0)
		if len(t.ladder) > 0 && m.top.TID > 0 {
			first = m.top.TID - 1
		}
		for tid := first; tid <= m.top.TID; tid++ {
			l := forward.Layers{SID: sid, TID: tid}
			r := rung{forward.Target{Encoding: encoding, Layers: l}, m.rate(l), sid, tid}
			// Layers that come later are of the top as well.
			if tid == m.top.TID {
				r.target.TID = forward.TopLayer
			}
			if sid == m.top.SID {
				r.target.SID = forward.TopLayer
			}
			if n := len(t.ladder); n > 0 && r.rate < t.ladder[n-1].rate {
				r.rate = t.ladder[n-1].rate
			}
			t.ladder = append(t.ladder, r)
		}
	}
	kept := remembered
	if len(t.encodings) == 1 && t.flow.asked > 0 && t.flow.asked < m.peak {
		kept = 1
	}
	m.peak = max(kept*m.peak, m.rate(m.top))
	m.least = max(m.least, t.ladder[lowest].rate)
}

// allows tells whether a rung is no better than what the subscriber asked for.
func allows(ceiling forward.Target, r rung) bool {
	return r.target.Encoding >= ceiling.Encoding && r.sid <= ceiling.SID && r.tid <= ceiling.TID
}
