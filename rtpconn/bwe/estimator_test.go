package bwe

import (
	"testing"
	"time"

	"galene/group/leaktest"
	"galene/rtpconn/transportcc"
)

func TestEstimatesStayWithinBounds(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	for set, want := range map[float64]float64{1: minRate, minRate: minRate, 1e6: 1e6, maxRate: maxRate, 1e12: maxRate} {
		c := newTold(time.Second)
		c.e.aimd.rate = set
		c.tell(2*time.Second, c.packet(time.Second, 20*ms, 100, 0))
		c.expectRate(t, "bounded", want, 2*time.Second)
	}
}

// What a client asks for itself bounds what is found out, as long as it is fresh.
func TestOwnEstimateOfAClientBoundsTheRate(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	c := newTold(time.Second)
	now := 10 * time.Second
	c.e.REMB(300_000, now)
	c.expectRate(t, "less than is known", 300_000, now)
	c.e.REMB(0, now+time.Second)
	c.expectRate(t, "nothing is no estimate", 300_000, now+time.Second)
	c.expectRate(t, "as long as it counts", 300_000, now+Silence)
	c.expectRate(t, "of long ago", StartRate, now+Silence+1)
	c.e.REMB(5e6, now)
	c.expectRate(t, "more than is known", StartRate, now)
	c.e.REMB(1, now)
	c.expectRate(t, "next to nothing", minRate, now)
}

// A third and more of the packets lost is too much for the line, whether queues grow or
// not; less is not. Both are told of by the feedback that follows, as what is late is no loss.
func TestHeavyLossesAreCongestion(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	for name, tt := range map[string]struct {
		lost  int // of a hundred
		acked float64
		want  float64
		loss  float64
	}{
		"none":                             {0, 400_000, StartRate, 0},
		"as many as there may be":          {30, 400_000, StartRate, 0.3},
		"more":                             {31, 400_000, 400_000, 0.31},
		"more, but more than that arrives": {31, 2e6, StartRate, 0.31},
		"nobody knows what arrives":        {31, 0, StartRate, 0.31},
	} {
		c := newTold(time.Second)
		now := 2 * time.Second
		var results []transportcc.Result
		for i := range lossWindow {
			r := c.packet(now, 20*ms, 100, 0)
			r.Received = i >= tt.lost
			results = append(results, r)
		}
		c.tell(now+100*ms, results[:lossWindow-2]...)
		c.tell(now+101*ms, results[lossWindow-2:]...)
		if loss := c.e.Loss(); loss != 0 {
			t.Errorf("%s: a loss of %v before it is certain", name, loss)
		}
		c.e.acked = tt.acked
		c.e.countLosses(&c.g, nil, 0)
		c.expectRate(t, name, tt.want, now+102*ms)
		if loss := c.e.Loss(); loss < tt.loss-0.011 || loss > tt.loss {
			t.Errorf("%s: a loss of %v, want %v", name, loss, tt.loss)
		}
	}
}

func TestQueueIsKnownForAWhile(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	c := newTold(time.Second)
	if queue := c.e.Queue(time.Second); queue != 0 {
		t.Errorf("packets wait %v before there are any", queue)
	}
	now := 2 * time.Second
	var results []transportcc.Result
	for i := range latestPackets {
		results = append(results, c.packet(now, time.Duration(20+40+i)*ms, 100, 0))
	}
	c.tell(now+100*ms, results...)
	c.tell(now + 200*ms) // nothing
	for after, want := range map[time.Duration]time.Duration{100 * ms: 40 * ms, 100*ms + feedbackSilence: 40 * ms, 100*ms + feedbackSilence + 1: 0} {
		if queue := c.e.Queue(now + after); queue != want {
			t.Errorf("%v later: packets wait %v, want %v", after, queue, want)
		}
	}
}

// The rate grows by a part of itself while no limit is known, and by a packet each round
// trip near one that is; not while less is sent than could be, and not beyond what gets
// through by far.
func TestRateGrowsWhileNothingWaits(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	for name, tt := range map[string]struct {
		rate, acked, capacity float64
		limited               bool
		rtt                   time.Duration
		want                  float64 // after a second
	}{
		"no limit is known":                {1e6, 0, 0, false, 100 * ms, 1e6 * rise},
		"less is sent":                     {1e6, 0, 0, true, 100 * ms, 1e6},
		"as much gets through":             {1e6, 1e6, 0, false, 100 * ms, 1e6 * rise},
		"far less gets through":            {1e6, 500_000, 0, false, 100 * ms, 1e6},
		"less gets through":                {1e6, 690_000, 0, false, 100 * ms, 1.5*690_000 + headroomBits},
		"near a limit":                     {1e6, 1e6, 1e6, false, 100 * ms, 1e6 + packetBits*5},
		"near a limit, far away":           {1e6, 1e6, 1e6, false, 900 * ms, 1e6 + packetBits},
		"near a limit, at the end of time": {1e6, 1e6, 1e6, false, 10 * time.Second, 1e6 + minRise},
		"above what was a limit":           {1e6, 1.1e6, 1e6, false, 100 * ms, 1e6 * rise},
		"below a limit":                    {1e6, 0.9e6, 1e6, false, 100 * ms, 1e6 * rise},
		"next to nothing":                  {10_000, 0, 0, false, 100 * ms, 11_000},
	} {
		a := aimd{rate: tt.rate, capacity: tt.capacity, deviation: 0.4, last: time.Second}
		a.update(Normal, flow{rate: tt.acked, limited: tt.limited}, tt.rtt, 2*time.Second)
		if a.rate < 0.999*tt.want || a.rate > 1.001*tt.want {
			t.Errorf("%s: %.0f bit/s, want %.0f", name, a.rate, tt.want)
		}
		a.update(Normal, flow{rate: tt.acked, limited: true}, tt.rtt, 2*time.Hour)
		before := a.rate
		a.update(Normal, flow{limited: tt.limited}, tt.rtt, 4*time.Hour)
		if a.rate > before*rise+1000 {
			t.Errorf("%s: %.0f bit/s after a long silence, from %.0f", name, a.rate, before)
		}
	}
}

// It falls to what got through, once in a round trip, and waits for the queue to empty.
func TestRateFallsToWhatGetsThrough(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	for name, tt := range map[string]struct {
		acked float64
		full  bool
		want  float64
	}{
		"nothing is known":                {0, false, backOff * 1e6},
		"as much":                         {1e6, false, backOff * 1e6},
		"less":                            {700_000, false, backOff * 700_000},
		"far less":                        {100_000, false, 500_000},
		"far less, which is all there is": {100_000, true, backOff * 100_000},
		"more":                            {2e6, false, 1e6},
	} {
		a := aimd{rate: 1e6, last: time.Second}
		now := 2 * time.Second
		a.update(Overuse, flow{rate: tt.acked, full: tt.full}, 100*ms, now)
		if a.rate < 0.999*tt.want || a.rate > 1.001*tt.want {
			t.Errorf("%s: %.0f bit/s, want %.0f", name, a.rate, tt.want)
		}
		fallen := a.rate
		a.update(Overuse, flow{rate: 0.9 * fallen, full: true}, 100*ms, now+sinceDecrease+99*ms)
		if a.rate != fallen {
			t.Errorf("%s: %.0f bit/s within a round trip, from %.0f", name, a.rate, fallen)
		}
		a.update(Normal, flow{}, 100*ms, now+sinceDecrease+99*ms)
		if a.rate != fallen {
			t.Errorf("%s: %.0f bit/s while the queue empties, from %.0f", name, a.rate, fallen)
		}
		a.update(Overuse, flow{rate: 0.9 * fallen, full: true}, 100*ms, now+sinceDecrease+100*ms)
		if want := backOff * 0.9 * fallen; a.rate < 0.999*want || a.rate > 1.001*want {
			t.Errorf("%s: %.0f bit/s once more, want %.0f", name, a.rate, want)
		}
		a.update(Underuse, flow{}, 100*ms, now+time.Second)
		a.update(Underuse, flow{}, 100*ms, now+2*time.Second)
		fallen = a.rate
		a.update(Normal, flow{}, 100*ms, now+3*time.Second)
		if a.rate != fallen {
			t.Errorf("%s: %.0f bit/s when the queue has emptied, from %.0f", name, a.rate, fallen)
		}
		a.update(Normal, flow{}, 100*ms, now+4*time.Second)
		if a.rate <= fallen {
			t.Errorf("%s: it does not grow again", name)
		}
	}
}
