package rtpconn

import (
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"galene/group/leaktest"
	"galene/group/media"
	"galene/rtpconn/forward"
	"galene/rtpconn/nack"

	"github.com/pion/rtcp"
	"github.com/pion/webrtc/v3"
)

func TestLagIsHowMuchLaterThanTheQuickestAFrameComes(t *testing.T) {
	leaktest.Check(t)
	const frame = 40 * time.Millisecond
	tests := map[string]struct {
		// late is how late each frame comes.
		late []time.Duration
		want time.Duration
	}{
		"steady":           {[]time.Duration{0, 0, 0, 0}, 0},
		"jitter":           {[]time.Duration{10, 0, 10, 5}, 5},
		"a growing queue":  {[]time.Duration{0, 10, 60, 150}, 150},
		"a drained queue":  {[]time.Duration{0, 10, 300, 20, 0}, 0},
		"a first one late": {[]time.Duration{200, 0, 30}, 30},
		"a clock that jumps": {
			[]time.Duration{0, 0, 5000, 5000, 5000}, 0,
		},
	}
	for name, test := range tests {
		var l lag
		for i, late := range test.late {
			now := time.Second + time.Duration(i)*frame + late*time.Millisecond
			l.note(uint32(i)*3600-1800, 90000, now)
			// What belongs to the same frame, or to an earlier one, says nothing.
			l.note(uint32(i)*3600-1800, 90000, now+time.Second/4)
			l.note(uint32(i)*3600-5400, 90000, now+time.Second/2)
		}
		if got := l.now(); got != test.want*time.Millisecond {
			t.Errorf("%s: %v, not %v ms", name, got, int64(test.want))
		}
		if got := l.latest(); got != test.want*time.Millisecond+time.Second/4 {
			t.Errorf("%s: the last packet %v later than the quickest frame", name, got)
		}
	}
}

func TestLagOfAClockThatDriftsGoesAway(t *testing.T) {
	leaktest.Check(t)
	var l lag
	for i := range 60 * 25 {
		// A thousandth too slow: 60 ms in a minute.
		l.note(uint32(i)*3600, 90000, time.Duration(i)*40*time.Millisecond*1001/1000)
	}
	if got := l.now(); got > 12*time.Millisecond {
		t.Errorf("%v after a minute", got)
	}
}

// Who falls back does so between two measurements, and by what the last one said.
func TestLadderWithoutStarvedEncodingsIsThatOfTheLastMeasurement(t *testing.T) {
	leaktest.Check(t)
	track := &UpTrack{kind: media.Video}
	for i := range 2 {
		e := &encoding{track: track, index: i, known: true}
		e.layers.add(&media.FrameInfo{Start: true}, 1000)
		track.encodings = append(track.encodings, e)
	}
	track.measure(time.Second)
	both := slices.Clone(track.ladder)
	track.encodings[0].starvedUntil = 3 * time.Second
	track.buildLadder(time.Second + time.Millisecond)
	if len(both) != 2 || !slices.Equal(track.ladder, both[:1]) {
		t.Errorf("%v of %v", track.ladder, both)
	}
}

func TestWhatStoodStillIsNoQueue(t *testing.T) {
	leaktest.Check(t)
	tests := map[string]struct {
		// gaps are the times between the last packets, in ms.
		gaps []time.Duration
		late time.Duration
		want bool
	}{
		"as ever":             {[]time.Duration{10, 10, 10, 10, 10, 10, 10, 10, 10, 10}, 5, false},
		"late, but as many":   {[]time.Duration{10, 10, 10, 10, 10, 10, 10, 10, 10, 10}, 300, false},
		"few, but not late":   {[]time.Duration{30, 30, 30, 30}, 50, false},
		"a thin line":         {[]time.Duration{30, 30, 30, 30}, 180, true},
		"a very thin line":    {[]time.Duration{90, 90, 90}, 250, true},
		"a moment of silence": {[]time.Duration{180}, 180, false},
		"a longer one":        {[]time.Duration{10, 400, 1}, 400, false},
	}
	for name, test := range tests {
		var f flow
		now := time.Second
		pass := func(gap time.Duration) {
			for range gap {
				now += time.Millisecond
				f.sample(now)
			}
			f.note(1000, now)
		}
		for range 1000 {
			pass(10)
		}
		for _, gap := range test.gaps {
			pass(gap)
		}
		if _, got := f.queues(test.late * time.Millisecond); got != test.want {
			t.Errorf("%s: %v, with %+v", name, got, f)
		}
	}
}

// Whichever way sound comes, what it waits for on the uplink is time that what has been asked
// for may take.
func TestSoundTellsOfAQueueOnTheUplink(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	for name, payload := range map[uint8][]byte{111: {1, 2, 3}, 63: {111, 1, 2, 3}} {
		b := newBenchOf(t, soundSection, 0, 100)
		b.packet.PayloadType, b.packet.Payload = name, payload
		sound := func(gap time.Duration) {
			b.packet.Timestamp += 960 - 300 // send adds the rest
			b.now += gap - time.Millisecond
			b.send(t)
			b.worker.do(func() { b.up.sources[0].flow.sample(b.now) })
		}
		for range 500 {
			sound(20 * time.Millisecond)
		}
		for range 6 {
			sound(50 * time.Millisecond)
		}
		if got := b.up.repairTime(b.now) - b.up.rtt(); got < 150*time.Millisecond {
			t.Errorf("payload type %d: it waits for %v", name, got)
		}
	}
}

// lossyEncoding sends as sendEncoding does, but leaves out so many numbers after
// each packet as gap says.
func lossyEncoding(t testing.TB, sender *webrtc.RTPSender, track *webrtc.TrackLocalStaticRTP, content string, gap *atomic.Int32) {
	t.Helper()
	mid, rid := namingExtensions(sender)
	seq := uint16(0)
	untilEnd(t, func(i int) error {
		defer func() { seq += 1 + uint16(gap.Load()) }()
		return writeEncoding(track, mid, rid, seq, uint32(i*1800), content)
	})
}

// Where an uplink loses more of the best encoding than it can bring again, the
// subscriber gets the lowest, and the publisher hears that only that is of use, until
// the best one is whole again.
func TestEncodingThatAThinUplinkCannotMakeWholeIsLeft(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	e := testEngine(t)
	p := publishSimulcast(t, e)
	var running atomic.Bool
	var gap atomic.Int32
	sendEncoding(t, p.sender, p.low, "low", &running)
	lossyEncoding(t, p.sender, p.high, "high", &gap)
	receive(t, p.tracks, "the track")
	remote := subscribe(t, e, peerOptions{}, p.up, "video").track(t)
	for _, step := range []struct {
		gap          int32
		want, useful string
	}{{0, "high", "h;l"}, {20, "low", "l"}, {0, "high", "h;l"}} {
		gap.Store(step.gap)
		for receive(t, p.useful, "the encodings that are of use") != step.useful {
		}
		untilContent(t, remote, step.want)
	}
}

// thinEncoding sends as sendEncoding does, but half as often, and what it sends comes
// later and later, while its line is thin.
func thinEncoding(t testing.TB, sender *webrtc.RTPSender, track *webrtc.TrackLocalStaticRTP, content string, thin *atomic.Bool) {
	t.Helper()
	mid, rid := namingExtensions(sender)
	sent := 0
	untilEnd(t, func(i int) error {
		if thin.Load() && i%2 == 0 {
			return nil
		}
		sent++
		return writeEncoding(track, mid, rid, uint16(sent), uint32(sent*1800), content)
	})
}

// Where packets begin to queue on an uplink, the publisher hears that only the lowest
// encoding is of use before anything gets lost.
func TestEncodingsThatQueueOnAThinUplinkAreLeft(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	e := testEngine(t)
	p := publishSimulcast(t, e)
	var thin atomic.Bool
	thinEncoding(t, p.sender, p.low, "low", &thin)
	thinEncoding(t, p.sender, p.high, "high", &thin)
	receive(t, p.tracks, "the track")
	remote := subscribe(t, e, peerOptions{}, p.up, "video").track(t)
	for receive(t, p.useful, "the encodings that are of use") != "h;l" {
	}
	untilContent(t, remote, "high")
	usual := func() (known bool) {
		p.up.worker.do(func() {
			f := &p.up.sources[0].flow
			known = f.rate > 0 && f.usual > 0.95*f.rate*float64(8*f.recent[f.latest].bytes)
		})
		return known
	}
	for !usual() {
		untilContent(t, remote, "high")
	}
	thin.Store(true)
	for receive(t, p.useful, "the encodings that are of use") != "l" {
	}
	for _, c := range e.Stats() {
		if !c.Down && c.MaxBitrate != unwatched {
			t.Errorf("the publisher was asked for %v bit/s", c.MaxBitrate)
		}
	}
	untilContent(t, remote, "low")
	thin.Store(false)
	for receive(t, p.useful, "the encodings that are of use") != "h;l" {
	}
	untilContent(t, remote, "high")
}

// untilContent reads until the content is the wanted one, whatever is missing.
func untilContent(t testing.TB, remote *webrtc.TrackRemote, want string) {
	t.Helper()
	readContent(t, remote, want, func(uint16) {})
}

// What nobody watches is not asked for again: it would take from what is watched.
func TestLossesOfEncodingsThatNobodyWatchesAreNotAskedForAgain(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	e := testEngine(t)
	p := publishSimulcast(t, e)
	var gap atomic.Int32
	lossyEncoding(t, p.sender, p.low, "low", &gap)
	lossyEncoding(t, p.sender, p.high, "high", &gap)
	receive(t, p.tracks, "the track")
	remote := subscribe(t, e, peerOptions{}, p.up, "video-low").track(t)
	untilContent(t, remote, "low")
	requests := make(chan string, 64)
	var readers sync.WaitGroup
	for _, rid := range []string{"h", "l"} {
		readers.Go(func() {
			for {
				packets, _, err := p.sender.ReadSimulcastRTCP(rid)
				if err != nil {
					return
				}
				for _, packet := range packets {
					if _, ok := packet.(*rtcp.TransportLayerNack); !ok {
						continue
					}
					select {
					case requests <- rid:
					case <-t.Context().Done():
					}
				}
			}
		})
	}
	gap.Store(1)
	// Until the encodings have been measured, it may be the other that is watched.
	for n, streak := 0, 0; streak < 20; n++ {
		if n == 500 {
			t.Fatal("what was lost of the other encoding is asked for again")
		}
		streak++
		if receive(t, requests, "a request for what was lost") != "l" {
			streak = 0
		}
	}
	gap.Store(0)
	for _, rid := range []string{"h", "l"} {
		if err := p.sender.SetReadDeadlineSimulcast(time.Now(), rid); err != nil {
			t.Fatal(err)
		}
	}
	go func() {
		readers.Wait()
		close(requests)
	}()
	for range requests {
	}
}

// What got lost of an encoding while nobody watched it does not keep it from who does.
func TestLossesWhileNobodyWatchedAreForgotten(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	b := newBench(t, 1, 100)
	b.letPublisherHear(t)
	track := b.simulcast()
	track.encodings[1].known, track.encodings[1].layers.active = true, true
	track.encodings[1].losses = nack.NewGenerator(nack.Options{})
	high, row := track.encodings[0], track.rows[0]
	watch := func(encoding int) {
		b.worker.do(func() {
			row.target.Encoding = encoding
			row.forwarder = forward.NewForwarder(forward.Format{})
			b.up.tick(b.now)
		})
	}
	b.worker.do(func() { b.up.nextReport = time.Hour })
	watch(1)
	for range 200 {
		b.next(t) // lost
		b.send(t)
		b.worker.do(func() { b.up.tick(b.now) })
	}
	watch(0)
	if n := high.losses.Missing(); n != 0 || high.starvedUntil != 0 {
		t.Errorf("%d packets are missing, and it is left until %v", n, high.starvedUntil)
	}
	b.next(t) // lost
	b.send(t)
	b.worker.do(func() { b.up.tick(b.now) })
	if n := high.losses.Missing(); n != 1 {
		t.Errorf("%d packets are missing, want the one", n)
	}
}

// Whoever comes back after seconds has the line for what is new, not for what everybody
// has gone on without; a picture begins anew at once.
func TestNothingOfAnOutageIsAskedForAgain(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	for name, tt := range map[string]struct {
		silence   time.Duration
		lost      int
		nack, key bool
	}{
		"an outage":                {5 * time.Second, 100, false, true},
		"losses without a silence": {20 * time.Millisecond, 100, true, false},
		"the beginning of a picture that is seldom": {5 * time.Second, 3, true, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t, 1, 1000)
			b.letPublisherHear(t)
			b.now += keyframeInterval // since the subscriber has joined
			for range 100 {
				b.send(t)
			}
			b.now += tt.silence
			b.worker.do(func() {
				e := b.up.sources[0].encodings[0]
				e.requestKeyframe(b.now) // by whom the picture stands still, and in vain
				e.wantKeyframe = false
			})
			for range tt.lost {
				b.next(t)
			}
			asked := b.listen(t, publisherKey)
			b.send(t)
			b.now += 20 * time.Millisecond
			b.worker.do(func() { b.up.tick(b.now) })
			nacks := slices.ContainsFunc(*asked, func(p rtcp.Packet) bool {
				_, ok := p.(*rtcp.TransportLayerNack)
				return ok
			})
			if key := hasPLI(*asked); nacks != tt.nack || key != tt.key {
				t.Errorf("asked for what is missing: %t, for a key frame: %t", nacks, key)
			}
		})
	}
}
