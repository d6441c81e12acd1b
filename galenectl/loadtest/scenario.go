package loadtest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"galene/rtpconn/loadtest"
)

const (
	// setupTime is what each stream has, on average, to be received, and coming
	// in has at least.
	setupTime    = time.Second
	minSetupTime = 30 * time.Second
	// stormTime is in which all of a join storm come.
	stormTime = time.Second
	// announceTime is how long a publisher sends before others are let in: more
	// than a server takes to see what is in a stream (200 ms), which would be
	// counted as the time that it takes to join.
	announceTime = 300 * time.Millisecond
	// coolDown is how much longer than measured the publishers send, so that
	// the last losses show, and then again how much time there is to repair
	// them: more than the ten requests of a subscriber take.
	coolDown = time.Second
)

// errTooLong is why a scenario ends that does not get anywhere.
var errTooLong = errors.New("the load test takes too long: not everybody has got a picture in time")

// Run goes through a scenario and reports what came of it. It ends by itself,
// with an error when a member is refused, thrown out or cut off, or when ctx
// ends.
func Run(ctx context.Context, o Options) (*Report, error) {
	if err := o.complete(); err != nil {
		return nil, err
	}
	generator, err := loadtest.New(loadtest.Options{Profile: o.Profile, Video: o.Video, Bitrate: o.Bitrate, Films: o.Films})
	if err != nil {
		return nil, err
	}
	streams := time.Duration(o.publishers() * o.receivers())
	setup := max(minSetupTime, streams*(setupTime+o.JoinInterval)) + time.Duration(o.publishers())*announceTime
	ctx, stop := context.WithTimeoutCause(ctx, setup+2*o.Settle+o.Duration+2*coolDown, errTooLong)
	defer stop()
	ctx, fail := context.WithCancelCause(ctx)
	s := &scenario{options: o, generator: generator, fail: fail, streams: make(map[string]bool)}
	report, err := s.run(ctx)
	if err != nil && ctx.Err() != nil {
		err = context.Cause(ctx) // what failed first
	}
	fail(nil)
	s.end()
	return report, err
}

// scenario is one that is going on.
type scenario struct {
	options   Options
	generator *loadtest.Generator
	door      door
	// fail ends the scenario.
	fail func(error)
	// goroutines end with the context.
	goroutines sync.WaitGroup

	// mu guards what follows.
	mu      sync.Mutex
	members []*member
	// streams are those of our publishers.
	streams map[string]bool
	// joins are times from dialling to the first picture; stormJoins those of
	// who came in the storm.
	joins, stormJoins []time.Duration
}

// findDoor looks for the way into the server's group.
func (s *scenario) findDoor(ctx context.Context) (err error) {
	if s.options.Protocol == Janus {
		s.door, err = findJanusDoor(s.options)
	} else {
		s.door, err = findGaleneDoor(ctx, s.options)
	}
	return err
}

// run goes through the scenario.
func (s *scenario) run(ctx context.Context) (*Report, error) {
	log := s.options.Logger
	if err := s.findDoor(ctx); err != nil {
		return nil, err
	}
	m := measurements{options: s.options}
	gather := s.gatherAudience
	switch s.options.Mode {
	case Meeting:
		gather = s.gatherMembers
	case Cameras:
		gather = s.gatherCameras
	default:
	}
	if err := gather(ctx, &m); err != nil {
		return nil, err
	}
	log.Info("all have joined", "mode", s.options.Mode, "subscribers", s.options.receivers()-s.options.Joiners)
	if s.options.Mode == JoinStorm {
		if err := s.storm(ctx, &m); err != nil {
			return nil, err
		}
		log.Info("the storm is over", "joiners", s.options.Joiners)
	}
	if err := sleep(ctx, s.options.Settle); err != nil {
		return nil, err
	}
	var err error
	if m.before, err = s.sample(); err != nil {
		return nil, err
	}
	log.Info("measuring", "duration", s.options.Duration)
	if err := sleep(ctx, s.options.Duration); err != nil {
		return nil, err
	}
	if m.after, err = s.sample(); err != nil {
		return nil, err
	}
	if err := sleep(ctx, coolDown); err != nil {
		return nil, err
	}
	s.stopPublishers()
	if err := sleep(ctx, coolDown); err != nil {
		return nil, err
	}
	if m.last, err = s.sample(); err != nil {
		return nil, err
	}
	m.joins, m.stormJoins = s.joins, s.stormJoins
	return newReport(m), nil
}

// gatherAudience lets a publisher in, and then the subscribers. On the way it
// notes the server's memory when a third of them are there.
func (s *scenario) gatherAudience(ctx context.Context, m *measurements) error {
	if err := s.admit(ctx, part{sends: true}, 0); err != nil {
		return fmt.Errorf("publisher: %w", err)
	}
	if err := sleep(ctx, announceTime); err != nil {
		return err
	}
	s.options.Logger.Info("publishing", "server", s.options.Server, "group", s.options.Group)
	first := s.options.Subscribers / 3
	if err := s.admitMany(ctx, first, part{receives: true}, s.options.JoinInterval); err != nil {
		return err
	}
	var err error
	if m.third, err = s.sample(); err != nil {
		return err
	}
	return s.admitMany(ctx, s.options.Subscribers-first, part{receives: true}, s.options.JoinInterval)
}

// gatherMembers lets the members of a meeting in, one after the other.
func (s *scenario) gatherMembers(ctx context.Context, _ *measurements) error {
	for there := range s.options.Members {
		if err := s.admit(ctx, part{sends: true, receives: true}, there); err != nil {
			return fmt.Errorf("member: %w", err)
		}
		if err := sleep(ctx, max(announceTime, s.options.JoinInterval)); err != nil {
			return err
		}
	}
	// Each of them has waited for those who came before him.
	for i, m := range s.members {
		if err := m.await(ctx, s.options.Members-1-i); err != nil {
			return err
		}
	}
	return nil
}

// gatherCameras lets in those who only send, one after the other.
func (s *scenario) gatherCameras(ctx context.Context, _ *measurements) error {
	for range s.options.Members {
		if err := s.admit(ctx, part{sends: true}, 0); err != nil {
			return fmt.Errorf("camera: %w", err)
		}
		if err := sleep(ctx, s.options.JoinInterval); err != nil {
			return err
		}
	}
	return nil
}

// storm lets many in within a second.
func (s *scenario) storm(ctx context.Context, m *measurements) error {
	if err := sleep(ctx, s.options.Settle); err != nil {
		return err
	}
	var err error
	if m.beforeStorm, err = s.sample(); err != nil {
		return err
	}
	interval := stormTime / time.Duration(s.options.Joiners)
	if err := s.admitMany(ctx, s.options.Joiners, part{receives: true, late: true}, interval); err != nil {
		return err
	}
	m.afterStorm, err = s.sample()
	return err
}

// admitMany lets members in, one at each interval, and returns when all of them
// see the publisher.
func (s *scenario) admitMany(ctx context.Context, count int, p part, interval time.Duration) error {
	seeing := make(chan struct{}, count)
	ticker := time.NewTicker(max(interval, time.Nanosecond))
	defer ticker.Stop()
	for i := range count {
		if i > 0 && interval > 0 {
			select {
			case <-ticker.C:
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		s.goroutines.Go(func() {
			if err := s.admit(ctx, p, 1); err != nil {
				s.fail(fmt.Errorf("subscriber: %w", err))
			}
			seeing <- struct{}{}
		})
	}
	for range count {
		select {
		case <-seeing:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return ctx.Err()
}

// stopPublishers ends the sending.
func (s *scenario) stopPublishers() {
	for _, m := range s.everybody() {
		if m.stop != nil {
			m.stop()
		}
	}
}

// everybody returns those who have come so far.
func (s *scenario) everybody() []*member {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]*member(nil), s.members...)
}

// end closes what is open and waits for it; the context has ended.
func (s *scenario) end() {
	s.goroutines.Wait()
	for _, m := range s.members {
		m.close()
	}
}

// sleep waits, but not beyond the end of ctx.
func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
