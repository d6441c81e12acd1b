package rtpconn

import (
	"fmt"
	"net"
	"net/netip"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"

	"galene/group/leaktest"
	"galene/group/media"
)

func TestGroupsAreServedByWorkersOfTheirOwn(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	const groups = 3
	e := startEngine(t, Options{
		Addresses: []netip.Addr{netip.MustParseAddr("127.0.0.1")}, Workers: groups, Logger: quiet,
	})
	if len(e.workers) == 1 {
		t.Skip("this system cannot deal senders out")
	}
	for _, w := range e.workers {
		w.do(func() { w.laneLines, w.shareWork = 1, 1 })
	}
	used := make(map[*worker]bool)
	var subscribers []*subscriber
	for g := range groups {
		o := peerOptions{group: fmt.Sprint("group ", g)}
		// Two publishers of a group, whose packets may arrive at two sockets.
		for i := range 2 {
			video := testTrack(t, media.Video)
			p := publish(t, e, o, fmt.Sprint("stream ", i), video)
			keepSending(t, video)
			receive(t, p.tracks, "the track")
			used[p.up.worker] = true
			for range 2 {
				s := subscribe(t, e, o, p.up, "video")
				if s.down.worker != p.up.worker {
					t.Error("a subscriber has another worker than the publisher")
				}
				subscribers = append(subscribers, s)
			}
		}
	}
	if len(used) != groups {
		t.Errorf("%d workers have the %d groups", len(used), groups)
	}
	for _, s := range subscribers {
		remote := s.track(t)
		for range 20 {
			arrives(t, remote)
		}
	}
	traffic := e.Traffic()
	if traffic.Ups != 2*groups || traffic.Downs != 4*groups || traffic.PacketsSent < 20*4*groups {
		t.Errorf("%+v", traffic)
	}
	if n := len(e.Stats()); n != 6*groups {
		t.Errorf("statistics of %d connections", n)
	}
}

func TestPlayerGetsNothingOfAnotherGroup(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	e := testEngine(t)
	codecs, _ := media.CodecsByName(nil)
	up, err := e.NewUpConn(UpOptions{ID: "stream", Group: "one", Codecs: codecs, OnTracks: func() {}})
	if err != nil {
		t.Fatal(err)
	}
	defer up.Close()
	p, err := e.NewPlayConn(PlayOptions{DownOptions: DownOptions{Group: "other"}, Codecs: codecs})
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	if p.Play(up) == nil {
		t.Error("it does")
	}
}

// BenchmarkGroupsAtOnce has two publishers of two groups send at once, each to
// 100 subscribers who do not look: what one worker forwards, and what two do.
func BenchmarkGroupsAtOnce(b *testing.B) {
	benchmarkWorkers(b, func(e *Engine) (publishers []*bench) {
		for g := range 2 {
			publishers = append(publishers, deafCall(b, e, e.workers[g%len(e.workers)], 100))
		}
		return publishers
	})
}

// BenchmarkLargeGroup has one publisher send to 300 subscribers who do not look.
func BenchmarkLargeGroup(b *testing.B) {
	benchmarkWorkers(b, func(e *Engine) []*bench { return []*bench{deafCall(b, e, e.workers[0], 300)} })
}

// benchmarkWorkers has publishers send at once, with one worker and with two.
func benchmarkWorkers(b *testing.B, prepare func(*Engine) []*bench) {
	for workers := 1; workers <= 2; workers++ {
		b.Run(fmt.Sprint(workers), func(b *testing.B) {
			if runtime.GOMAXPROCS(0) < workers {
				b.Skip("there are too few processors")
			}
			e, err := NewEngine(Options{
				Addresses: []netip.Addr{netip.MustParseAddr("127.0.0.1")}, Workers: workers, Logger: quiet,
			})
			if err != nil {
				b.Fatal(err)
			}
			defer e.Close()
			publishers := prepare(e)
			var left atomic.Int64
			left.Store(int64(b.N))
			var sending sync.WaitGroup
			b.ResetTimer()
			for _, p := range publishers {
				sending.Go(func() {
					for left.Add(-1) >= 0 {
						p.send(b)
					}
				})
			}
			sending.Wait()
			subscribers := len(publishers[0].up.sources[0].rows)
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*subscribers), "ns/packet")
		})
	}
}

// deafCall is a publisher and subscribers at addresses where nobody reads: what
// is sent to them is dropped as soon as a buffer is full.
func deafCall(b *testing.B, e *Engine, w *worker, subscribers int) *bench {
	b.Helper()
	p := newBenchOn(b, w, e, benchSection, 1100)
	for i := range subscribers {
		deaf, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
		if err != nil {
			b.Fatal(err)
		}
		b.Cleanup(func() { deaf.Close() })
		p.subscribeAt(b, p.up.sources[0], deaf.LocalAddr().(*net.UDPAddr).AddrPort(), uint16(1000+i))
	}
	return p
}
