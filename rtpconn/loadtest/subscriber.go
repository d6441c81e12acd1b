package loadtest

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/pion/interceptor"
	"github.com/pion/interceptor/pkg/nack"
	"github.com/pion/interceptor/pkg/report"
	"github.com/pion/rtcp"
	"github.com/pion/rtp"
	"github.com/pion/webrtc/v3"
)

const (
	// nackInterval is how often missing packets are asked for; browsers wait
	// for a round trip, and at least for as long as this.
	nackInterval = 20 * time.Millisecond
	// maxNacks is how often one packet is asked for, as in browsers.
	maxNacks = 10
	// receiveSize is more than any datagram that a server should send.
	receiveSize = 1600
)

// SubscriberStats are what a Subscriber has seen so far, of video and audio
// together.
type SubscriberStats struct {
	// Packets received, repeated ones included, and Bytes of RTP.
	Packets, Bytes uint64
	// Missing packets: those with a sequence number below the highest that
	// have not arrived, not even after having been asked for. Once nothing is
	// sent any more, they are lost for good.
	Missing uint64
	// Asked is how often a packet has been asked for again.
	Asked uint64
	// Duplicates arrived more than once, OutOfOrder after a later one, be it
	// because they were asked for again.
	Duplicates, OutOfOrder uint64
	// Restarts are steps in the sequence numbers too large to be loss.
	Restarts uint64
	// Delays from the publisher's sending to the arrival, of packets that
	// were sent by the same Generator.
	Delays Histogram
}

// Since returns what has been seen since an earlier state.
func (s SubscriberStats) Since(earlier SubscriberStats) SubscriberStats {
	s.Packets -= earlier.Packets
	s.Bytes -= earlier.Bytes
	s.Missing -= min(s.Missing, earlier.Missing) // some may have come since
	s.Asked -= earlier.Asked
	s.Duplicates -= earlier.Duplicates
	s.OutOfOrder -= earlier.OutOfOrder
	s.Restarts -= earlier.Restarts
	s.Delays.Remove(&earlier.Delays)
	return s
}

// Add adds what another subscriber has seen.
func (s *SubscriberStats) Add(other SubscriberStats) {
	s.Packets += other.Packets
	s.Bytes += other.Bytes
	s.Missing += other.Missing
	s.Asked += other.Asked
	s.Duplicates += other.Duplicates
	s.OutOfOrder += other.OutOfOrder
	s.Restarts += other.Restarts
	s.Delays.Merge(&other.Delays)
}

// Subscriber receives a stream, counts its packets, asks for what is missing
// and looks no further. Its methods may be called from any goroutine.
type Subscriber struct {
	*client
	generator *Generator
	video     chan struct{}
	seeing    sync.Once

	// counting guards what follows; it is taken once for each packet.
	counting sync.Mutex
	stats    SubscriberStats
	// counters are those of the tracks; their sums belong into stats.
	counters []*counter
}

// NewSubscriber makes a subscriber, which is to be closed.
func (g *Generator) NewSubscriber() (*Subscriber, error) {
	requests, err := nack.NewGeneratorInterceptor(nack.GeneratorInterval(nackInterval), nack.GeneratorMaxNacksPerPacket(maxNacks))
	if err != nil {
		return nil, err
	}
	reports, err := report.NewReceiverInterceptor()
	if err != nil {
		return nil, err
	}
	s := &Subscriber{generator: g, video: make(chan struct{})}
	// The first one is the last that what the others write comes through.
	pc, err := g.newConnection(g.subscribedCodecs(), requestCounter{subscriber: s}, requests, reports, feedback{now: g.now})
	if err != nil {
		return nil, fmt.Errorf("make a subscriber: %w", err)
	}
	s.client = newClient(pc)
	pc.OnTrack(func(track *webrtc.TrackRemote, receiver *webrtc.RTPReceiver) {
		s.start(func() { s.receive(track) })
		s.start(func() { drain(receiver) })
	})
	return s, nil
}

// Answer takes an offer of the server's, the first one or a later one, and
// returns the answer to send, with all candidates.
func (s *Subscriber) Answer(ctx context.Context, offer string) (sdp string, err error) {
	if err := s.setRemote(webrtc.SDPTypeOffer, offer); err != nil {
		return "", fmt.Errorf("take an offer: %w", err)
	}
	answer, err := s.pc.CreateAnswer(nil)
	if err != nil {
		return "", fmt.Errorf("make an answer: %w", err)
	}
	return s.describe(ctx, answer)
}

// Video is closed when the first packet of video has arrived, or of sound where
// the Generator makes no video.
func (s *Subscriber) Video() <-chan struct{} { return s.video }

// Stats returns what has been seen so far.
func (s *Subscriber) Stats() SubscriberStats {
	s.counting.Lock()
	defer s.counting.Unlock()
	stats := s.stats
	for _, c := range s.counters {
		stats.Packets += c.received
		stats.Missing += c.missing
		stats.Duplicates += c.duplicates
		stats.OutOfOrder += c.outOfOrder
		stats.Restarts += c.restarts
	}
	return stats
}

// receive counts the packets of a track until it ends.
func (s *Subscriber) receive(track *webrtc.TrackRemote) {
	c := &counter{}
	s.counting.Lock()
	s.counters = append(s.counters, c)
	s.counting.Unlock()
	buffer := make([]byte, receiveSize)
	for {
		n, attributes, err := track.Read(buffer)
		if err != nil {
			return
		}
		now := s.generator.now()
		if attributes.Get(webrtc.AttributeRtxSsrc) != nil {
			// pion has made it the packet that was sent at first.
			attributes = make(interceptor.Attributes)
		}
		// The interceptors have parsed the header of others already.
		header, err := attributes.GetRTPHeader(buffer[:n])
		if err != nil {
			continue
		}
		s.count(c, header, buffer[:n], now)
		if track.Kind() == webrtc.RTPCodecTypeVideo || s.generator.options.Video == NoVideo {
			s.seeing.Do(func() { close(s.video) })
		}
	}
}

// count counts one packet that arrived now.
func (s *Subscriber) count(c *counter, header *rtp.Header, raw []byte, now time.Duration) {
	sent, stamped := stampOf(raw[header.MarshalSize():])
	delay := now - sent
	s.counting.Lock()
	defer s.counting.Unlock()
	c.add(header.SequenceNumber)
	s.stats.Bytes += uint64(len(raw))
	// Padding, and what others send, bears no time; the chance that it looks
	// like one of the last minute is nil.
	if stamped && !header.Padding && delay >= 0 && delay < time.Minute {
		s.stats.Delays.Add(delay)
	}
}

// drain reads the reports about a track, so that pion answers them.
func drain(receiver *webrtc.RTPReceiver) {
	buffer := make([]byte, receiveSize)
	for {
		if _, _, err := receiver.Read(buffer); err != nil {
			return
		}
	}
}

// requestCounter counts the packets that a subscriber asks for again.
type requestCounter struct {
	interceptor.NoOp
	subscriber *Subscriber
}

// NewInterceptor implements interceptor.Factory.
func (r requestCounter) NewInterceptor(string) (interceptor.Interceptor, error) { return &r, nil }

// BindRTCPWriter implements interceptor.Interceptor.
func (r *requestCounter) BindRTCPWriter(writer interceptor.RTCPWriter) interceptor.RTCPWriter {
	return interceptor.RTCPWriterFunc(func(packets []rtcp.Packet, a interceptor.Attributes) (int, error) {
		for _, packet := range packets {
			if n, ok := packet.(*rtcp.TransportLayerNack); ok {
				r.subscriber.countRequests(requested(n))
			}
		}
		return writer.Write(packets, a)
	})
}

func (s *Subscriber) countRequests(n int) {
	s.counting.Lock()
	defer s.counting.Unlock()
	s.stats.Asked += uint64(n)
}
