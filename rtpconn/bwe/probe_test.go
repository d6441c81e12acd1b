package bwe

import (
	"math"
	"testing"
	"time"

	"galene/group/leaktest"
	"galene/rtpconn/transportcc"
)

const ms = time.Millisecond

// told is a client of one connection whose feedback is made up.
type told struct {
	e      *Estimator
	g      Gradient
	offset uint32
}

// newTold has told of one packet, so that its arrivals are followed.
func newTold(now time.Duration) *told {
	c := &told{e: NewEstimator()}
	c.tell(now, c.packet(now-20*ms, 20*ms, 100, 0))
	return c
}

// packet is one that was sent and took a while.
func (c *told) packet(sent, took time.Duration, size int, probe uint8) transportcc.Result {
	r := transportcc.Result{Sent: sent, Arrival: time.Hour + sent + took, Size: size, Offset: c.offset, Received: true, Probe: probe}
	c.offset += uint32(size)
	return r
}

func (c *told) tell(now time.Duration, results ...transportcc.Result) {
	c.e.Feedback(&c.g, results, now)
}

// burst is what a probe consists of, sent from a time on.
type burst struct {
	packets, size int
	// sent and arrived are from one packet to the next; lost are those that do not arrive.
	sent, arrived time.Duration
	lost          []int
}

func (c *told) burst(b burst, id uint8, now time.Duration) []transportcc.Result {
	var results []transportcc.Result
	for i := range b.packets {
		sent := now + time.Duration(i)*b.sent
		results = append(results, c.packet(sent, 20*ms+time.Duration(i)*(b.arrived-b.sent), b.size, id))
	}
	for _, i := range b.lost {
		results[i].Received = false
	}
	return results
}

func (c *told) expectRate(t *testing.T, what string, want float64, now time.Duration) {
	t.Helper()
	if got := c.e.Rate(now); math.Abs(got-want) > want/100 {
		t.Errorf("%s: %.0f bit/s, want %.0f", what, got, want)
	}
}

// A probe tries twice what is known, or what there is use for, for a fiftieth of a second;
// longer where that would be too little to tell by.
func TestProbesAreOfWhatThereMayBe(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	for name, tt := range map[string]struct {
		rate, acked, sent, wanted float64
		bytes                     int
		duration                  time.Duration
	}{
		"twice as much":                      {1e6, 0, 0, 1e9, 5000, 20 * ms},
		"what there is use for":              {1e6, 0, 0, 1.2e6, 3300, 20 * ms},
		"no use for more":                    {1e6, 0, 0, 1e6, 0, 0},
		"a thin line":                        {100_000, 0, 0, 1e9, minProbeBytes, 60 * ms},
		"far more gets through":              {100_000, 500_000, 400_000, 1e9, 2000, 20 * ms},
		"far more got through, but not now":  {100_000, 500_000, 150_000, 1e9, minProbeBytes, 60 * ms},
		"far more is sent than gets through": {100_000, 150_000, 500_000, 1e9, minProbeBytes, 60 * ms},
	} {
		c := newTold(time.Second)
		c.e.aimd.rate, c.e.acked = tt.rate, tt.acked
		c.e.SetSent(tt.sent)
		p, ok := c.e.Probe(tt.wanted, time.Second)
		if ok != (tt.bytes > 0) || p.Bytes != tt.bytes || p.Duration.Round(time.Microsecond) != tt.duration {
			t.Errorf("%s: %+v, %v", name, p, ok)
		}
		if ok && (p.ID == 0 || p.Packets != minProbePackets) {
			t.Errorf("%s: %+v", name, p)
		}
	}
	if p, ok := NewEstimator().Probe(1e9, time.Second); ok {
		t.Errorf("of a client that does not tell of arrivals: %+v", p)
	}
}

func TestProbesFindWhatALineTakes(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	const before, tried = 1e6, 2e6
	for name, tt := range map[string]struct {
		burst burst
		want  float64
	}{
		"as fast as it was sent":          {burst{10, 500, 2 * ms, 2 * ms, nil}, tried},
		"faster than it was sent":         {burst{10, 500, 2 * ms, 1 * ms, nil}, tried},
		"at once":                         {burst{10, 500, 0, 0, nil}, tried},
		"at once, though it was not sent": {burst{10, 500, 2 * ms, 0, nil}, tried},
		"a little slower":                 {burst{10, 500, 2 * ms, 2100 * time.Microsecond, nil}, tried * 2 / 2.1},
		"slower":                          {burst{10, 500, 2 * ms, 3 * ms, nil}, probeTrust * tried * 2 / 3},
		"far slower":                      {burst{10, 500, 2 * ms, 5 * ms, nil}, before},
		"less than was to be sent":        {burst{10, 500, 3 * ms, 3 * ms, nil}, tried * 2 / 3},
		"one is lost":                     {burst{10, 500, 2 * ms, 2 * ms, []int{5}}, 0.9 * tried},
		"the first is lost":               {burst{10, 500, 2 * ms, 2 * ms, []int{0}}, tried},
		"half are lost":                   {burst{10, 500, 2 * ms, 2 * ms, []int{1, 3, 5, 7, 9}}, before},
		"most are lost":                   {burst{10, 500, 2 * ms, 2 * ms, []int{1, 2, 3, 4, 6, 7, 8, 9}}, before},
		"few, but most of the bytes":      {burst{4, 700, 2800 * time.Microsecond, 2800 * time.Microsecond, nil}, tried},
		"few, and few of the bytes":       {burst{4, 500, 2 * ms, 2 * ms, nil}, before},
		"two of half the bytes":           {burst{2, 2500, 10 * ms, 10 * ms, nil}, tried},
		"all in one":                      {burst{1, 5000, 0, 0, nil}, before},
	} {
		c := newTold(time.Second)
		now := 2 * time.Second
		p, _ := c.e.Probe(1e9, now)
		c.tell(now+100*ms, c.burst(tt.burst, p.ID, now)...)
		c.expectRate(t, name, tt.want, now+100*ms)
	}
}

// A probe is not judged before all of it can have been told of, by the connection that
// tells the most of it.
func TestProbesAreJudgedByMostOfThem(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	c := newTold(time.Second)
	now := 2 * time.Second
	p, _ := c.e.Probe(1e9, now)
	all := c.burst(burst{20, 250, 1 * ms, 1 * ms, nil}, p.ID, now)
	c.tell(now+30*ms, all[:6]...)
	c.expectRate(t, "early", 1e6, now+30*ms)
	c.tell(now+39*ms, all[6:]...)
	c.expectRate(t, "still early", 1e6, now+39*ms)
	// Others that are told of later say nothing of it.
	c.tell(now+39*ms, c.packet(now+30*ms, 20*ms, 1000, 0))
	if _, ok := c.e.Probe(1e9, now+40*ms); ok {
		t.Error("the next one at once")
	}
	c.expectRate(t, "when it can be told", 2e6, now+40*ms)

	// Of two connections one has three of its packets, close to each other.
	now = 5 * time.Second
	p, _ = c.e.Probe(1e9, now)
	all = c.burst(burst{10, 1000, 2 * ms, 2 * ms, nil}, p.ID, now)
	var other Gradient
	c.tell(now+30*ms, all[3:]...)
	c.e.Feedback(&other, all[:3], now+100*ms)
	c.expectRate(t, "by the other connection", 4e6, now+100*ms)
}

// One probe at a time; after one that found nothing it takes longer until the next, and
// after one that could not be sent it does not. One that found more is followed by the
// next as soon as it is felt no more.
func TestProbesAreApart(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	c := newTold(time.Second)
	probe := func(at time.Duration, want bool) (p Probe) {
		t.Helper()
		p, ok := c.e.Probe(1e9, at)
		if ok != want {
			t.Fatalf("at %v: %v", at, ok)
		}
		return p
	}
	other := func(at time.Duration) { c.tell(at, c.packet(at-20*ms, 20*ms, 100, 0)) }
	probe(2*time.Second, true)
	probe(2100*ms, false)
	other(2200 * ms) // of the probe nothing has come
	probe(3*time.Second, false)
	probe(3001*ms, false) // given up
	probe(5*time.Second, false)
	probe(5001*ms, true)
	// Nothing at all is told.
	probe(9001*ms, false)
	probe(9002*ms, false) // given up
	probe(13001*ms, false)
	probe(13002*ms, true)
	other(13100 * ms)
	probe(14003*ms, false) // given up
	probe(18002*ms, false)
	p := probe(18003*ms, true)
	c.tell(18100*ms, c.burst(burst{10, 500, 2 * ms, 2 * ms, nil}, p.ID, 18003*ms)...)
	c.expectRate(t, "found", 2e6, 18100*ms)
	probe(18502*ms, false)
	probe(18503*ms, true) // the one before is felt no more
	other(18600 * ms)
	probe(19504*ms, false) // given up
	probe(21503*ms, false)
	probe(21504*ms, true)
	c.e.NotProbed()
	seen := make(map[uint8]bool)
	for range 1000 {
		p := probe(21504*ms, true)
		if p.ID == 0 {
			t.Fatal("a probe without a number")
		}
		seen[p.ID] = true
		c.e.NotProbed()
	}
	if len(seen) != 255 {
		t.Errorf("%d numbers", len(seen))
	}
}

// What is told of an earlier probe is none of the last one.
func TestProbesAreToldApart(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	c := newTold(time.Second)
	p, _ := c.e.Probe(1e9, 2*time.Second)
	late := c.burst(burst{10, 500, 2 * ms, 2 * ms, nil}, p.ID, 2*time.Second)
	c.e.NotProbed()
	c.tell(2100*ms, late[:5]...)
	c.expectRate(t, "one that was taken back", 1e6, 2100*ms)
	if _, ok := c.e.Probe(1e9, 3*time.Second); !ok {
		t.Fatal("no probe")
	}
	c.tell(3100*ms, late[5:]...)
	c.expectRate(t, "the one before", 1e6, 3100*ms)
}

func TestQueuesAreWeighedAgainstProbes(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	for name, tt := range map[string]struct {
		probed time.Duration // ago; 0 for never
		usage  Usage
		queue  time.Duration
		want   Usage
	}{
		"nothing":                           {0, Normal, 0, Normal},
		"a short queue":                     {0, Normal, shortQueue, Normal},
		"a queue":                           {0, Normal, shortQueue + ms, Underuse},
		"a queue that is long enough":       {0, Normal, longQueue, Underuse},
		"a long queue":                      {0, Normal, longQueue + ms, Overuse},
		"a long queue that shrinks":         {0, Underuse, longQueue + ms, Underuse},
		"a queue that grows":                {0, Overuse, 0, Overuse},
		"that of a probe":                   {probeEcho - ms, Overuse, 0, Underuse},
		"one that grows after a probe":      {probeEcho, Overuse, 0, Overuse},
		"a long queue, and a probe":         {ms, Normal, longQueue + ms, Overuse},
		"one that shrinks during the probe": {ms, Underuse, 0, Underuse},
	} {
		c := newTold(time.Second)
		now := 2 * time.Second
		if tt.probed > 0 {
			c.e.Probe(1e9, now-tt.probed)
		}
		if got := c.e.judge(tt.usage, tt.queue, now); got != tt.want {
			t.Errorf("%s: %d, want %d", name, got, tt.want)
		}
	}
	// Where queues grow is no room for a probe.
	c := newTold(time.Second)
	c.e.judge(Overuse, 0, 2*time.Second)
	for at, want := range map[time.Duration]bool{2 * time.Second: false, 4*time.Second - 1: false, 4 * time.Second: true} {
		p := c.e.probes
		if _, ok := p.next(1e6, 1e9, at); ok != want {
			t.Errorf("%v after a queue grew: %v", at-2*time.Second, ok)
		}
	}
}

// Packets take longer than they did, and probes find room all the same: it is the way that
// has become longer, no queue. One probe that finds room may be luck.
func TestALongerWayIsNoQueue(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	for name, tt := range map[string]struct {
		arrived []time.Duration // from one packet of each probe to the next
		want    time.Duration
	}{
		"two find room":                {[]time.Duration{2 * ms, 2 * ms}, 0},
		"one finds room":               {[]time.Duration{2 * ms}, 100 * ms},
		"one finds room, one does not": {[]time.Duration{2 * ms, 40 * ms, 2 * ms}, 100 * ms},
	} {
		c := newTold(time.Second)
		now := 2 * time.Second
		for range 10 {
			now += 50 * ms
			c.tell(now, c.packet(now-120*ms, 120*ms, 1000, 0))
		}
		if queue := c.e.Queue(now); queue != 100*ms {
			t.Fatalf("%s: packets wait %v", name, queue)
		}
		for _, arrived := range tt.arrived {
			now += 5 * time.Second
			c.e.aimd.rate = 1e6
			p, ok := c.e.Probe(1e9, now)
			if !ok {
				t.Fatalf("%s: no probe", name)
			}
			results := c.burst(burst{10, 500, 2 * ms, arrived, nil}, p.ID, now)
			for i := range results {
				results[i].Arrival += 100 * ms
			}
			now += 700 * ms
			c.tell(now, results...)
			c.tell(now, c.packet(now-120*ms, 120*ms, 1000, 0))
			for range 6 {
				now += 20 * ms
				c.tell(now, c.packet(now-120*ms, 120*ms, 1000, 0))
			}
		}
		if queue := c.e.Queue(now); queue != tt.want {
			t.Errorf("%s: packets are said to wait %v, want %v", name, queue, tt.want)
		}
	}
}
