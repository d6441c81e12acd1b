package ws_test

import (
	"context"
	"log/slog"
	"net/netip"
	"testing"
	"time"

	"galene/group/leaktest"
	"galene/rtpconn"
	"galene/rtpconn/loadtest"
	"galene/webserver/ws"
)

// mediaCall is a server with real media, where guests who know how to resume
// send and receive.
type mediaCall struct {
	*server
	ctx       context.Context
	generator *loadtest.Generator
	// offer is that of the last publisher.
	offer string
}

func newMediaCall(t *testing.T) *mediaCall {
	t.Helper()
	return newMediaCallWith(t, rtpconn.ICETimeouts{})
}

// newMediaCallWith also says when the server gives silent peers up.
func newMediaCallWith(t *testing.T, timeouts rtpconn.ICETimeouts) *mediaCall {
	t.Helper()
	engine, err := rtpconn.NewEngine(rtpconn.Options{
		Addresses: []netip.Addr{netip.MustParseAddr("127.0.0.1")}, ICE: timeouts, Logger: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := engine.Close(); err != nil {
			t.Error(err)
		}
	})
	generator, err := loadtest.New(loadtest.Options{Bitrate: 200_000})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	t.Cleanup(cancel)
	s := newServerOf(t, nil, map[string]string{"g": open}, ws.Options{Engine: ws.MediaEngine{Engine: engine}, Grace: time.Hour})
	return &mediaCall{server: s, ctx: ctx, generator: generator}
}

// publish has a guest send a stream until the test ends or stop is called.
func (k *mediaCall) publish(g *guest, id string) (p *loadtest.Publisher, stop func()) {
	k.t.Helper()
	p, err := k.generator.NewPublisher()
	k.check(err)
	k.t.Cleanup(func() { k.check(p.Close()) })
	offer, err := p.Offer(k.ctx)
	k.check(err)
	k.offer = offer
	g.Send(message{"type": "offer", "id": id, "label": "camera", "sdp": offer})
	k.check(p.Answer(g.expect(message{"type": "answer", "id": id})["sdp"].(string)))
	sending, cancel := context.WithCancel(k.ctx)
	ended := make(chan error, 1)
	go func() { ended <- p.Run(sending) }()
	stopped := false
	stop = func() {
		if !stopped {
			stopped = true
			cancel()
			k.check(<-ended)
		}
	}
	k.t.Cleanup(stop)
	return p, stop
}

// watch has a guest receive a stream that he is about to be offered.
func (k *mediaCall) watch(g *guest, id string) *loadtest.Subscriber {
	k.t.Helper()
	s, err := k.generator.NewSubscriber()
	k.check(err)
	k.t.Cleanup(func() { k.check(s.Close()) })
	answer, err := s.Answer(k.ctx, g.expect(message{"type": "offer", "id": id})["sdp"].(string))
	k.check(err)
	g.Send(message{"type": "answer", "id": id, "sdp": answer})
	k.await(s.Video())
	return s
}

// show has one guest watch the camera of another, who has just met, until the test ends
// or stop is called.
func (k *mediaCall) show(sender, viewer *guest, id string) (stream *loadtest.Subscriber, stop func()) {
	k.t.Helper()
	sender.await(message{"type": "user", "kind": "add", "id": viewer.ID})
	viewer.await(message{"type": "user", "kind": "add", "id": sender.ID})
	viewer.Send(message{"type": "request", "request": message{"camera": []string{"audio", "video"}}})
	_, stop = k.publish(sender, id)
	return k.watch(viewer, id), stop
}

// flow waits until so many more packets have come.
func (k *mediaCall) flow(s *loadtest.Subscriber, packets uint64) {
	k.t.Helper()
	target := s.Stats().Packets + packets
	k.until(func() bool { return s.Stats().Packets >= target })
}

func (k *mediaCall) until(condition func() bool) {
	k.t.Helper()
	ticker := time.NewTicker(10 * time.Millisecond)
	defer ticker.Stop()
	for !condition() {
		select {
		case <-ticker.C:
		case <-k.ctx.Done():
			k.t.Fatal("waited in vain")
		}
	}
}

func (k *mediaCall) await(c <-chan struct{}) {
	k.t.Helper()
	select {
	case <-c:
	case <-k.ctx.Done():
		k.t.Fatal("waited in vain")
	}
}

func (k *mediaCall) check(err error) {
	k.t.Helper()
	if err != nil {
		k.t.Fatal(err)
	}
}

// gapless checks that everything came, in one piece, that was sent until now. Of what a
// busy machine loses, sound is sent more than once unasked, and a picture three times at the most
// when it is asked for.
func (k *mediaCall) gapless(s *loadtest.Subscriber) {
	k.t.Helper()
	k.until(func() bool { return s.Stats().Missing == 0 })
	if stats := s.Stats(); stats.Restarts != 0 || stats.VideoDuplicates > 3*stats.VideoAsked {
		k.t.Errorf("the stream had a break: %+v", stats)
	}
}

// TestMediaFlowsWhileSocketsAreCut cuts the sockets of both sides for some time.
func TestMediaFlowsWhileSocketsAreCut(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	k := newMediaCall(t)
	sender := k.seat("guest", "guest")
	viewer := k.seat("x", "")
	stream, stop := k.show(sender, viewer, "s")
	k.flow(stream, 20)
	sender.Drop()
	k.flow(stream, 100)
	sender.resume(2)
	viewer.Drop()
	k.flow(stream, 100)
	viewer.resume(3)
	sender.Drop()
	viewer.Drop()
	k.flow(stream, 100)
	viewer.resume(3)
	sender.resume(2)
	k.flow(stream, 20)
	stop()
	k.gapless(stream)
	// Nothing was negotiated again, and nobody has heard of anything.
	for _, g := range []*guest{sender, viewer} {
		g.Send(message{"type": "ping"})
		g.Expect(message{"type": "pong"})
	}
	sender.Send(message{"type": "close", "id": "s"})
	viewer.expect(message{"type": "close", "id": "s"})
}
