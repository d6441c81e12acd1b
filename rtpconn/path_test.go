package rtpconn

import (
	"bytes"
	"fmt"
	"math"
	"net"
	"net/netip"
	"testing"
	"time"

	"galene/group/leaktest"
	"galene/group/media"
	"galene/rtpconn/demux"
	"galene/rtpconn/mux"
	"galene/rtpconn/sdpedit"
	"galene/rtpconn/socket"
	"galene/rtpconn/srtp"

	"github.com/pion/rtcp"
	"github.com/pion/rtp"
	pionsrtp "github.com/pion/srtp/v2"
	"github.com/pion/webrtc/v3"
)

// sink is a socket that counts what is sent, and hands it to keep if set.
type sink struct {
	datagrams int
	keep      func(socket.Message)
	// full is set while it takes nothing.
	full   bool
	closed chan struct{}
	// siblings are those that it will have.
	siblings []socket.Socket
}

func (s *sink) Read(*socket.Burst) error {
	<-s.closed
	return net.ErrClosed
}

func (s *sink) Flush(b *socket.Batch) int {
	if s.full {
		defer b.Reset()
		return b.Len()
	}
	s.datagrams += b.Len()
	if s.keep != nil {
		for _, m := range b.Messages() {
			s.keep(m)
		}
	}
	b.Reset()
	return 0
}

func (s *sink) ReadAside(*socket.Burst) bool         { return false }
func (s *sink) Siblings(int) []socket.Socket         { return s.siblings }
func (s *sink) WriteTo([]byte, netip.AddrPort) error { return nil }
func (s *sink) LocalAddr() netip.AddrPort            { return netip.MustParseAddrPort("127.0.0.1:1") }
func (s *sink) Close() error                         { close(s.closed); return nil }

// bench is the packet path from a decrypted-to-be datagram of one publisher to
// the socket, without pion: one publisher and some subscribers whose keys are
// known.
type bench struct {
	engine *Engine
	worker *worker
	sink   *sink
	up     *UpConn
	source *pionsrtp.Context
	packet *rtp.Packet
	plain  []byte
	sealed []byte
	media  []mux.Media
	now    time.Duration
	// client is whose connections the next ones are; "" for a new one each time.
	client string
}

var (
	benchKey  = bytes.Repeat([]byte{7}, 16)
	benchSalt = bytes.Repeat([]byte{9}, 12)
)

// benchSection is a publisher's picture.
var benchSection = sdpedit.Section{
	MID: "0", Kind: media.Video, SSRCs: []sdpedit.SSRC{{Primary: 1, Repair: 2}},
	Payloads: []sdpedit.Payload{
		{Type: 96, Name: "VP8", ClockRate: 90000, Feedback: []string{"nack", "nack pli"}},
		{Type: 97, Name: "rtx", ClockRate: 90000, Fmtp: "apt=96"},
	},
}

func newBench(tb testing.TB, subscribers, payload int) *bench {
	tb.Helper()
	return newBenchOf(tb, benchSection, subscribers, payload)
}

func newBenchOf(tb testing.TB, section sdpedit.Section, subscribers, payload int) *bench {
	tb.Helper()
	s := &sink{closed: make(chan struct{})}
	e, err := newEngine(Options{Logger: quiet}, []socket.Socket{s})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = e.Close() })
	e.pulse.still()
	b := newBenchOn(tb, e.workers[0], e, section, payload)
	b.sink = s
	for i := range subscribers {
		b.subscribe(tb, b.up.sources[0], uint16(1000+i))
	}
	return b
}

// receive has a packet come from the publisher.
func (b *bench) receive(tb testing.TB, p *rtp.Packet) {
	tb.Helper()
	plain, err := p.Marshal()
	if err != nil {
		tb.Fatal(err)
	}
	b.worker.do(func() {
		b.worker.now = b.now
		b.up.receiveRTP(plain, b.now)
		b.worker.fanOut(b.now)
	})
}

// still has no ticks come but those of a test, whose clock is not that of the engine.
func (p *pulse) still() {
	for i := range p.last {
		p.last[i].Store(math.MaxInt64)
	}
}

// newBenchOn makes one without subscribers, of an engine that there is.
func newBenchOn(tb testing.TB, w *worker, e *Engine, section sdpedit.Section, payload int) *bench {
	tb.Helper()
	b := &bench{engine: e, worker: w}
	codecs, _ := media.CodecsByName([]string{"vp8", "vp9", "av1", "opus"})
	b.up = &UpConn{options: UpOptions{ID: "bench", Codecs: codecs}, demux: demux.New(nil)}
	b.up.engine, b.up.worker, b.up.lane = e, w, w.lanes[0]
	b.up.view = e.mux.NewView(b.up)
	b.up.log = quiet
	var err error
	if b.up.opener, err = srtp.NewOpener(pionsrtp.ProtectionProfileAeadAes128Gcm, benchKey, benchSalt); err != nil {
		tb.Fatal(err)
	}
	t := newUpTrack(b.up, section)
	b.up.tracks, b.up.sources = []*UpTrack{t}, []*UpTrack{t}
	b.up.demux.Update([]demux.Source{t.source})
	b.up.ended = true // nobody is to be told of the track
	if b.source, err = pionsrtp.CreateContext(benchKey, benchSalt, pionsrtp.ProtectionProfileAeadAes128Gcm); err != nil {
		tb.Fatal(err)
	}
	b.packet = &rtp.Packet{Header: rtp.Header{Version: 2, PayloadType: section.Payloads[0].Type, SSRC: 1}, Payload: make([]byte, payload)}
	b.packet.Payload[0] = 0x10
	b.media = []mux.Media{{To: b.up, From: mux.Path{Addr: netip.MustParseAddrPort("127.0.0.1:2")}}}
	b.send(tb)
	b.packet.Payload[0], b.packet.Payload[1] = 0, 1
	return b
}

// subscribe adds a row with keys of its own.
func (b *bench) subscribe(tb testing.TB, t *UpTrack, port uint16) {
	tb.Helper()
	b.subscribeAt(tb, t, netip.AddrPortFrom(netip.MustParseAddr("127.0.0.1"), port), port)
}

// subscribeAt adds a row whose SSRC is number.
func (b *bench) subscribeAt(tb testing.TB, t *UpTrack, to netip.AddrPort, number uint16) {
	tb.Helper()
	d := &DownConn{up: b.up, options: DownOptions{Group: "g", SubscriberID: b.client}}
	d.engine, d.worker, d.log = b.engine, b.worker, quiet
	d.view = b.engine.mux.NewView(d)
	key := bytes.Repeat([]byte{byte(number)}, 16)
	var err error
	if d.sealer, err = srtp.NewSealer(pionsrtp.ProtectionProfileAeadAes128Gcm, key, benchSalt); err != nil {
		tb.Fatal(err)
	}
	d.path, d.pathKnown = mux.Path{Addr: to}, true
	row := newDownTrack(d, t, ceiling(t, media.Wanted{}))
	row.bound, row.ssrc, row.payloadType = true, uint32(number), t.formats[0].payloadType
	d.rows = []*DownTrack{row}
	b.worker.do(func() {
		b.worker.attach(d)
		row.join(b.now)
	})
}

// next seals the publisher's next packet.
func (b *bench) next(tb testing.TB) {
	b.packet.SequenceNumber++
	b.packet.Timestamp += 300
	n, err := b.packet.MarshalTo(b.plain[:cap(b.plain)])
	if err != nil {
		b.plain = make([]byte, 2000)
		if n, err = b.packet.MarshalTo(b.plain); err != nil {
			tb.Fatal(err)
		}
	}
	if b.sealed, err = b.source.EncryptRTP(b.sealed[:0], b.plain[:n], nil); err != nil {
		tb.Fatal(err)
	}
}

// send takes the publisher's next packet through the path.
func (b *bench) send(tb testing.TB) {
	b.next(tb)
	b.media[0].Datagram = b.sealed
	b.now += time.Millisecond
	b.worker.enter(b.media, b.now)
}

func TestEveryPacketReachesEverySubscriber(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	b := newBench(t, 7, 1000)
	before := b.sink.datagrams
	for range 100 {
		b.send(t)
	}
	if got := b.sink.datagrams - before; got != 700 {
		t.Errorf("%d datagrams for 7 subscribers and 100 packets", got)
	}
}

// What a packet costs must not depend on how many allocations a subscriber
// adds: none.
func TestForwardingDoesNotAllocate(t *testing.T) {
	leaktest.Check(t)
	few, many := newBench(t, 1, 1000), newBench(t, 51, 1000)
	cost := func(b *bench) float64 {
		return testing.AllocsPerRun(200, func() { b.send(t) })
	}
	if perSubscriber := (cost(many) - cost(few)) / 50; perSubscriber > 0 {
		t.Errorf("%v allocations for each packet and subscriber", perSubscriber)
	}
}

func BenchmarkForward(b *testing.B) {
	for _, subscribers := range []int{1, 50, 150} {
		b.Run(fmt.Sprintf("subscribers=%d", subscribers), func(b *testing.B) {
			bench := newBench(b, subscribers, 1100)
			b.ReportAllocs()
			for b.Loop() {
				bench.send(b)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*subscribers), "ns/forwarded")
		})
	}
}

// Between bursts other things pass through the caches of the processor.
func BenchmarkForwardCold(b *testing.B) {
	const subscribers, line = 50, 64
	bench := newBench(b, subscribers, 1100)
	others := make([]byte, 64<<20)
	for b.Loop() {
		b.StopTimer()
		for i := 0; i < len(others); i += line {
			others[i]++
		}
		b.StartTimer()
		bench.send(b)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*subscribers), "ns/forwarded")
}

// understandExtensions has the publisher and the server agree on all extensions of
// headers.
func (b *bench) understandExtensions() {
	b.up.numbers = demux.Extensions{MID: 1, RID: 2, RepairedRID: 3, TransportCC: 4, AudioLevel: 5, DependencyDescriptor: 6}
	b.up.arrivals.negotiated(b.up.numbers)
}

// Garbage that is authentic, as a publisher could send, harms nobody.
func FuzzPublisherRTP(f *testing.F) {
	leaktest.Check(f)
	good, err := (&rtp.Packet{Header: rtp.Header{Version: 2, PayloadType: 96, SSRC: 1, SequenceNumber: 2}, Payload: []byte{0x10, 0, 0}}).Marshal()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(good)
	f.Add([]byte{0x90, 96, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1, 0xBE, 0xDE, 0xFF, 0xFF})
	f.Add([]byte{0x80, 97, 0, 1, 0, 0, 0, 0, 0, 0, 0, 2, 0, 3, 0x10, 0, 0})
	f.Add([]byte{0xA0, 96, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1, 0xFF})
	f.Add([]byte{0x90, 96, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1, 0xBE, 0xDE, 0, 3, 0x10, '0', 0x20, 'h', 0x41, 0, 9, 0x50, 0x7F, 0x10, 0, 0})
	f.Add([]byte{0x90, 96, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1, 0x10, 0, 0, 2, 6, 3, 0xC0, 0, 9, 4, 0, 0, 0x10, 0, 0})
	// Sound that holds earlier sound, and a picture with a descriptor of its layers.
	f.Add([]byte{0x80, 63, 0, 5, 0, 0, 0x0F, 0, 0, 0, 0, 1, 0x80 | 111, 0x0F, 0, 2, 111, 1, 2, 3})
	f.Add([]byte{0x90, 45, 0, 5, 0, 0, 0, 9, 0, 0, 0, 1, 0x10, 0, 0, 2, 6, 4, 0xC0, 0, 9, 0x80, 0, 0, 0x18, 0x08, 0})
	var benches []*bench
	for _, section := range []sdpedit.Section{benchSection, soundSection, av1Section} {
		b := newBenchOf(f, section, 2, 100)
		b.understandExtensions()
		for _, row := range b.up.sources[0].rows {
			row.redundant, row.conn.line.roomy, row.depth, row.protectUntil = 63, true, maxFolded, time.Hour
			row.conn.extensions.dependency = 7
		}
		benches = append(benches, b)
	}
	f.Fuzz(func(t *testing.T, packet []byte) {
		for _, b := range benches {
			b.worker.do(func() {
				b.up.receiveRTP(append([]byte(nil), packet...), time.Second)
				b.worker.fanOut(time.Second)
			})
		}
	})
}

func FuzzRTCP(f *testing.F) {
	leaktest.Check(f)
	for _, packets := range [][]rtcp.Packet{
		{&rtcp.SenderReport{SSRC: 1, NTPTime: 1 << 40, RTPTime: 90000}, &rtcp.SourceDescription{Chunks: []rtcp.SourceDescriptionChunk{{Source: 1, Items: []rtcp.SourceDescriptionItem{{Type: rtcp.SDESCNAME, Text: "a"}}}}}},
		{&rtcp.ReceiverReport{SSRC: 5, Reports: []rtcp.ReceptionReport{{SSRC: 1000, FractionLost: 9, LastSenderReport: 7}}}},
		{&rtcp.TransportLayerNack{MediaSSRC: 1000, Nacks: []rtcp.NackPair{{PacketID: 1, LostPackets: 0xFFFF}}}},
		{&rtcp.PictureLossIndication{MediaSSRC: 1000}, &rtcp.FullIntraRequest{FIR: []rtcp.FIREntry{{SSRC: 1000, SequenceNumber: 1}}}},
		{&rtcp.ReceiverEstimatedMaximumBitrate{Bitrate: 1e6, SSRCs: []uint32{1000}}},
		{&rtcp.TransportLayerCC{
			Header:    rtcp.Header{Count: rtcp.FormatTCC, Type: rtcp.TypeTransportSpecificFeedback, Length: 5},
			MediaSSRC: 1000, BaseSequenceNumber: 1, PacketStatusCount: 7,
			PacketChunks: []rtcp.PacketStatusChunk{&rtcp.RunLengthChunk{PacketStatusSymbol: rtcp.TypeTCCPacketNotReceived, RunLength: 7}},
		}},
	} {
		raw, err := rtcp.Marshal(packets)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(raw)
	}
	b := newBench(f, 1, 100)
	down := b.up.sources[0].rows[0].conn
	down.number([]webrtc.RTPHeaderExtensionParameter{{URI: extensionTransportCC, ID: 5}})
	for range 10 {
		b.send(f)
	}
	f.Fuzz(func(t *testing.T, plain []byte) {
		b.engine.workers[0].do(func() {
			b.up.receiveRTCP(plain, time.Second)
			down.receiveRTCP(plain, time.Second)
			b.up.tick(time.Second)
			down.tick(time.Second)
		})
	})
}
