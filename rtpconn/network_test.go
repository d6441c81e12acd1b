package rtpconn

import (
	"encoding/binary"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"galene/group/leaktest"
	"galene/group/media"
	"galene/rtpconn/nack"
	"galene/rtpconn/socket"

	"github.com/pion/logging"
	"github.com/pion/transport/v2/vnet"
	"github.com/pion/webrtc/v3"
)

// network is a simulated network with an engine in it.
type network struct {
	engine *Engine
	router *vnet.Router
	// loss is the share of datagrams that get lost, in thousandths.
	loss atomic.Int64
	// lost and passed count them.
	lost, passed atomic.Int64
	// sent is the number of the last packet.
	sent atomic.Uint32
}

// simulation guards vnet's count of hardware addresses, which routers and machines
// take theirs from without a lock of its own.
var simulation sync.Mutex

// newNetwork makes a network whose datagrams take that long, and up to the jitter
// longer, so that they overtake each other.
func newNetwork(t *testing.T, delay, jitter time.Duration) *network {
	t.Helper()
	n := &network{}
	var err error
	simulation.Lock()
	n.router, err = vnet.NewRouter(&vnet.RouterConfig{
		CIDR: "10.9.0.0/24", MinDelay: delay, MaxJitter: jitter, LoggerFactory: logging.NewDefaultLoggerFactory(), QueueSize: 10_000,
	})
	simulation.Unlock()
	if err != nil {
		t.Fatal(err)
	}
	var mu sync.Mutex
	random := rand.New(rand.NewPCG(11, 12))
	n.router.AddChunkFilter(func(vnet.Chunk) bool {
		mu.Lock()
		defer mu.Unlock()
		if random.Int64N(1000) < n.loss.Load() {
			n.lost.Add(1)
			return false
		}
		n.passed.Add(1)
		return true
	})
	home := n.join(t, "10.9.0.1")
	if err := n.router.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := n.router.Stop(); err != nil {
			t.Error(err)
		}
	})
	conn, err := home.ListenPacket("udp4", "10.9.0.1:8443")
	if err != nil {
		t.Fatal(err)
	}
	if n.engine, err = newEngine(Options{Logger: quiet}, []socket.Socket{socket.Wrap(conn)}); err != nil {
		t.Fatal(err)
	}
	n.engine.losses, n.engine.minCache = untiring, unforgetting
	t.Cleanup(func() {
		if err := n.engine.Close(); err != nil {
			t.Error(err)
		}
	})
	return n
}

// join adds a machine.
func (n *network) join(t *testing.T, address string) *vnet.Net {
	t.Helper()
	simulation.Lock()
	machine, err := vnet.NewNet(&vnet.NetConfig{StaticIPs: []string{address}})
	simulation.Unlock()
	if err != nil {
		t.Fatal(err)
	}
	if err := n.router.AddNet(machine); err != nil {
		t.Fatal(err)
	}
	return machine
}

// untiring has everything that is lost asked for until it comes: on a machine that
// is busy with other things, a second may pass without a single answer.
var untiring = nack.Options{Deadline: time.Minute, MaxAttempts: 1000}

// unforgetting is how many packets are kept then, so that they can still come.
const unforgetting = 8192

// call brings about a call over the network, and returns what the subscriber sees
// of packets that hold their own number.
func (n *network) call(t *testing.T) *webrtc.TrackRemote {
	t.Helper()
	local := testTrack(t, media.Video)
	p := publish(t, n.engine, peerOptions{net: n.join(t, "10.9.0.2")}, "stream", local)
	n.numberedPackets(t, local)
	receive(t, p.tracks, "the track")
	return subscribe(t, n.engine, peerOptions{net: n.join(t, "10.9.0.3")}, p.up, "video").track(t)
}

// numberedPackets sends a hundred packets a second that hold their own numbers,
// until the test ends.
func (n *network) numberedPackets(t *testing.T, local *webrtc.TrackLocalStaticRTP) {
	t.Helper()
	go func() {
		ticker := time.NewTicker(10 * time.Millisecond)
		defer ticker.Stop()
		for i := uint32(0); ; i++ {
			select {
			case <-t.Context().Done():
				return
			case <-ticker.C:
			}
			n.sent.Store(i)
			packet := videoPacket(uint16(i), int(i), i%100 == 0, binary.BigEndian.AppendUint32(nil, i))
			if local.WriteRTP(packet) != nil {
				return
			}
		}
	}()
}

// complete reads packets until so many in a row are there, whatever their order;
// those with numbers below the first one do not count.
func complete(t *testing.T, remote *webrtc.TrackRemote, from uint32, count int) {
	t.Helper()
	got := make(map[uint32]bool)
	first := uint32(0)
	for next := 0; next < count; {
		if err := remote.SetReadDeadline(time.Now().Add(time.Minute)); err != nil {
			t.Fatal(err)
		}
		p, _, err := remote.ReadRTP()
		if err != nil {
			t.Fatalf("after %d packets without a gap, of %d: %v", next, len(got), err)
		}
		number := binary.BigEndian.Uint32(p.Payload[2:])
		if number < from {
			continue
		}
		if len(got) == 0 {
			first = number
		}
		got[number] = true
		if len(got) > 20*count {
			t.Fatalf("packet %d never comes", first+uint32(next))
		}
		for got[first+uint32(next)] {
			next++
		}
	}
}

func TestNothingIsMissingWhateverTheNetworkDoes(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	for name, tt := range map[string]struct {
		delay, jitter time.Duration
		loss          int64 // in thousandths
	}{
		"far away":                 {100 * time.Millisecond, 0, 0},
		"packets overtake others":  {10 * time.Millisecond, 60 * time.Millisecond, 0},
		"a twentieth is lost":      {20 * time.Millisecond, 0, 50},
		"a tenth, and out of turn": {20 * time.Millisecond, 20 * time.Millisecond, 100}, // of more, some are given up
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			n := newNetwork(t, tt.delay, tt.jitter)
			remote := n.call(t)
			n.loss.Store(tt.loss)
			complete(t, remote, 0, 500)
			if lost := n.lost.Load(); (lost > 0) != (tt.loss > 0) {
				t.Errorf("%d datagrams got lost", lost)
			}
		})
	}
}

func TestCallGoesOnAfterAnOutage(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	n := newNetwork(t, 10*time.Millisecond, 0)
	remote := n.call(t)
	complete(t, remote, 0, 50)
	n.loss.Store(1000)
	for lost := n.lost.Load(); n.lost.Load() < lost+300; { // some seconds' worth
		time.Sleep(10 * time.Millisecond)
	}
	n.loss.Store(0)
	// What was sent meanwhile may have been given up.
	complete(t, remote, n.sent.Load()+1, 100)
}
