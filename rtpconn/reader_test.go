package rtpconn

import (
	"encoding/binary"
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
	const groups, subscribers = 2, 100
	for workers := 1; workers <= groups; workers++ {
		b.Run(fmt.Sprint(workers), func(b *testing.B) {
			if runtime.GOMAXPROCS(0) < groups {
				b.Skip("there are too few processors")
			}
			e, err := NewEngine(Options{
				Addresses: []netip.Addr{netip.MustParseAddr("127.0.0.1")}, Workers: workers, Logger: quiet,
			})
			if err != nil {
				b.Fatal(err)
			}
			defer e.Close()
			var publishers []*bench
			for g := range groups {
				// Everything sent to it is dropped as soon as its buffer is full.
				deaf, err := net.ListenUDP("udp4", &net.UDPAddr{})
				if err != nil {
					b.Fatal(err)
				}
				defer deaf.Close()
				port := uint16(deaf.LocalAddr().(*net.UDPAddr).Port)
				p := newBenchOn(b, e.workers[g%workers], e, benchSection, 1100)
				for i := range subscribers {
					address := [4]byte{127}
					binary.BigEndian.PutUint16(address[2:], uint16(1+i))
					p.subscribeAt(b, p.up.sources[0], netip.AddrPortFrom(netip.AddrFrom4(address), port), uint16(1000+i))
				}
				publishers = append(publishers, p)
			}
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
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/subscribers, "ns/packet")
		})
	}
}
