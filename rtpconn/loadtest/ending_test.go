package loadtest

import (
	"context"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"galene/group/leaktest"
	"galene/group/media"
	"galene/rtpconn"
)

// pause waits for up to so many microseconds.
func pause(microseconds int) { time.Sleep(time.Duration(rand.IntN(microseconds)) * time.Microsecond) }

// candidates gives a connection some of a client that nobody can reach, one by a
// name that nobody knows.
func candidates(add func(rtpconn.Candidate)) {
	for _, address := range []string{"nobody.local", "127.0.0.1"} {
		pause(5000)
		add(rtpconn.Candidate{Candidate: "candidate:1 1 udp 2130706431 " + address + " 9 typ host"})
	}
}

// TestConnectionsMayEndAtAnyMoment closes both sides while they find each other.
// What may go wrong is a data race, or a goroutine that stays.
func TestConnectionsMayEndAtAnyMoment(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	const rounds, longest = 40, 30_000
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	engine := startEngine(t, rtpconn.Options{ResolveMDNS: true})
	g, err := New(Options{Bitrate: 200_000, Video: Simulcast})
	check(t, err)
	codecs, _ := media.CodecsByName([]string{"vp8", "opus"})
	_, lasting, stop := publish(ctx, t, engine, g)
	defer stop()

	publishing := func() {
		up, err := engine.NewUpConn(rtpconn.UpOptions{ID: "short", Codecs: codecs})
		if err != nil {
			t.Error(err)
			return
		}
		p, err := g.NewPublisher()
		if err != nil {
			t.Error(err)
			return
		}
		var all sync.WaitGroup
		all.Go(func() {
			for range 3 {
				offer, err := p.Restart(ctx)
				if err != nil {
					return // closed
				}
				if answer, err := up.Offer(offer); err != nil || p.Answer(answer) != nil {
					return
				}
				pause(longest / 2)
			}
		})
		all.Go(func() { candidates(up.AddCandidate) })
		all.Go(func() { pause(longest); up.Close() })
		all.Go(func() {
			pause(longest)
			if err := p.Close(); err != nil {
				t.Error(err)
			}
		})
		all.Wait()
	}
	subscribing := func() {
		down, err := engine.NewDownConn(lasting, rtpconn.DownOptions{})
		if err != nil {
			t.Error(err)
			return
		}
		s, err := g.NewSubscriber()
		if err != nil {
			t.Error(err)
			return
		}
		var all sync.WaitGroup
		all.Go(func() {
			for i := range 3 {
				if _, err := down.SetTracks(media.Select([]string{"audio", "video"}, lasting.Tracks())); err != nil {
					return
				}
				offer, err := down.Offer(i > 0)
				if err != nil {
					return
				}
				if answer, err := s.Answer(ctx, offer); err != nil || down.Answer(answer) != nil {
					return
				}
				pause(longest / 2)
			}
		})
		all.Go(func() { candidates(down.AddCandidate) })
		all.Go(func() { pause(longest); down.Close() })
		all.Go(func() {
			pause(longest)
			if err := s.Close(); err != nil {
				t.Error(err)
			}
		})
		all.Wait()
	}
	for name, round := range map[string]func(){"publishing": publishing, "subscribing": subscribing} {
		t.Run(name, func(t *testing.T) {
			for range rounds {
				round()
			}
		})
	}
}
