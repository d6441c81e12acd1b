package loadtest

import (
	"errors"
	"os"
	"time"

	"galene/rtpconn/loadtest"
)

// sample is the state of everything at one time.
type sample struct {
	time      time.Time
	published loadtest.PublisherStats
	// received is what all members have seen; early leaves out those who came
	// in the storm.
	received, early loadtest.SubscriberStats
	// server and generator are CPU times, stolen is what the machine's host has
	// withheld, memory is the server's in bytes; unless the process is known they
	// are 0.
	server, generator, stolen time.Duration
	memory                    uint64
}

// measurements are what a report is made of.
type measurements struct {
	options Options
	// third is from when a third of the subscribers were there.
	third sample
	// beforeStorm and afterStorm are from before the first of a storm came, and
	// from when the last of them had a picture.
	beforeStorm, afterStorm sample
	// before and after the time that was measured; last is from when all is over.
	before, after, last sample
	// joins are times from dialling to the first picture; stormJoins those of
	// who came in the storm.
	joins, stormJoins []time.Duration
}

// sample looks at everything.
func (s *scenario) sample() (sample, error) {
	state := sample{time: time.Now()}
	for _, m := range s.everybody() {
		received := m.received()
		state.received.Add(received)
		if !m.part.late {
			state.early.Add(received)
		}
		if m.publisher != nil {
			published := m.publisher.Stats()
			state.published.Packets += published.Packets
			state.published.Asked += published.Asked
		}
	}
	if s.options.PID == 0 {
		return state, nil
	}
	server := process(s.options.PID)
	var err1, err2, err3, err4 error
	state.server, err1 = server.cpu()
	state.memory, err2 = server.memory()
	state.generator, err3 = process(os.Getpid()).cpu()
	state.stolen, err4 = stolen()
	return state, errors.Join(err1, err2, err3, err4)
}
