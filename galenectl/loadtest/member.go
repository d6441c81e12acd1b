package loadtest

import (
	"context"
	"errors"
	"fmt"
	"time"

	"galene/rtpconn/loadtest"
)

// errClosed is returned when the server ends a stream that nobody else has
// ended.
var errClosed = errors.New("the server has closed the stream")

// publisher is the member who sends.
type publisher struct {
	*member
	media *loadtest.Publisher
	// stop ends the sending.
	stop context.CancelFunc
}

// openPublisher joins, offers the stream, and returns when it is being sent.
func (w *webinar) openPublisher(ctx context.Context) error {
	m, err := w.door.enter(ctx)
	if err != nil {
		return err
	}
	media, err := w.generator.NewPublisher()
	if err != nil {
		m.leave()
		return err
	}
	sending, stop := context.WithCancel(ctx)
	p := &publisher{member: m, media: media, stop: stop}
	w.publisher = p
	sdp, err := media.Offer(ctx)
	if err != nil {
		return err
	}
	if err := m.send(message{Type: "offer", ID: w.stream, Label: "camera", SDP: sdp}); err != nil {
		return err
	}
	answered := false
	for !answered {
		received, err := m.next()
		if err == nil {
			answered, err = p.handle(received, w.stream)
		}
		if err != nil {
			return err
		}
	}
	w.goroutines.Go(func() {
		if err := media.Run(sending); err != nil {
			w.fail(fmt.Errorf("publisher: %w", err))
		}
	})
	w.listen(ctx, m, func(received message) error {
		_, err := p.handle(received, w.stream)
		return err
	})
	select {
	case <-media.Connected():
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// handle acts on a message about the publisher's stream.
func (p *publisher) handle(m message, stream string) (answered bool, err error) {
	if m.ID != stream {
		return false, nil
	}
	switch m.Type {
	case "answer":
		return true, p.media.Answer(m.SDP)
	case "ice":
		if m.Candidate != nil {
			return false, p.media.AddCandidate(*m.Candidate)
		}
	case "abort":
		// The reason follows, and next makes an error of it.
		if _, err := p.next(); err != nil {
			return false, err
		}
		return false, errClosed
	case "renegotiate":
		return false, loadtest.ErrDisconnected
	}
	return false, nil
}

func (p *publisher) close() {
	p.stop()
	p.leave()
	_ = p.media.Close() // all is over
}

// subscriber is a member who receives.
type subscriber struct {
	*member
	media *loadtest.Subscriber
}

// openSubscriber joins, asks for everything, and returns when video arrives.
func (w *webinar) openSubscriber(ctx context.Context) error {
	start := time.Now()
	m, err := w.door.enter(ctx)
	if err != nil {
		return err
	}
	media, err := w.generator.NewSubscriber()
	if err != nil {
		m.leave()
		return err
	}
	s := &subscriber{member: m, media: media}
	w.mu.Lock()
	w.audience = append(w.audience, s)
	w.mu.Unlock()
	if err := m.send(message{Type: "request", Request: map[string][]string{"": {"audio", "video"}}}); err != nil {
		return err
	}
	w.listen(ctx, m, func(received message) error { return s.handle(ctx, received, w.stream) })
	select {
	case <-media.Video():
	case <-media.Failed():
		return loadtest.ErrDisconnected
	case <-ctx.Done():
		return ctx.Err()
	}
	w.mu.Lock()
	w.joins = append(w.joins, time.Since(start))
	w.mu.Unlock()
	w.goroutines.Go(func() {
		select {
		case <-media.Failed():
			w.fail(fmt.Errorf("subscriber: %w", loadtest.ErrDisconnected))
		case <-ctx.Done():
		}
	})
	return nil
}

// handle acts on a message to a subscriber. Streams that are not the
// publisher's are refused.
func (s *subscriber) handle(ctx context.Context, m message, stream string) error {
	if m.ID != stream {
		if m.Type == "offer" {
			return s.send(message{Type: "abort", ID: m.ID})
		}
		return nil
	}
	switch m.Type {
	case "offer":
		answer, err := s.media.Answer(ctx, m.SDP)
		if err != nil {
			return err
		}
		return s.send(message{Type: "answer", ID: m.ID, SDP: answer})
	case "ice":
		if m.Candidate != nil {
			return s.media.AddCandidate(*m.Candidate)
		}
	case "close":
		return errClosed
	}
	return nil
}

func (s *subscriber) close() {
	s.leave()
	_ = s.media.Close() // all is over
}

// listen hands a member's messages to handle until ctx ends; what goes wrong
// before ends the scenario.
func (w *webinar) listen(ctx context.Context, m *member, handle func(message) error) {
	w.goroutines.Go(func() {
		for {
			received, err := m.next()
			if err == nil {
				err = handle(received)
			}
			if err != nil {
				if ctx.Err() == nil {
					w.fail(fmt.Errorf("client %s: %w", m.id, err))
				}
				return
			}
		}
	})
}
