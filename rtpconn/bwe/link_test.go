package bwe

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"galene/group/leaktest"
	"galene/rtpconn/transportcc"
)

// link is a simulated access line: a rate, a queue in front of it, a delay
// behind it, and losses.
type link struct {
	rate   func(now time.Duration) float64 // bit/s; 0 is an outage
	queue  time.Duration                   // how much may wait, in time at the rate
	delay  time.Duration
	loss   float64
	random *rand.Rand

	free time.Duration // when the line is free again
}

// send returns when a packet arrives; ok is false if it is lost.
func (l *link) send(size int, now time.Duration) (at time.Duration, ok bool) {
	rate := l.rate(now)
	if rate == 0 || l.free-now > l.queue {
		return 0, false
	}
	l.free = max(l.free, now) + time.Duration(float64(8*size)/rate*float64(time.Second))
	if l.random.Float64() < l.loss {
		return 0, false
	}
	return l.free + l.delay, true
}

// client is what a simulated client has: connections that share its line, and whose
// times of arrival may be by a clock for each. The fewer packets each of them tells of,
// the more the estimate swings, up to so many times what it is to be, from the least
// rate on.
type client struct {
	name        string
	connections int
	apart       time.Duration
	swing       float64
	least       float64
}

var clients = []client{
	{"one connection", 1, 0, 1, 0},
	{"seven connections", 7, 0, 1.1, 300_000},
	{"seven connections with a clock for each", 7, time.Hour, 1.1, 300_000},
}

// connection is one of them.
type connection struct {
	g     Gradient
	h     transportcc.History
	r     transportcc.Recorder
	clock time.Duration
}

// simulation sends over a link as the estimator allows, up to what there is to
// send, now in one and now in another of the client's connections.
type simulation struct {
	e           *Estimator
	connections []*connection
	sent        int
	// inRow is how many packets are sent in one connection before it is the next one's
	// turn.
	inRow    int
	offset   uint32
	link     *link
	now      time.Duration
	budget   float64
	inFlight []flight
	demand   func(now time.Duration) float64
	// stubborn is what is sent at least, in bit/s, whatever the estimate says.
	stubborn float64
	// delayed is the longest time in the queue of the last second.
	delayed time.Duration
}

type flight struct {
	connection *connection
	sequence   uint16
	at         time.Duration
}

func simulate(c client, l *link) *simulation {
	l.random = rand.New(rand.NewPCG(3, 4))
	s := &simulation{e: NewEstimator(), link: l, inRow: 3, demand: func(time.Duration) float64 { return 1e9 }}
	for i := range c.connections {
		s.connections = append(s.connections, &connection{clock: time.Hour + time.Duration(i)*c.apart})
	}
	return s
}

// run goes on for a while, in steps of 5 ms.
func (s *simulation) run(t *testing.T, d time.Duration) {
	t.Helper()
	const step = 5 * time.Millisecond
	s.delayed = 0
	end := s.now + d
	for ; s.now < end; s.now += step {
		rate := max(min(s.e.Rate(s.now), s.demand(s.now)), s.stubborn)
		s.e.SetSent(rate)
		s.budget += rate * step.Seconds() / 8
		for ; s.budget >= 1000; s.budget -= 1000 {
			s.packet(s.connections[s.sent/s.inRow%len(s.connections)], 1000, 0, s.now)
			s.sent++
		}
		if p, ok := s.e.Probe(s.demand(s.now), s.now); ok {
			const padding = 300
			n := max(p.Packets, p.Bytes/padding)
			for i := range n {
				s.packet(s.connections[0], padding, p.ID, s.now+p.Duration*time.Duration(i)/time.Duration(n))
			}
		}
		s.arrive()
		for i, c := range s.connections {
			if s.now%(60*time.Millisecond) == time.Duration(i)*step {
				s.feedback(t, c)
			}
		}
		if end-s.now <= time.Second {
			s.delayed = max(s.delayed, s.link.free-s.now)
		}
	}
}

func (s *simulation) packet(c *connection, size int, probe uint8, now time.Duration) {
	sequence := c.h.Next(size, s.offset, probe, now)
	s.offset += uint32(size)
	if at, ok := s.link.send(size, now); ok {
		s.inFlight = append(s.inFlight, flight{c, sequence, at})
	}
}

func (s *simulation) arrive() {
	left := s.inFlight[:0]
	for _, f := range s.inFlight {
		if f.at <= s.now {
			f.connection.r.Received(f.sequence, f.at+f.connection.clock)
		} else {
			left = append(left, f)
		}
	}
	s.inFlight = left
}

func (s *simulation) feedback(t *testing.T, c *connection) {
	t.Helper()
	for more := c.r.Pending() > 0; more; {
		var message []byte
		if message, more = c.r.Append(nil, 1, 2); len(message) == 0 {
			return
		}
		results, err := c.h.Feedback(message, nil)
		if err != nil {
			t.Fatal(err)
		}
		s.e.Feedback(&c.g, results, s.now)
	}
}

func forEachClient(t *testing.T, test func(t *testing.T, c client)) {
	for _, c := range clients {
		t.Run(c.name, func(t *testing.T) {
			leaktest.Check(t)
			test(t, c)
		})
	}
}

func constant(rate float64) func(time.Duration) float64 {
	return func(time.Duration) float64 { return rate }
}

func (s *simulation) expect(t *testing.T, what string, low, high float64) {
	t.Helper()
	if got := s.e.Rate(s.now); got < low || got > high {
		t.Errorf("%s: %.0f kbit/s, want %.0f to %.0f", what, got/1000, low/1000, high/1000)
	}
}

func TestEstimateFindsWhatALineTakes(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	forEachClient(t, func(t *testing.T, c client) {
		for _, rate := range []float64{150_000, 300_000, 1_000_000, 3_000_000, 10_000_000} {
			if rate < c.least {
				continue
			}
			s := simulate(c, &link{rate: constant(rate), queue: 500 * time.Millisecond, delay: 30 * time.Millisecond})
			s.run(t, 15*time.Second)
			s.expect(t, "after 15 s", 0.7*rate, 1.1*rate*c.swing)
			s.run(t, 30*time.Second)
			s.expect(t, "after 45 s", 0.7*rate, 1.1*rate*c.swing)
			if most := time.Duration(c.swing * float64(250*time.Millisecond)); s.delayed > most {
				t.Errorf("%.0f kbit/s: packets wait for %v", rate/1000, s.delayed)
			}
		}
	})
}

func TestEstimateFollowsSteps(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	forEachClient(t, func(t *testing.T, c client) {
		rate := 1_000_000.0
		s := simulate(c, &link{rate: func(time.Duration) float64 { return rate }, queue: 500 * time.Millisecond, delay: 30 * time.Millisecond})
		s.run(t, 20*time.Second)
		s.expect(t, "at first", 700_000, 1_100_000)
		rate = 300_000
		s.run(t, 700*time.Millisecond)
		s.expect(t, "0.7 s after it became less", 200_000, 330_000*c.swing)
		s.run(t, 19300*time.Millisecond)
		s.expect(t, "20 s after it became less", 200_000, 330_000*c.swing)
		rate = 1_000_000
		s.run(t, 10*time.Second)
		s.expect(t, "10 s after it became more", 650_000, 1_100_000)
	})
}

// A line that takes three times as much again is known to do so at most as long after as
// two probes take, whenever that happens between two.
func TestALineThatTakesMoreAgainIsKnownSoon(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	forEachClient(t, func(t *testing.T, c client) {
		for between := range 20 {
			rate := 1_000_000.0
			s := simulate(c, &link{rate: func(time.Duration) float64 { return rate }, queue: 400 * time.Millisecond, delay: 20 * time.Millisecond})
			s.demand = constant(760_000)
			s.run(t, 15*time.Second)
			rate = 300_000
			s.run(t, 15*time.Second+time.Duration(between)*200*time.Millisecond)
			rate = 1_000_000
			s.run(t, 4500*time.Millisecond)
			s.expect(t, fmt.Sprint("4.5 s after ", s.now-4500*time.Millisecond), 690_000, 1_100_000)
		}
	})
}

// Pictures go on for a while, until key frames of smaller ones have come, and what gets
// lost meanwhile is of one connection more than of another.
func TestNothingIsConcludedFromAFlood(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	forEachClient(t, func(t *testing.T, c client) {
		for _, inRow := range []int{3, 6, 12, 25, 50} {
			const before, after = 6_000_000, 1_500_000
			rate := 20_000_000.0
			s := simulate(c, &link{rate: func(time.Duration) float64 { return rate }, queue: 400 * time.Millisecond, delay: 20 * time.Millisecond})
			s.demand = constant(before)
			s.run(t, 20*time.Second)
			rate, s.stubborn, s.inRow = after, before, inRow
			s.run(t, 600*time.Millisecond)
			s.stubborn = 0
			for range 20 {
				s.run(t, 100*time.Millisecond)
				s.expect(t, fmt.Sprint(inRow, " in a row, ", s.now), 0.75*after, 1.05*after*c.swing)
			}
		}
	})
}

func TestRandomLossesAreNoCongestion(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	forEachClient(t, func(t *testing.T, c client) {
		for _, loss := range []float64{0.05, 0.1, 0.2} {
			s := simulate(c, &link{rate: constant(2_000_000), queue: 500 * time.Millisecond, delay: 30 * time.Millisecond, loss: loss})
			s.demand = constant(600_000)
			s.run(t, 30*time.Second)
			s.expect(t, "with losses", 600_000, 3e6)
		}
	})
}

// Within three seconds of the end of losses there is room for everything again.
func TestFullRateIsBackAfterLosses(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	forEachClient(t, func(t *testing.T, c client) {
		const demand = 1_200_000
		for _, loss := range []float64{0.05, 0.2, 0.25} {
			l := &link{rate: constant(2_000_000), queue: 400 * time.Millisecond, delay: 40 * time.Millisecond}
			s := simulate(c, l)
			s.demand = constant(demand)
			s.run(t, 10*time.Second)
			l.loss = loss
			s.run(t, 20*time.Second)
			l.loss = 0
			s.run(t, 3*time.Second)
			s.expect(t, "after losses", demand, 3e6)
		}
	})
}

// A client that tells of packets between one that overtook them and them tells of
// losses that are none, whatever it tells of its other connections in between.
func TestOvertakenPacketsAreNotLost(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	for _, connections := range []int{1, 7} {
		t.Run(fmt.Sprint(connections, " connections"), func(t *testing.T) {
			leaktest.Check(t)
			gradients := make([]Gradient, connections)
			histories := make([]transportcc.History, connections)
			recorders := make([]transportcc.Recorder, connections)
			e := NewEstimator()
			lost := false
			for i := range 60 {
				now := time.Duration(i+1) * 100 * time.Millisecond
				tell := func(c int) {
					message, _ := recorders[c].Append(nil, 1, 2)
					results, err := histories[c].Feedback(message, nil)
					if err != nil {
						t.Fatal(err)
					}
					e.Feedback(&gradients[c], results, now)
					lost = lost || e.Loss() > 0
				}
				late := make([]uint16, connections)
				for c := range connections {
					for j := range 10 {
						n := histories[c].Next(1200, 0, 0, now)
						if j == 8 {
							late[c] = n
							continue
						}
						recorders[c].Received(n, now)
					}
					tell(c)
				}
				for c, n := range late {
					recorders[c].Received(n, now)
					tell(c)
				}
			}
			if lost {
				t.Error("what was overtaken counts as lost")
			}
		})
	}
}

func TestShortQueuesThatThrowAwayAreHeeded(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	forEachClient(t, func(t *testing.T, c client) {
		s := simulate(c, &link{rate: constant(300_000), queue: 15 * time.Millisecond, delay: 30 * time.Millisecond})
		s.run(t, 20*time.Second)
		s.expect(t, "before a policer", 150_000, 500_000)
	})
}

// What is sent again tells nothing of delay, but it takes its time on the line.
func TestWhatIsSentAgainTakesPartOfALineThatIsFull(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	const rate, size = 300_000, 1000
	var g Gradient
	var l lineState
	arrival := time.Second
	for n := range 60 {
		sent := time.Duration(n) * 10 * time.Millisecond
		arrival += 8 * size * time.Second / rate
		g.add([]transportcc.Result{{Sent: sent, Arrival: arrival, Size: size, Offset: uint32(n * size), Received: true, Again: n%3 == 2}}, &l, arrival)
	}
	if got := l.busy.known(busyAge, arrival); got < 0.98*rate || got > 1.02*rate {
		t.Errorf("%.0f bit/s, want %d", got, rate)
	}
}

func TestEstimateComesBackAfterAnOutage(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	forEachClient(t, func(t *testing.T, c client) {
		rate := 1_000_000.0
		s := simulate(c, &link{rate: func(time.Duration) float64 { return rate }, queue: 500 * time.Millisecond, delay: 30 * time.Millisecond})
		s.run(t, 20*time.Second)
		rate = 0
		s.run(t, 5*time.Second)
		if queue := s.e.Queue(s.now); queue != 0 {
			t.Errorf("after five seconds of silence packets are said to wait %v", queue)
		}
		rate = 1_000_000
		s.run(t, time.Second)
		s.expect(t, "a second after the outage", 200_000, 1_100_000)
		s.run(t, 4*time.Second)
		s.expect(t, "five seconds after the outage", 400_000, 1_100_000)
	})
}

func TestUnusedLinesAreProbedWhenThereIsUse(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	forEachClient(t, func(t *testing.T, c client) {
		s := simulate(c, &link{rate: constant(5_000_000), queue: 500 * time.Millisecond, delay: 30 * time.Millisecond})
		s.demand = constant(200_000)
		s.run(t, 20*time.Second)
		s.demand = constant(3_000_000)
		s.run(t, 4*time.Second)
		s.expect(t, "4 s after there was more to send", 2_000_000, 6_000_000)
	})
}

func TestClientsWithoutFeedback(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	e := NewEstimator()
	expect := func(what string, now time.Duration, want float64) {
		t.Helper()
		if got := e.Rate(now); got < want-1 || got > want+1 {
			t.Errorf("%s: %.0f, want %.0f", what, got, want)
		}
	}
	expect("nothing known", 0, FirstRate)
	e.SetSent(500_000)
	e.Report(0, time.Second)
	expect("no losses", time.Second, FirstRate*269.0/256)
	e.SetSent(100_000)
	e.Report(0.01, 2*time.Second)
	expect("little was sent", 2*time.Second, FirstRate*269.0/256)
	e.Report(0.05, 3*time.Second)
	expect("some losses", 3*time.Second, FirstRate*269.0/256)
	e.Report(0.2, 4*time.Second)
	expect("many losses", 4*time.Second, FirstRate*269.0/256*0.9)
	e.REMB(0, 4*time.Second)
	e.REMB(300_000, 4*time.Second)
	expect("REMB", 5*time.Second, 300_000)
	expect("REMB of long ago", 34*time.Second+2*time.Millisecond, FirstRate)
	for range 200 {
		e.Report(1, 40*time.Second)
	}
	expect("nothing gets through", 40*time.Second, minRate)
}

func TestEstimatingDoesNotAllocate(t *testing.T) {
	leaktest.Check(t)
	e := NewEstimator()
	var g Gradient
	results := make([]transportcc.Result, 20)
	now := time.Duration(0)
	if n := testing.AllocsPerRun(100, func() {
		for i := range results {
			now += time.Millisecond
			results[i] = transportcc.Result{Sent: now, Arrival: now + time.Hour, Size: 1200, Offset: uint32(i * 1200), Received: i%7 != 0}
		}
		e.Feedback(&g, results, now)
		e.Rate(now)
		e.Probe(1e9, now)
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
