package rtpconn

import (
	"slices"
	"testing"
	"time"

	"galene/group/leaktest"
	"galene/group/media"
)

// An encoding that no line takes is left out until one does; but what a shared screen
// takes at one time says nothing of another.
func TestEncodingsThatNoLineTakesAreLeftOut(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	high := []string{"h", "l"}
	for label, thin := range map[string][]string{"camera": {"l"}, screenLabel: high} {
		b := newBench(t, 2, 100)
		b.up.options.Label = label
		b.up.options.OnEncodings = func([]string) {}
		track := b.simulcast()
		track.source.RIDs = high
		track.encodings[0].layers.least = 900_000
		for _, row := range track.rows {
			b.engine.workers[0].do(func() { row.want(ceiling(track, media.Wanted{Ceiling: media.Best}), time.Minute) })
		}
		now := time.Minute
		for _, step := range []struct {
			name  string
			rates []float64
			after time.Duration
			want  []string
		}{
			{"one line takes it", []float64{300_000, 2e6}, 0, high},
			{"none does", []float64{300_000, 300_000}, usagePatience / 2, high},
			{"none does, for a while", []float64{300_000, 300_000}, usagePatience, thin},
			{"the line takes nearly that", []float64{300_000, 800_000}, 0, high},
			{"the line takes nearly that, for a while", []float64{300_000, 650_000}, 2 * usagePatience, high},
		} {
			for i, row := range track.rows {
				b.estimate(row, step.rates[i], now)
			}
			b.engine.workers[0].do(func() { b.up.noteUsage(now) })
			now += step.after
			b.engine.workers[0].do(func() { b.up.noteUsage(now) })
			if got := b.up.usage.told; !slices.Equal(got, step.want) {
				t.Errorf("%s, %s: told of %q, want %q", label, step.name, got, step.want)
			}
		}
	}
}

// What an encoding took is forgotten in time, so that it is tried again.
func TestWhatAnEncodingTookIsForgotten(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	b := newBench(t, 1, 100)
	track := b.simulcast()
	track.encodings[0].layers.least = 900_000
	for range 40 {
		b.engine.workers[0].do(func() { track.buildLadder(0) })
	}
	if got := track.encodings[0].layers.least; got > 450_000 {
		t.Errorf("after 20 s %.0f bit/s are remembered of 900000", got)
	}
}
