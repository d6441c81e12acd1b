package rtpconn

import (
	"cmp"
	"math/rand/v2"
	"sync/atomic"
	"testing"
	"time"

	"galene/group/leaktest"
	"galene/group/media"
)

// uplinkLine is what carries packets from a publisher to us.
type uplinkLine struct {
	// rate in bit/s, at a time.
	rate func(now time.Duration) float64
	// still is how long it stands still each time, which is every so often.
	still, every time.Duration
	// jitter is by how much a frame is kept back at most.
	jitter time.Duration
	free   time.Duration
}

// carry returns when a packet arrives.
func (l *uplinkLine) carry(bytes int, sent time.Duration) time.Duration {
	begins := max(sent, l.free)
	if l.still > 0 {
		begins += max(0, l.still-begins%l.every)
	}
	l.free = begins + time.Duration(float64(8*bytes)/l.rate(begins)*float64(time.Second))
	return l.free
}

// TestOnlyAThinUplinkIsToldOf sends a picture of some 650 kbit/s for ten seconds
// over lines that have something else, and another ten over one that is thin.
func TestOnlyAThinUplinkIsToldOf(t *testing.T) {
	leaktest.Check(t)
	const mbit = 1e6
	random := rand.New(rand.NewPCG(1, 2))
	constant := func(rate float64) func(time.Duration) float64 {
		return func(time.Duration) float64 { return rate }
	}
	changing := func(time.Duration) float64 { return (0.5 + 2*random.Float64()) * mbit }
	begins := func(rate float64) func(time.Duration) float64 {
		return func(now time.Duration) float64 {
			if now < 10*time.Second {
				return 50 * mbit
			}
			return rate
		}
	}
	tests := map[string]struct {
		line uplinkLine
		// keyframe is the size of a key frame in packets; there is one every 2 s.
		keyframe int
		// packets are those of a frame, 3 if that is nil; interval is from one to the
		// next, 0 for a 30th of a second.
		packets  func(now time.Duration) int
		interval time.Duration
		// asked is what the picture is asked for from the tenth second on, in bit/s.
		asked float64
		// within is how soon it is told of, 0 for never; least and most are what may
		// be told.
		within      time.Duration
		least, most float64
	}{
		"a free line":                         {line: uplinkLine{rate: constant(50 * mbit)}},
		"one that has just enough":            {line: uplinkLine{rate: constant(0.8 * mbit)}},
		"jitter":                              {line: uplinkLine{rate: constant(50 * mbit), jitter: 30 * time.Millisecond}},
		"much jitter":                         {line: uplinkLine{rate: constant(50 * mbit), jitter: 80 * time.Millisecond}},
		"one that stands still for 40 ms":     {line: uplinkLine{rate: constant(50 * mbit), still: 40 * time.Millisecond, every: time.Second}},
		"one that stands still for 80 ms":     {line: uplinkLine{rate: constant(50 * mbit), still: 80 * time.Millisecond, every: time.Second}},
		"one that stands still for 150 ms":    {line: uplinkLine{rate: constant(5 * mbit), still: 150 * time.Millisecond, every: time.Second}},
		"one that stands still for 400 ms":    {line: uplinkLine{rate: constant(2 * mbit), still: 400 * time.Millisecond, every: time.Second}},
		"one that often stands still":         {line: uplinkLine{rate: constant(5 * mbit), still: 60 * time.Millisecond, every: 200 * time.Millisecond}},
		"one that stands still half the time": {line: uplinkLine{rate: constant(5 * mbit), still: 100 * time.Millisecond, every: 200 * time.Millisecond}},
		"one that changes much all the time": {line: uplinkLine{rate: func(time.Duration) float64 {
			return (0.3 + 3*random.Float64()) * mbit
		}}},
		"one that changes all the time":        {line: uplinkLine{rate: changing}},
		"key frames":                           {line: uplinkLine{rate: constant(1.6 * mbit)}, keyframe: 45},
		"key frames on a free line":            {line: uplinkLine{rate: constant(50 * mbit)}, keyframe: 45},
		"a picture that becomes quieter":       {line: uplinkLine{rate: constant(50 * mbit)}, packets: func(now time.Duration) int { return max(1, 3-int(now/(5*time.Second))) }},
		"few frames":                           {line: uplinkLine{rate: changing}, interval: time.Second / 10},
		"fewer frames, with jitter":            {line: uplinkLine{rate: constant(50 * mbit), jitter: 60 * time.Millisecond}, interval: time.Second / 15},
		"large frames":                         {line: uplinkLine{rate: constant(5 * mbit), jitter: 30 * time.Millisecond}, packets: func(time.Duration) int { return 9 }},
		"small frames, with jitter":            {line: uplinkLine{rate: constant(5 * mbit), jitter: 60 * time.Millisecond}, packets: func(time.Duration) int { return 1 }},
		"a thin line":                          {line: uplinkLine{rate: begins(0.3 * mbit)}, within: 160 * time.Millisecond, least: 200_000, most: 250_000},
		"a thin line of whom little is asked":  {line: uplinkLine{rate: begins(0.3 * mbit)}, asked: 180_000},
		"a thin line of whom as much is asked": {line: uplinkLine{rate: begins(0.3 * mbit)}, asked: 650_000, within: 160 * time.Millisecond, least: 200_000, most: 250_000},
		"a very thin line":                     {line: uplinkLine{rate: begins(0.1 * mbit)}, within: 450 * time.Millisecond, least: 100_000, most: 130_000},
		"a thin line with jitter":              {line: uplinkLine{rate: begins(0.3 * mbit), jitter: 20 * time.Millisecond}, within: 200 * time.Millisecond, least: 180_000, most: 260_000},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			leaktest.Check(t)
			track := &UpTrack{kind: media.Video}
			e := &encoding{track: track, known: true}
			track.encodings = []*encoding{e}
			now, told, rate := time.Second, time.Duration(0), 0.0
			until := func(then time.Duration) {
				for ; now < then && told == 0; now += time.Millisecond {
					track.flow.sample(now)
					if r, ok := track.uplinkRate(now); ok {
						told, rate = now, r
					}
				}
			}
			interval := cmp.Or(test.interval, time.Second/30)
			for frame := range int(19 * time.Second / interval) {
				sent := time.Second + time.Duration(frame)*interval
				if sent >= 10*time.Second {
					track.flow.asked = test.asked
				}
				packets := 3
				if test.packets != nil {
					packets = test.packets(sent)
				}
				if frame%60 == 0 && test.keyframe > 0 {
					packets = test.keyframe
				}
				late := time.Duration(random.Int64N(int64(test.line.jitter) + 1))
				for range packets {
					arrives := test.line.carry(900, sent+late)
					until(arrives)
					e.lag.note(uint32(frame)*uint32(interval*90/time.Millisecond), 90_000, arrives)
					track.flow.note(900, arrives)
				}
			}
			switch {
			case test.within == 0:
				if told != 0 {
					t.Errorf("told of %.0f bit/s after %v", rate, told)
				}
			case told < 10*time.Second || told > 10*time.Second+test.within:
				t.Errorf("told after %v", told)
			case rate < test.least || rate > test.most:
				t.Errorf("told of %.0f bit/s", rate)
			}
		})
	}
}

// TestPublisherHearsOfAThinUplinkAndOfItsEnd has the packets of a picture in one
// encoding come later and later, half as many of them, and then as before.
func TestPublisherHearsOfAThinUplinkAndOfItsEnd(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	told := make(chan int, 64)
	picture := testTrack(t, media.Video)
	p := publish(t, testEngine(t), peerOptions{uplink: func(bitrate int) { told <- bitrate }}, "stream", picture)
	var thin atomic.Bool
	sent := 0
	untilEnd(t, func(i int) error {
		if thin.Load() && i%2 == 0 {
			return nil
		}
		sent++
		packet := videoPacket(uint16(sent), 0, true, make([]byte, 1000))
		packet.Marker, packet.Timestamp = true, uint32(sent*1800)
		return picture.WriteRTP(packet)
	})
	receive(t, p.tracks, "the track")
	// A machine that is busy with other things may hold up packets by itself: that is
	// to be over.
	known, limited := false, false
	for ; !known || limited; time.Sleep(10 * time.Millisecond) {
		for len(told) > 0 {
			limited = <-told != 0
		}
		p.up.worker.do(func() {
			f := &p.up.sources[0].flow
			known = f.usual > 0.95*8*1000*50
		})
	}
	thin.Store(true)
	if rate := receive(t, told, "what the uplink takes"); rate < leastPicture || rate > 8*1000*25 {
		t.Errorf("told of %d bit/s", rate)
	}
	thin.Store(false)
	for receive(t, told, "that this is over") != 0 {
	}
}
