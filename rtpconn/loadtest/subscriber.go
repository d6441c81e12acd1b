package loadtest

import (
	"context"
	"encoding/binary"
	"fmt"
	"sync"
	"time"

	"galene/rtpconn/nack"

	"github.com/pion/interceptor/pkg/report"
	"github.com/pion/rtcp"
	"github.com/pion/rtp"
	"github.com/pion/webrtc/v3"
)

const (
	// askInterval is how often missing packets are looked for.
	askInterval = 20 * time.Millisecond
	// maxRequested is how many packets of a track are asked for at once.
	maxRequested = 256
	// receiveSize is more than any datagram that a server should send.
	receiveSize = 1600
	// receiverSSRC is that by which subscribers speak of themselves, who send no
	// media; browsers have 1, too.
	receiverSSRC = 1
)

// SubscriberStats are what a Subscriber has seen so far, of video and audio
// together.
type SubscriberStats struct {
	// Packets received, repeated ones included, but not those that hold nothing
	// but padding; and Bytes of RTP.
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
	// VideoAsked and VideoDuplicates are the same for video alone: sound comes more
	// than once unasked where its line loses some.
	VideoAsked, VideoDuplicates uint64
	// Restarts are steps in the sequence numbers too large to be loss.
	Restarts uint64
	// Delays from the publisher's sending to the first arrival at this machine,
	// of packets that were sent by the same Generator. Where the system does not
	// say when something arrived, it counts when it is read.
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
	s.VideoAsked -= earlier.VideoAsked
	s.VideoDuplicates -= earlier.VideoDuplicates
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
	s.VideoAsked += other.VideoAsked
	s.VideoDuplicates += other.VideoDuplicates
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
	arrivals  arrivals

	// counting guards what follows; it is taken once for each packet.
	counting sync.Mutex
	stats    SubscriberStats
	// tracks are what is received; the sums of their counters belong into stats.
	tracks []*received
}

// received is what there is to know of a track that is received. The
// subscriber's counting guards it.
type received struct {
	counter
	kind webrtc.RTPCodecType
	ssrc uint32
	// padding is how many packets held nothing else.
	padding uint64
	// losses are those that are to be asked for.
	losses *nack.Generator
}

// NewSubscriber makes a subscriber, which is to be closed.
func (g *Generator) NewSubscriber() (*Subscriber, error) {
	reports, err := report.NewReceiverInterceptor()
	if err != nil {
		return nil, err
	}
	s := &Subscriber{generator: g, video: make(chan struct{})}
	s.client, err = g.newConnection(g.subscribedCodecs(), &s.arrivals, reports, feedback{now: g.now, repaired: s.repaired})
	if err != nil {
		return nil, fmt.Errorf("make a subscriber: %w", err)
	}
	s.pc.OnTrack(func(track *webrtc.TrackRemote, receiver *webrtc.RTPReceiver) {
		s.start(func() { s.receive(track) })
		s.start(func() { drain(receiver) })
	})
	s.start(s.ask)
	return s, nil
}

// Answer takes an offer of the server's, the first one or a later one, and
// returns the answer to send, with all candidates.
func (s *Subscriber) Answer(ctx context.Context, offer string) (sdp string, err error) {
	err = s.negotiate(func() error {
		if err := s.setRemote(webrtc.SDPTypeOffer, offer); err != nil {
			return fmt.Errorf("take an offer: %w", err)
		}
		answer, err := s.pc.CreateAnswer(nil)
		if err != nil {
			return fmt.Errorf("make an answer: %w", err)
		}
		sdp, err = s.describe(ctx, answer)
		return err
	})
	return sdp, err
}

// Video is closed when the first packet of video has arrived, or of sound where
// the Generator makes no video.
func (s *Subscriber) Video() <-chan struct{} { return s.video }

// Stats returns what has been seen so far.
func (s *Subscriber) Stats() SubscriberStats {
	s.counting.Lock()
	defer s.counting.Unlock()
	stats := s.stats
	for _, r := range s.tracks {
		stats.Packets += r.received - r.padding
		stats.Missing += r.missing
		stats.Duplicates += r.duplicates
		stats.OutOfOrder += r.outOfOrder
		stats.Restarts += r.restarts
		if r.kind == webrtc.RTPCodecTypeVideo {
			stats.VideoDuplicates += r.duplicates
		}
	}
	return stats
}

// receive counts the packets of a track until it ends.
func (s *Subscriber) receive(track *webrtc.TrackRemote) {
	r := &received{kind: track.Kind(), ssrc: uint32(track.SSRC()), losses: nack.NewGenerator(nack.Options{})}
	s.counting.Lock()
	s.tracks = append(s.tracks, r)
	s.counting.Unlock()
	buffer := make([]byte, receiveSize)
	for {
		n, attributes, err := track.Read(buffer)
		if err != nil {
			return
		}
		if attributes.Get(webrtc.AttributeRtxSsrc) != nil {
			continue // repaired has seen it already
		}
		now := s.generator.now()
		// The interceptors have parsed the header already.
		header, err := attributes.GetRTPHeader(buffer[:n])
		if err != nil {
			continue
		}
		arrived := s.arrivals.of(header.SSRC, header.SequenceNumber, now)
		s.counting.Lock()
		s.count(r, header.SequenceNumber, payloadOf(header, buffer[:n]), n, now, arrived)
		s.counting.Unlock()
		if track.Kind() == webrtc.RTPCodecTypeVideo || s.generator.options.Video == NoVideo {
			s.seeing.Do(func() { close(s.video) })
		}
	}
}

// repaired counts a packet of video that has been sent again in a stream of its
// own: the original number stands before the payload (RFC 4588, section 4).
func (s *Subscriber) repaired(header *rtp.Header, raw []byte) {
	payload := payloadOf(header, raw)
	if len(payload) < 2 {
		return // padding
	}
	now := s.generator.now()
	arrived := s.arrivals.of(header.SSRC, header.SequenceNumber, now)
	s.counting.Lock()
	defer s.counting.Unlock()
	for _, r := range s.tracks {
		if r.kind == webrtc.RTPCodecTypeVideo {
			s.count(r, binary.BigEndian.Uint16(payload), payload[2:], len(raw), now, arrived)
		}
	}
}

// count counts one packet that is looked at now and arrived before; the caller
// holds counting.
func (s *Subscriber) count(r *received, sequence uint16, payload []byte, size int, now, arrived time.Duration) {
	before := r.duplicates
	r.add(sequence)
	r.losses.Received(sequence, now)
	s.stats.Bytes += uint64(size)
	if len(payload) == 0 {
		r.padding++
		return
	}
	if r.duplicates > before {
		return // it was there already: when it comes again is no delay
	}
	// What others send bears no time; the chance that it looks like one of the
	// last minute is nil.
	if sent, stamped := stampOf(payload); stamped && arrived >= sent && arrived-sent < time.Minute {
		s.stats.Delays.Add(arrived - sent)
	}
}

// payloadOf returns what is left of a packet without header and padding.
func payloadOf(header *rtp.Header, raw []byte) []byte {
	payload := raw[min(header.MarshalSize(), len(raw)):]
	if header.Padding && len(payload) > 0 {
		return payload[:max(0, len(payload)-int(payload[len(payload)-1]))]
	}
	return payload
}

// ask asks for missing packets, as browsers do: soon, and again while they do
// not come. It ends when the connection does.
func (s *Subscriber) ask() {
	ticker := time.NewTicker(askInterval)
	defer ticker.Stop()
	due := make([]uint16, 0, maxRequested)
	for {
		select {
		case <-s.closing:
			return
		case <-ticker.C:
		}
		var messages []rtcp.Packet
		now := s.generator.now()
		s.counting.Lock()
		for _, r := range s.tracks {
			if r.losses.Missing() == 0 {
				continue
			}
			due, _ = r.losses.Due(now, 0, due[:0])
			if len(due) > 0 {
				s.stats.Asked += uint64(len(due))
				if r.kind == webrtc.RTPCodecTypeVideo {
					s.stats.VideoAsked += uint64(len(due))
				}
				messages = append(messages, &rtcp.TransportLayerNack{SenderSSRC: receiverSSRC, MediaSSRC: r.ssrc, Nacks: nack.Pairs(due)})
			}
		}
		s.counting.Unlock()
		if len(messages) > 0 {
			_ = s.pc.WriteRTCP(messages) // fails when all is over
		}
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
