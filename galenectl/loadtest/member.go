package loadtest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"galene/rtpconn/loadtest"
)

// errClosed is returned when the server ends a stream that nobody else has
// ended.
var errClosed = errors.New("the server has closed the stream")

// part is what a member does.
type part struct {
	sends, receives bool
	// late members come in the storm.
	late bool
}

// member is somebody in the group.
type member struct {
	seat
	scenario *scenario
	part     part
	// arrived gets a token for each stream of which a picture has come.
	arrived chan struct{}
	// answered gets a token when the member's offer has been answered.
	answered chan struct{}

	// publisher is nil unless the member sends, which stop ends. Both are set
	// before anything is said about the stream.
	publisher *loadtest.Publisher
	stop      context.CancelFunc

	// mu guards subscribers, one for each stream.
	mu          sync.Mutex
	subscribers map[string]*loadtest.Subscriber
}

// admit lets a member in and returns when pictures of as many streams come as
// are there already, and the own one is being sent.
func (s *scenario) admit(ctx context.Context, p part, streams int) error {
	start := time.Now()
	seat, err := s.door.enter(ctx)
	if err != nil {
		return err
	}
	m := &member{
		seat: seat, scenario: s, part: p,
		arrived: make(chan struct{}, s.options.publishers()), answered: make(chan struct{}, 1),
		subscribers: make(map[string]*loadtest.Subscriber),
	}
	if p.sends {
		err = m.prepare()
	}
	s.mu.Lock()
	s.members = append(s.members, m)
	s.streams[seat.stream()] = p.sends
	s.mu.Unlock()
	if err != nil {
		return err
	}
	s.goroutines.Go(func() { m.listen(ctx) })
	if p.receives {
		if err := m.subscribe(); err != nil {
			return err
		}
	}
	if p.sends {
		if err := m.send(ctx); err != nil {
			return err
		}
	}
	if err := m.await(ctx, streams); err != nil || streams == 0 {
		return err
	}
	took := time.Since(start)
	s.mu.Lock()
	defer s.mu.Unlock()
	if p.late {
		s.stormJoins = append(s.stormJoins, took)
	} else {
		s.joins = append(s.joins, took)
	}
	return nil
}

// prepare makes what the member sends by.
func (m *member) prepare() error {
	var err error
	m.publisher, err = m.scenario.generator.NewPublisher()
	return err
}

// send offers the member's stream and returns when it is being sent, which ends
// with ctx.
func (m *member) send(ctx context.Context) error {
	sdp, err := m.publisher.Offer(ctx)
	if err != nil {
		return err
	}
	if err := m.publish(sdp); err != nil {
		return err
	}
	select {
	case <-m.answered:
	case <-ctx.Done():
		return ctx.Err()
	}
	sending, stop := context.WithCancel(ctx)
	m.stop = stop
	m.scenario.goroutines.Go(func() {
		if err := m.publisher.Run(sending); err != nil {
			m.scenario.fail(fmt.Errorf("publisher: %w", err))
		}
	})
	select {
	case <-m.publisher.Connected():
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// await waits until pictures of so many more streams have come.
func (m *member) await(ctx context.Context, streams int) error {
	for range streams {
		select {
		case <-m.arrived:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

// listen acts on what the server says until ctx ends; what goes wrong before
// ends the scenario.
func (m *member) listen(ctx context.Context) {
	for {
		e, err := m.next()
		if err == nil {
			err = m.handle(ctx, e)
		}
		if err != nil {
			if ctx.Err() == nil {
				m.scenario.fail(fmt.Errorf("client %s: %w", m.name(), err))
			}
			return
		}
	}
}

// handle acts on an event. Streams that nobody here publishes are refused.
func (m *member) handle(ctx context.Context, e event) error {
	if e.kind == ignored {
		return nil
	}
	if e.stream == m.stream() {
		return m.handleOwn(e)
	}
	m.scenario.mu.Lock()
	ours := m.scenario.streams[e.stream]
	m.scenario.mu.Unlock()
	switch {
	case e.kind == offered && !ours:
		return m.refuse(e.stream)
	case !ours:
		return nil
	case e.kind == offered:
		subscriber, err := m.subscriber(ctx, e.stream)
		if err != nil {
			return err
		}
		sdp, err := subscriber.Answer(ctx, e.sdp)
		if err != nil {
			return err
		}
		return m.answer(e.stream, sdp)
	case e.kind == candidate:
		if subscriber := m.subscribers[e.stream]; subscriber != nil {
			return subscriber.AddCandidate(*e.candidate)
		}
	case e.kind == closed:
		return errClosed
	}
	return nil
}

// handleOwn acts on an event about the stream that the member publishes.
func (m *member) handleOwn(e event) error {
	switch {
	case m.publisher == nil:
	case e.kind == answered:
		if err := m.publisher.Answer(e.sdp); err != nil {
			return err
		}
		select {
		case m.answered <- struct{}{}:
		default: // there is one offer, and this is not its first answer
		}
	case e.kind == candidate:
		return m.publisher.AddCandidate(*e.candidate)
	case e.kind == closed:
		return errClosed
	case e.kind == restart:
		return loadtest.ErrDisconnected
	}
	return nil
}

// subscriber returns the one of a stream, a new one if it is not known yet.
func (m *member) subscriber(ctx context.Context, stream string) (*loadtest.Subscriber, error) {
	if s := m.subscribers[stream]; s != nil { // only this goroutine writes
		return s, nil
	}
	s, err := m.scenario.generator.NewSubscriber()
	if err != nil {
		return nil, err
	}
	m.mu.Lock()
	m.subscribers[stream] = s
	m.mu.Unlock()
	m.scenario.goroutines.Go(func() {
		select {
		case <-s.Video():
			m.arrived <- struct{}{} // has room for all streams
		case <-s.Failed():
		case <-ctx.Done():
			return
		}
		select {
		case <-s.Failed():
			m.scenario.fail(fmt.Errorf("subscriber: %w", loadtest.ErrDisconnected))
		case <-ctx.Done():
		}
	})
	return s, nil
}

// received sums up what the member has seen.
func (m *member) received() loadtest.SubscriberStats {
	m.mu.Lock()
	defer m.mu.Unlock()
	var sum loadtest.SubscriberStats
	for _, s := range m.subscribers {
		sum.Add(s.Stats())
	}
	return sum
}

// close ends everything; the scenario is over.
func (m *member) close() {
	if m.stop != nil {
		m.stop()
	}
	m.leave()
	if m.publisher != nil {
		_ = m.publisher.Close() // all is over
	}
	for _, s := range m.subscribers {
		_ = s.Close() // all is over
	}
}
