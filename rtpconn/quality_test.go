package rtpconn

import (
	"testing"
	"time"

	"galene/group/leaktest"
	"galene/group/media"
	"galene/rtpconn/allocate"
	"galene/rtpconn/forward"
	"galene/rtpconn/transportcc"
)

// simulcast turns the bench's track into one of two encodings, of 150 and 900
// kbit/s, the lower one with two temporal layers.
func (b *bench) simulcast() *UpTrack {
	t := b.up.sources[0]
	t.encodings = append(t.encodings, &encoding{track: t, index: 1})
	top := forward.Layers{SID: forward.TopLayer, TID: forward.TopLayer}
	t.ladder = []rung{
		{forward.Target{Encoding: 1, Layers: forward.Layers{SID: forward.TopLayer}}, 90_000, 0, 0},
		{forward.Target{Encoding: 1, Layers: top}, 150_000, 0, 1},
		{forward.Target{Encoding: 0, Layers: top}, 900_000, 0, 0},
	}
	t.measured = 1 << 60 // nothing is measured anew
	t.format.remb = true
	return t
}

// estimate has the subscriber of the row, who loses nothing, say what its line
// takes.
func (b *bench) estimate(row *DownTrack, rate float64, now time.Duration) {
	b.engine.workers[0].do(func() {
		for range 40 {
			row.conn.line.estimator.SetSent(10e6)
			row.conn.line.estimator.Report(0, now)
		}
		row.conn.receiveREMB(rate, now)
		row.conn.line.tick(max(now, row.conn.line.last+lineInterval))
	})
}

func TestLineDecidesWhichEncodingItGets(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	b := newBench(t, 1, 100)
	track := b.simulcast()
	row := track.rows[0]
	now := 40 * time.Second
	for _, step := range []struct {
		wait     time.Duration
		rate     float64
		ceiling  media.Ceiling
		encoding int
		tid      uint8
	}{
		{0, 2_000_000, media.Best, 0, forward.TopLayer},
		{time.Second, 300_000, media.Best, 1, forward.TopLayer},
		{time.Second, 110_000, media.Best, 1, 0},
		{time.Second, 50_000, media.Best, 1, 0},
		{20 * time.Second, 300_000, media.Best, 1, forward.TopLayer},
		{20 * time.Second, 2_000_000, media.Best, 0, forward.TopLayer},
		{time.Second, 2_000_000, media.Lowest, 1, forward.TopLayer},
		{time.Second, 2_000_000, media.Best, 0, forward.TopLayer},
	} {
		now += step.wait
		b.engine.workers[0].do(func() { row.want(ceiling(track, media.Wanted{Ceiling: step.ceiling}), now) })
		b.estimate(row, step.rate, now)
		b.estimate(row, step.rate, now+time.Millisecond)
		if row.target.Encoding != step.encoding || row.target.TID != step.tid {
			t.Errorf("%.0f kbit/s: %+v, want encoding %d, temporal layer %d", step.rate/1000, row.target, step.encoding, step.tid)
		}
	}
}

// What sound takes is not there for pictures.
func TestSoundIsServedBeforePictures(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	for _, tt := range []struct {
		sound int64 // bit/s
		tid   uint8
	}{{0, forward.TopLayer}, {60_000, 0}} {
		b := newBench(t, 1, 100)
		b.addAudio(t)
		row := b.simulcast().rows[0]
		b.up.sources[1].encodings[0].meter.bitrate = tt.sound
		b.estimate(row, 200_000, time.Minute)
		if row.target.Encoding != 1 || row.target.TID != tt.tid {
			t.Errorf("beside sound of %d bit/s: %+v, want temporal layer %d of encoding 1", tt.sound, row.target, tt.tid)
		}
	}
}

// Where the line can be probed, a picture that does not fit at all is left out.
func TestPictureThatDoesNotFitIsLeftOut(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	b := newBench(t, 1, 100)
	b.simulcast()
	row := b.up.sources[0].rows[0]
	row.conn.line.estimator.Feedback(&row.conn.gradient, []transportcc.Result{{Sent: 1, Arrival: 2, Size: 1000, Received: true}}, time.Second)
	b.estimate(row, 50_000, time.Second)
	if row.target.Encoding != forward.Nothing {
		t.Errorf("%+v", row.target)
	}
	b.estimate(row, 900_000, 2*time.Second+maxHold)
	if row.target.Encoding != 1 {
		t.Errorf("later: %+v", row.target)
	}
}

func TestPictureThatWentDownWaitsBeforeItGoesUp(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	b := newBench(t, 1, 100)
	track := b.simulcast()
	row := track.rows[0]
	now := 40 * time.Second
	b.estimate(row, 2_000_000, now)
	b.estimate(row, 800_000, now+100*time.Millisecond)
	b.estimate(row, 1_100_000, now+200*time.Millisecond)
	if row.target.Encoding != 1 || row.quality.reason.String() != "held" {
		t.Errorf("at once: %+v, %v", row.target, row.quality.reason)
	}
	b.estimate(row, 1_100_000, now+100*time.Millisecond+minHold)
	if row.target.Encoding != 0 {
		t.Errorf("after %v: %+v, %v", minHold, row.target, row.quality.reason)
	}
}

func TestPictureGoesUpAtOnceOnALineThatHasBecomeFarBetter(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	b := newBench(t, 1, 100)
	row := b.simulcast().rows[0]
	now := 40 * time.Second
	b.estimate(row, 2_000_000, now)
	b.estimate(row, 200_000, now+100*time.Millisecond)
	if row.target.Encoding != 1 {
		t.Fatalf("%+v", row.target)
	}
	b.estimate(row, 2_000_000, now+200*time.Millisecond)
	if row.target.Encoding != 0 {
		t.Errorf("%+v, %v", row.target, row.quality.reason)
	}
}

// All may go up together until one of them had to go down; then each has to be seen to get
// through first.
func TestPicturesGoUpOneAfterTheOtherOnALineThatWasTooThin(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	b := newBench(t, 0, 100)
	b.client = "alice"
	track := b.up.sources[0]
	for port := range uint16(3) {
		b.subscribe(t, track, 1000+port)
	}
	b.simulcast()
	now := 40 * time.Second
	sum := func(after time.Duration, rate float64) (rungs int) {
		now += after
		b.estimate(track.rows[0], rate, now)
		for _, row := range track.rows {
			rungs += row.quality.rung
		}
		return rungs
	}
	const all = 3 * 2
	if got := sum(time.Second, 5_000_000); got != all {
		t.Errorf("at first they have %d rungs, want %d", got, all)
	}
	ladder := track.ladder
	track.ladder = ladder[:2]
	sum(time.Second, 5_000_000)
	track.ladder = ladder
	if got := sum(time.Second+minHold, 5_000_000); got != all {
		t.Errorf("after their publisher has left out the best encoding for a while they have %d", got)
	}
	if got := sum(time.Second, 300_000); got != 0 {
		t.Errorf("on a thin line they have %d", got)
	}
	last := 0
	for i := range all {
		got := sum(riseInterval, 5_000_000)
		if got != i+1 {
			t.Errorf("%v after it has become better they have %d, want %d", time.Duration(i+1)*riseInterval, got, i+1)
		}
		if soon := sum(riseInterval/2, 5_000_000); soon != got {
			t.Errorf("%v later they have %d", riseInterval/2, soon)
		}
		last = got
	}
	if last != all {
		t.Errorf("they stay at %d", last)
	}
	sum(time.Second, 300_000)
	track.rows[0].conn.line.lowered -= carefulTime
	if got := sum(time.Second, 5_000_000); got != all {
		t.Errorf("long after it has been thin they have %d", got)
	}
}

func TestPublishersAreAskedForWhatIsOfUse(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	for name, tt := range map[string]struct {
		layers   bool
		ceilings []media.Ceiling
		rates    []float64
		starved  bool
		told     bool    // which encodings are of use
		uplink   float64 // bit/s
		sound    int64   // bit/s
		want     float64
		// asked is the picture's part of what is asked for whatever the uplink takes;
		// 0 if that is not looked at.
		asked float64
	}{
		"beside sound, for which browsers keep some": {ceilings: []media.Ceiling{media.Best}, rates: []float64{400_000}, sound: 50_000, want: usable*400_000 + stereo - 50_000 - soundOverhead, asked: usable*400_000 - 50_000 - soundOverhead},
		"a thin uplink":                       {ceilings: []media.Ceiling{media.Best}, rates: []float64{400_000}, uplink: 250_000, want: gentleRate * 250_000, asked: usable * 400_000},
		"nobody watches":                      {want: unwatched},
		"the slowest counts":                  {ceilings: []media.Ceiling{media.Best, media.Best}, rates: []float64{2e6, 400_000}, want: usable * 400_000},
		"but not below the least":             {ceilings: []media.Ceiling{media.Best}, rates: []float64{100_000}, want: leastVideo},
		"with layers the best":                {layers: true, ceilings: []media.Ceiling{media.Best, media.Best}, rates: []float64{2e6, 300_000}, want: headroom * usable * 2e6},
		"the only layer is the lowest":        {ceilings: []media.Ceiling{media.Lowest}, rates: []float64{700_000}, want: usable * 700_000},
		"layers that nobody asks for":         {layers: true, ceilings: []media.Ceiling{media.Lowest, media.Lowest}, rates: []float64{2e6, 2e6}, want: unwatched},
		"layers that one does":                {layers: true, ceilings: []media.Ceiling{media.Lowest, media.Best}, rates: []float64{2e6, 2e6}, want: headroom * usable * 2e6},
		"a line that is too thin for any":     {layers: true, ceilings: []media.Ceiling{media.Best}, rates: []float64{50_000}, want: unwatched},
		"layers that do not get here":         {layers: true, ceilings: []media.Ceiling{media.Best}, rates: []float64{2e6}, starved: true, want: headroom*90_000 + besides, asked: headroom * usable * 2e6},
		"what leaves out encodings by itself": {layers: true, ceilings: []media.Ceiling{media.Best}, rates: []float64{50_000}, told: true, want: headroom * 1_050_000},
		"but does not get the highest here":   {layers: true, ceilings: []media.Ceiling{media.Best}, rates: []float64{2e6}, starved: true, told: true, want: headroom*90_000 + besides},
	} {
		b := newBench(t, len(tt.rates), 100)
		track := b.up.sources[0]
		if tt.layers {
			b.simulcast()
		} else {
			track.ladder = []rung{{ceiling(track, media.Wanted{}), 600_000, 0, 0}}
			track.measured = 1 << 60
		}
		for i, row := range track.rows {
			b.engine.workers[0].do(func() { row.want(ceiling(track, media.Wanted{Ceiling: tt.ceilings[i]}), time.Minute) })
			b.estimate(row, tt.rates[i], time.Minute)
		}
		if tt.starved {
			track.encodings[0].starvedUntil = 2 * time.Minute
			track.ladder = track.ladder[:1]
		}
		b.up.uplink.told = tt.uplink
		if tt.told {
			b.up.options.OnEncodings = func([]string) {}
			track.encodings[0].layers.peak, track.encodings[1].layers.peak = 900_000, 150_000
		}
		if tt.sound > 0 {
			b.addAudio(t)
			b.up.sources[1].formats[0].transportCC = true
			b.up.sources[1].encodings[0].meter.bitrate = tt.sound
			for i, row := range track.rows {
				b.estimate(row, tt.rates[i], time.Minute)
			}
		}
		of := track.useful(b.up.soundReserve(), time.Minute)
		if got := of.rate; got < tt.want*0.98 || got > tt.want*1.02 {
			t.Errorf("%s: %.0f, want %.0f", name, got, tt.want)
		}
		if got := of.picture; tt.asked > 0 && (got < tt.asked*0.98 || got > tt.asked*1.02) {
			t.Errorf("%s: the picture is asked for %.0f, want %.0f", name, got, tt.asked)
		}
	}
}

// Where a stream has several pictures, its sound is asked for once, and is no part of what
// statistics say of either.
func TestSoundBesideSeveralPicturesIsAskedForOnce(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	b := newBench(t, 1, 100)
	b.addAudio(t)
	sound := b.up.sources[1]
	sound.encodings[0].meter.bitrate = 50_000
	sound.formats[0].transportCC = true
	section := benchSection
	section.MID, section.SSRCs = "2", nil
	other := newUpTrack(b.up, section)
	other.format = &other.formats[0]
	other.rows = []*DownTrack{newDownTrack(b.up.sources[0].rows[0].conn, other, ceiling(other, media.Wanted{}))}
	b.up.sources = append(b.up.sources, other)
	const share = 300_000
	for _, picture := range []*UpTrack{b.up.sources[0], other} {
		picture.format.remb = true
		picture.rows[0].quality.known, picture.rows[0].quality.share = true, share
	}
	if got, _ := b.up.usefulRate(); got != 2*share+stereo {
		t.Errorf("asked for %.0f, want two pictures of %d and a sound of %.0f", got, share, float64(stereo))
	}
	for _, s := range b.up.stats().Tracks {
		if s.Kind == media.Video && s.MaxBitrate != share {
			t.Errorf("statistics say %d, want %d", s.MaxBitrate, share)
		}
	}
}

// Whether a line takes more is found out as far as there would be use for it: a publisher
// without layers that sends what there is room for would send more.
func TestLineIsProbedForWhatThereWouldBeUseFor(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	for name, tt := range map[string]struct{ rate, before, line, want float64 }{
		"it sends what there is room for":             {280_000, 280_000, 300_000, allocate.Margin * roomToRise * 300_000},
		"it sends less than there is room":            {100_000, 0, 300_000, allocate.Margin * roomToRise * 100_000 / usable},
		"nobody has use for that much":                {3_900_000, 0, 4_000_000, allocate.Margin * 3_900_000 / usable},
		"it sent more before it was asked for less":   {280_000, 700_000, 300_000, allocate.Margin * 700_000 / usable},
		"it sent more, and has little to send so far": {100_000, 700_000, 300_000, allocate.Margin * 700_000 / usable},
	} {
		b := newBench(t, 1, 100)
		track := b.up.sources[0]
		track.ladder = []rung{{ceiling(track, media.Wanted{}), tt.rate, 0, 0}}
		track.measured = 1 << 60 // nothing is measured anew
		track.encodings[0].layers.peak = tt.before
		row := track.rows[0]
		b.estimate(row, tt.line, time.Minute)
		if got := row.conn.line.wanted; got < 0.99*tt.want || got > 1.01*tt.want {
			t.Errorf("%s: %.0f bit/s, want %.0f", name, got, tt.want)
		}
	}
}

// What a picture took is remembered for as long as its publisher is asked for less, so
// that a line that takes it again is found out to.
func TestWhatAPictureTookIsRememberedWhileLessIsAskedFor(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	for name, tt := range map[string]struct {
		asked       float64
		least, most float64
	}{
		"asked for less":                   {150_000, 600_000, 700_000},
		"asked for as much":                {700_000, 100_000, 200_000},
		"not told what it should send":     {0, 100_000, 200_000},
		"asked for less than it sends now": {50_000, 600_000, 700_000},
	} {
		b := newBench(t, 0, 100)
		track := b.up.sources[0]
		m, now := &track.encodings[0].layers, time.Duration(0)
		send := func(rate int, seconds int) {
			for range 2 * seconds {
				now += ladderInterval
				m.add(&media.FrameInfo{}, rate/8/2)
				track.measure(now)
			}
		}
		send(640_000, 10)
		track.flow.asked = tt.asked
		send(130_000, 120)
		if m.peak < tt.least || m.peak > tt.most {
			t.Errorf("%s: %.0f bit/s", name, m.peak)
		}
	}
}

func TestLaddersAreMeasured(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	b := newBench(t, 0, 100)
	track := b.up.sources[0]
	e := track.encodings[0]
	for i := range 12 { // until what was before is forgotten
		for range 10 {
			for tid, bytes := range []int{3000, 1000, 500} {
				e.layers.add(&media.FrameInfo{TID: uint8(tid)}, bytes)
			}
		}
		track.measure(time.Duration(i+1) * time.Second)
	}
	want := []float64{240_000, 320_000, 360_000}
	if len(track.ladder) != len(want) {
		t.Fatalf("%+v", track.ladder)
	}
	for i, r := range track.ladder {
		if r.rate < want[i]*0.99 || r.rate > want[i]*1.01 || r.target.SID != forward.TopLayer {
			t.Errorf("rung %d: %+v, want %.0f bit/s", i, r, want[i])
		}
	}
	if track.ladder[0].target.TID != 0 || track.ladder[2].target.TID != forward.TopLayer {
		t.Errorf("%+v", track.ladder)
	}
	track.measure(13 * time.Second)
	if len(track.ladder) != 0 {
		t.Errorf("nothing came, but there is %+v", track.ladder)
	}
}

// A camera of thirty frames a second in three temporal layers has a picture that
// moves without the highest one; one of fifteen has not.
func TestFramesAreLeftOutOnRequestWhereEnoughAreLeft(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	for _, tt := range []struct {
		name   string
		frames []uint8 // temporal layers of a tenth of a second
		rate   media.FrameRate
		want   uint8
	}{
		{"half of three layers", []uint8{0, 2, 1}, media.HalfRate, 1},
		{"half of two layers", []uint8{0, 1, 0}, media.HalfRate, 0},
		{"half of one layer", []uint8{0, 0, 0}, media.HalfRate, forward.TopLayer},
		{"half of few frames", []uint8{0, 1}, media.HalfRate, forward.TopLayer},
		{"a quarter of three layers", []uint8{0, 2, 1}, media.QuarterRate, 0},
		{"a quarter of two layers is half", []uint8{0, 1, 0}, media.QuarterRate, 0},
		{"a quarter of one layer", []uint8{0, 0, 0}, media.QuarterRate, forward.TopLayer},
		{"a quarter that were too few", []uint8{1, 1, 2}, media.QuarterRate, 1},
		{"not asked for", []uint8{0, 2, 1}, media.FullRate, forward.TopLayer},
	} {
		b := newBench(t, 1, 100)
		track := b.up.sources[0]
		row := track.rows[0]
		b.engine.workers[0].do(func() { row.want(ceiling(track, media.Wanted{FrameRate: tt.rate}), 0) })
		track.encodings[0].known = true
		for i := range 12 {
			for range 10 {
				for _, tid := range tt.frames {
					track.encodings[0].layers.add(&media.FrameInfo{Start: true, End: true, TID: tid}, 300)
				}
			}
			track.measure(time.Duration(i+1) * time.Second)
		}
		track.measured = 1 << 60
		b.estimate(row, 2_000_000, 40*time.Second)
		if row.target.TID != tt.want {
			t.Errorf("%s: temporal layer %d, want %d", tt.name, row.target.TID, tt.want)
		}
		b.engine.workers[0].do(func() { row.want(ceiling(track, media.Wanted{}), 41*time.Second) })
		if row.target.TID != forward.TopLayer {
			t.Errorf("%s: temporal layer %d for who wants all frames", tt.name, row.target.TID)
		}
	}
}

// Who asks for a better picture than his line takes gets what it takes: no encoder is asked
// for a key frame that nobody will see.
func TestNothingIsAskedForThatTheLineDoesNotTake(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	b := newBench(t, 1, 100)
	track := b.simulcast()
	row := track.rows[0]
	for range 2 * catchUp {
		b.send(t) // the last key frame of the better encoding is long past
	}
	now := 40 * time.Second
	want := func(c media.Ceiling) {
		b.worker.do(func() { row.want(ceiling(track, media.Wanted{Ceiling: c}), now) })
	}
	want(media.Lowest)
	b.estimate(row, 300_000, now)
	key := &media.Packet{SequenceNumber: 1, Frame: media.FrameInfo{Keyframe: true, Start: true, End: true}}
	if _, verdict := row.forwarder.Next(1, key, now); verdict != forward.Pass {
		t.Fatalf("it is to get %+v", row.target)
	}
	track.encodings[0].wantKeyframe, track.encodings[0].keyframeNext = false, 0
	want(media.Best)
	if track.encodings[0].wantKeyframe || row.target.Encoding != 1 {
		t.Errorf("key frame wanted: %v; it is to get %+v", track.encodings[0].wantKeyframe, row.target)
	}
}

// What a subscriber asks for himself is not the line's doing: he does not wait for it
// longer when the line has to make it worse later.
func TestWhoAsksForLessIsNotHeldForIt(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	b := newBench(t, 1, 100)
	track := b.simulcast()
	row := track.rows[0]
	now := 40 * time.Second
	b.estimate(row, 2_000_000, now)
	for range 6 {
		for _, c := range []media.Ceiling{media.Lowest, media.Best} {
			now += time.Second
			b.worker.do(func() { row.want(ceiling(track, media.Wanted{Ceiling: c}), now) })
			b.estimate(row, 2_000_000, now)
		}
	}
	now += time.Second
	b.estimate(row, 300_000, now)
	if row.target.Encoding != 1 || row.quality.heldUntil > now+minHold+time.Second {
		t.Errorf("it gets %+v, and nothing better for %v", row.target, row.quality.heldUntil-now)
	}
}
