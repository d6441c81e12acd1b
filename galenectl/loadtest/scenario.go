package loadtest

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"time"

	"galene/rtpconn/loadtest"
)

const (
	// setupTime is what each member has, on average, to come in, and coming in
	// has at least.
	setupTime    = time.Second
	minSetupTime = 30 * time.Second
	// announceTime is how long a publisher sends before others are let in: more
	// than a server takes to see what is in a stream (200 ms), which would be
	// counted as the time that it takes to join.
	announceTime = 300 * time.Millisecond
	// coolDown is how much longer than measured the publisher sends, so that
	// the last losses show, and then again how much time there is to repair
	// them: more than the ten requests of a subscriber take.
	coolDown = time.Second
)

// Options say what to put load on, and how.
type Options struct {
	// Server is the server's URL. No other is talked to; media go where the
	// session descriptions of this one say.
	Server string
	// Insecure accepts any certificate.
	Insecure bool
	// Group to join, and the credentials of all members; they need the
	// permission to present.
	Group, Username, Password string
	// Subscribers is how many there are besides the publisher; at least 1.
	Subscribers int
	// JoinInterval is the time from one subscriber's coming to the next one's.
	JoinInterval time.Duration
	// Bitrate of the video in bits/s.
	Bitrate int
	// Profile is how media are protected.
	Profile loadtest.Profile
	// Settle is how long nothing is measured after the last one has come, and
	// Duration how long it is then.
	Settle, Duration time.Duration
	// PID is the server's process, if it is on this machine; else 0, and CPU
	// time and memory are not told.
	PID int
	// Logger hears of progress; nil means that nobody does.
	Logger *slog.Logger
}

// Webinar lets one publisher send to all subscribers and reports what came of
// it. It ends by itself, with an error when a member is refused, thrown out or
// cut off, or when ctx ends.
func Webinar(ctx context.Context, o Options) (*Report, error) {
	if o.Subscribers < 1 || o.Duration <= 0 || o.Settle < 0 || o.JoinInterval < 0 {
		return nil, errors.New("a load test needs at least one subscriber, and a time to last")
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.Profile == "" {
		o.Profile = loadtest.AES128GCM
	}
	generator, err := loadtest.New(loadtest.Options{Profile: o.Profile, Bitrate: o.Bitrate})
	if err != nil {
		return nil, err
	}
	setup := max(minSetupTime, time.Duration(o.Subscribers)*(setupTime+o.JoinInterval))
	ctx, stop := context.WithTimeoutCause(ctx, setup+announceTime+o.Settle+o.Duration+2*coolDown, errors.New("the load test takes too long"))
	defer stop()
	ctx, fail := context.WithCancelCause(ctx)
	w := &webinar{options: o, generator: generator, fail: fail, stream: newID()}
	report, err := w.run(ctx)
	if err != nil && ctx.Err() != nil {
		err = context.Cause(ctx) // what failed first
	}
	fail(nil)
	w.end()
	return report, err
}

// webinar is a running scenario.
type webinar struct {
	options   Options
	generator *loadtest.Generator
	door      *door
	stream    string
	// fail ends the scenario.
	fail func(error)
	// goroutines end with the context.
	goroutines sync.WaitGroup

	publisher *publisher
	// mu guards audience and joins.
	mu       sync.Mutex
	audience []*subscriber
	joins    []time.Duration
}

// run goes through the scenario.
func (w *webinar) run(ctx context.Context) (*Report, error) {
	log := w.options.Logger
	var err error
	if w.door, err = findDoor(ctx, w.options); err != nil {
		return nil, err
	}
	if err := w.openPublisher(ctx); err != nil {
		return nil, fmt.Errorf("publisher: %w", err)
	}
	if err := sleep(ctx, announceTime); err != nil {
		return nil, err
	}
	log.Info("publishing", "server", w.options.Server, "group", w.options.Group)
	if err := w.gather(ctx); err != nil {
		return nil, err
	}
	log.Info("all have joined", "subscribers", w.options.Subscribers)
	if err := sleep(ctx, w.options.Settle); err != nil {
		return nil, err
	}
	before, err := w.sample()
	if err != nil {
		return nil, err
	}
	log.Info("measuring", "duration", w.options.Duration)
	if err := sleep(ctx, w.options.Duration); err != nil {
		return nil, err
	}
	after, err := w.sample()
	if err != nil {
		return nil, err
	}
	if err := sleep(ctx, coolDown); err != nil {
		return nil, err
	}
	w.publisher.stop()
	if err := sleep(ctx, coolDown); err != nil {
		return nil, err
	}
	last, err := w.sample()
	if err != nil {
		return nil, err
	}
	return newReport(w.options, before, after, last, w.joins), nil
}

// gather lets the subscribers in and returns when all of them see video.
func (w *webinar) gather(ctx context.Context) error {
	seeing := make(chan struct{}, w.options.Subscribers)
	for i := range w.options.Subscribers {
		if i > 0 {
			if err := sleep(ctx, w.options.JoinInterval); err != nil {
				return err
			}
		}
		w.goroutines.Go(func() {
			if err := w.openSubscriber(ctx); err != nil {
				w.fail(fmt.Errorf("subscriber: %w", err))
			}
			seeing <- struct{}{}
		})
	}
	for range w.options.Subscribers {
		select {
		case <-seeing:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return ctx.Err()
}

// media sums up what all subscribers have seen.
func (w *webinar) media() loadtest.SubscriberStats {
	w.mu.Lock()
	defer w.mu.Unlock()
	var sum loadtest.SubscriberStats
	for _, s := range w.audience {
		sum.Add(s.media.Stats())
	}
	return sum
}

// sample is the state of everything at one time.
type sample struct {
	time      time.Time
	published loadtest.PublisherStats
	received  loadtest.SubscriberStats
	// server and generator are CPU times, memory is the server's in bytes;
	// unless the process is known they are 0.
	server, generator time.Duration
	memory            uint64
}

func (w *webinar) sample() (sample, error) {
	s := sample{published: w.publisher.media.Stats(), received: w.media(), time: time.Now()}
	if w.options.PID == 0 {
		return s, nil
	}
	server := process(w.options.PID)
	var err1, err2, err3 error
	s.server, err1 = server.cpu()
	s.memory, err2 = server.memory()
	s.generator, err3 = process(os.Getpid()).cpu()
	return s, errors.Join(err1, err2, err3)
}

// end closes what is open and waits for it; the context has ended.
func (w *webinar) end() {
	w.goroutines.Wait()
	for _, s := range w.audience {
		s.close()
	}
	if w.publisher != nil {
		w.publisher.close()
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
