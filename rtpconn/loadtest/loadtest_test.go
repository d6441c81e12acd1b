package loadtest

import (
	"context"
	"log/slog"
	"net/netip"
	"testing"
	"time"

	"galene/group/leaktest"
	"galene/group/media"
	"galene/rtpconn"
)

// patience is more than anything here takes.
const patience = time.Minute

func testEngine(t *testing.T) *rtpconn.Engine {
	t.Helper()
	return startEngine(t, rtpconn.Options{})
}

// startEngine starts an engine on the loopback interface.
func startEngine(t *testing.T, o rtpconn.Options) *rtpconn.Engine {
	t.Helper()
	o.Addresses, o.Logger = []netip.Addr{netip.MustParseAddr("127.0.0.1")}, slog.New(slog.DiscardHandler)
	engine, err := rtpconn.NewEngine(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := engine.Close(); err != nil {
			t.Error(err)
		}
	})
	return engine
}

// publish connects a publisher to the engine and lets it send until stop is
// called, which returns once nothing more is sent.
func publish(ctx context.Context, t *testing.T, engine *rtpconn.Engine, g *Generator) (p *Publisher, up *rtpconn.UpConn, stop func()) {
	t.Helper()
	codecs, _ := media.CodecsByName([]string{"vp8", "vp9", "opus"})
	tracks := make(chan struct{}, 16)
	up, err := engine.NewUpConn(rtpconn.UpOptions{
		ID: "stream", Label: "camera", OwnerID: "owner", Codecs: codecs, OnTracks: func() { tracks <- struct{}{} },
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(up.Close)
	p, err = g.NewPublisher()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { check(t, p.Close()) })
	offer, err := p.Offer(ctx)
	check(t, err)
	answer, err := up.Offer(offer)
	check(t, err)
	check(t, p.Answer(answer))
	sending, cancel := context.WithCancel(ctx)
	ended := make(chan error, 1)
	go func() { ended <- p.Run(sending) }()
	stop = func() {
		cancel()
		check(t, <-ended)
	}
	wanted := 2
	if g.options.Video == NoVideo {
		wanted = 1
	}
	for len(up.Tracks()) < wanted {
		receive(ctx, t, tracks)
	}
	return p, up, stop
}

// subscribe connects a subscriber to what is published.
func subscribe(ctx context.Context, t *testing.T, engine *rtpconn.Engine, g *Generator, up *rtpconn.UpConn) *Subscriber {
	t.Helper()
	return subscribeTo(ctx, t, engine, g, up, "audio", "video")
}

// subscribeTo does the same with the words of a request.
func subscribeTo(ctx context.Context, t *testing.T, engine *rtpconn.Engine, g *Generator, up *rtpconn.UpConn, words ...string) *Subscriber {
	t.Helper()
	s, err := g.NewSubscriber()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { check(t, s.Close()) })
	down, err := engine.NewDownConn(up, rtpconn.DownOptions{})
	check(t, err)
	t.Cleanup(down.Close)
	_, err = down.SetTracks(media.Select(words, up.Tracks()))
	check(t, err)
	offer, err := down.Offer(false)
	check(t, err)
	answer, err := s.Answer(ctx, offer)
	check(t, err)
	check(t, down.Answer(answer))
	return s
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func receive(ctx context.Context, t *testing.T, c <-chan struct{}) {
	t.Helper()
	select {
	case <-c:
	case <-ctx.Done():
		t.Fatal("waited in vain")
	}
}

// until waits for a condition that comes about by itself.
func until(ctx context.Context, t *testing.T, condition func() bool) {
	t.Helper()
	ticker := time.NewTicker(10 * time.Millisecond)
	defer ticker.Stop()
	for !condition() {
		select {
		case <-ticker.C:
		case <-ctx.Done():
			t.Fatal("waited in vain")
		}
	}
}

func TestSubscribersGetAndCountEverything(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	for _, profile := range []Profile{AES128GCM, AES128CMSHA80} {
		t.Run(string(profile), func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithTimeout(t.Context(), patience)
			defer cancel()
			engine := testEngine(t)
			g, err := New(Options{Bitrate: 1_000_000, Profile: profile})
			check(t, err)
			p, up, stop := publish(ctx, t, engine, g)
			subscribers := []*Subscriber{subscribe(ctx, t, engine, g, up), subscribe(ctx, t, engine, g, up)}
			for _, s := range subscribers {
				receive(ctx, t, s.Video())
			}
			// About two seconds' worth: 30 frames of four packets and 50
			// packets of audio a second.
			const enough = 2 * (30*4 + 50)
			for _, s := range subscribers {
				until(ctx, t, func() bool { return s.Stats().Packets >= enough })
			}
			stop()
			for _, s := range subscribers {
				until(ctx, t, func() bool { return s.Stats().Missing == 0 })
				stats := s.Stats()
				if stats.Packets > p.Stats().Packets+stats.Duplicates || stats.Restarts != 0 {
					t.Errorf("of %d packets: %d received, %d of them again, %d restarts", p.Stats().Packets, stats.Packets, stats.Duplicates, stats.Restarts)
				}
				if stats.Delays.Count() != stats.Packets-stats.Duplicates {
					t.Errorf("%d delays of %d packets, %d of them again", stats.Delays.Count(), stats.Packets, stats.Duplicates)
				}
			}
			if keyframes := p.Stats().Keyframes; keyframes == 0 {
				t.Error("no key frames")
			}
		})
	}
}

// Every kind of video comes through with its layers told apart, without a gap
// in what a subscriber sees.
func TestEveryKindOfVideoIsForwarded(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	for kind, encodings := range map[Video]int{VP9SVC: 1, Simulcast: 3, NoVideo: 0} {
		t.Run(string(kind), func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithTimeout(t.Context(), patience)
			defer cancel()
			engine := testEngine(t)
			g, err := New(Options{Bitrate: 300_000, Video: kind})
			check(t, err)
			_, up, stop := publish(ctx, t, engine, g)
			s := subscribe(ctx, t, engine, g, up)
			receive(ctx, t, s.Video())
			until(ctx, t, func() bool { return s.Stats().Packets >= 200 })
			seen := 0
			for _, c := range engine.Stats() {
				for _, track := range c.Tracks {
					if !c.Down && track.Kind == media.Video {
						seen = len(track.Encodings)
					}
				}
			}
			if seen != encodings {
				t.Errorf("the server sees %d encodings, not %d", seen, encodings)
			}
			stop()
			until(ctx, t, func() bool { return s.Stats().Missing == 0 })
			if stats := s.Stats(); stats.Restarts != 0 {
				t.Errorf("%d restarts", stats.Restarts)
			}
		})
	}
}

func TestPublishersNeedABitrateAndAKnownProfile(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	for _, o := range []Options{{Bitrate: minBitrate - 1}, {Bitrate: minBitrate, Profile: "NULL"}, {Bitrate: minBitrate, Video: "h261"}} {
		if _, err := New(o); err == nil {
			t.Errorf("%+v was taken", o)
		}
	}
}

func TestNothingIsSentWithoutAConnection(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	g, err := New(Options{Bitrate: minBitrate})
	check(t, err)
	p, err := g.NewPublisher()
	check(t, err)
	ended := make(chan error, 1)
	go func() { ended <- p.Run(t.Context()) }()
	check(t, p.Close())
	if err := <-ended; err == nil {
		t.Error("ran without a connection")
	}
	if n := p.Stats().Packets; n != 0 {
		t.Errorf("%d packets sent", n)
	}
}
