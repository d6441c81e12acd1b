package loadtest

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync/atomic"
	"time"

	"github.com/pion/interceptor/pkg/nack"
	"github.com/pion/interceptor/pkg/report"
	"github.com/pion/rtcp"
	"github.com/pion/rtp"
	"github.com/pion/webrtc/v3"
)

// PublisherStats are what a Publisher has done so far.
type PublisherStats struct {
	// Packets sent for the first time, of video and audio together.
	Packets uint64
	// Keyframes sent, and how often one was asked for.
	Keyframes, KeyframeRequests uint64
	// Asked is how many packets the server asked for again.
	Asked uint64
}

// Publisher sends one video track, of made-up VP8, and one audio track. Its
// methods may be called from any goroutine.
type Publisher struct {
	*client
	generator    *Generator
	video, audio *webrtc.TrackLocalStaticRTP

	keyframeWanted                              atomic.Bool
	packets, keyframes, keyframeRequests, asked atomic.Uint64
}

// NewPublisher makes a publisher, which is to be closed.
func (g *Generator) NewPublisher() (*Publisher, error) {
	responder, err := nack.NewResponderInterceptor()
	if err != nil {
		return nil, err
	}
	reports, err := report.NewSenderInterceptor()
	if err != nil {
		return nil, err
	}
	pc, err := g.newConnection(responder, reports)
	if err != nil {
		return nil, fmt.Errorf("make a publisher: %w", err)
	}
	p := &Publisher{client: newClient(pc), generator: g}
	if err := p.addTracks(); err != nil {
		_ = p.Close() // nothing runs yet
		return nil, fmt.Errorf("make a publisher: %w", err)
	}
	return p, nil
}

func (p *Publisher) addTracks() error {
	var err error
	if p.video, err = webrtc.NewTrackLocalStaticRTP(videoCapability(), "video", "stream"); err != nil {
		return err
	}
	if p.audio, err = webrtc.NewTrackLocalStaticRTP(audioCapability(), "audio", "stream"); err != nil {
		return err
	}
	for _, track := range []webrtc.TrackLocal{p.video, p.audio} {
		transceiver, err := p.pc.AddTransceiverFromTrack(track, webrtc.RTPTransceiverInit{Direction: webrtc.RTPTransceiverDirectionSendonly})
		if err != nil {
			return err
		}
		p.start(func() { p.listen(transceiver.Sender()) })
	}
	return nil
}

// Offer returns the offer to send to the server, with all candidates.
func (p *Publisher) Offer(ctx context.Context) (sdp string, err error) {
	offer, err := p.pc.CreateOffer(nil)
	if err != nil {
		return "", fmt.Errorf("make an offer: %w", err)
	}
	return p.describe(ctx, offer)
}

// Answer takes the server's answer.
func (p *Publisher) Answer(sdp string) error { return p.setRemote(webrtc.SDPTypeAnswer, sdp) }

// listen reads the feedback for a track. Requests for packets have been
// answered by pion when they come here.
func (p *Publisher) listen(sender *webrtc.RTPSender) {
	for {
		packets, _, err := sender.ReadRTCP()
		if err != nil {
			return
		}
		for _, packet := range packets {
			switch packet := packet.(type) {
			case *rtcp.PictureLossIndication, *rtcp.FullIntraRequest:
				p.keyframeRequests.Add(1)
				p.keyframeWanted.Store(true)
			case *rtcp.TransportLayerNack:
				p.asked.Add(uint64(requested(packet)))
			}
		}
	}
}

// requested is how many packets a NACK asks for.
func requested(n *rtcp.TransportLayerNack) int {
	count := 0
	for _, pair := range n.Nacks {
		count += len(pair.PacketList())
	}
	return count
}

// Stats returns what has been done so far.
func (p *Publisher) Stats() PublisherStats {
	return PublisherStats{
		Packets: p.packets.Load(), Keyframes: p.keyframes.Load(),
		KeyframeRequests: p.keyframeRequests.Load(), Asked: p.asked.Load(),
	}
}

// maxBacklog is how many frames are made at once after the process has been
// kept from running; an encoder skips the others.
const maxBacklog = 3

// Run waits for the connection and sends until ctx ends, which is no error. It
// may be called once. What was sent is sent again on demand until Close.
func (p *Publisher) Run(ctx context.Context) error {
	if err := p.wait(ctx); err != nil {
		return err
	}
	var (
		source = newVideo(p.generator.options.Bitrate)
		pacer  = newPacer(p.generator.options.Bitrate)
		video  = stream{track: p.video, sequence: uint16(rand.Uint32())}
		audio  = stream{track: p.audio, sequence: uint16(rand.Uint32())}
		frame  int
		start  = p.generator.now()
		last   = start
		ticker = time.NewTicker(paceInterval)
	)
	defer ticker.Stop()
	for {
		now := p.generator.now()
		due := int((now - start) * frameRate / time.Second)
		for frame = max(frame, due-maxBacklog); frame <= due; frame++ {
			pacer.push(p.frame(source, frame))
		}
		for _, packet := range pacer.take(now - last) {
			if err := p.send(&video, packet); err != nil {
				return err
			}
		}
		for int((now-start)/audioInterval) >= audio.sent {
			if err := p.send(&audio, audioPacket(audio.sent)); err != nil {
				return err
			}
		}
		last = now
		select {
		case <-ctx.Done():
			return nil
		case <-p.failed:
			return ErrDisconnected
		case <-ticker.C:
		}
	}
}

// frame makes the frame with the given index, a key frame if the server wants one.
func (p *Publisher) frame(source *video, index int) []packet {
	packets, key := source.frame(index, p.keyframeWanted.Load())
	if key {
		p.keyframeWanted.Store(false)
		p.keyframes.Add(1)
	}
	return packets
}

// stream numbers the packets of a track.
type stream struct {
	track    *webrtc.TrackLocalStaticRTP
	sequence uint16
	sent     int
}

// send sends a packet with the time at which it does.
func (p *Publisher) send(s *stream, packet packet) error {
	stamp(packet.payload, p.generator.now())
	err := s.track.WriteRTP(&rtp.Packet{
		Header: rtp.Header{
			Version: 2, Marker: packet.marker, SequenceNumber: s.sequence, Timestamp: packet.timestamp,
		},
		Payload: packet.payload,
	})
	if err != nil {
		return fmt.Errorf("send: %w", err)
	}
	s.sequence++
	s.sent++
	p.packets.Add(1)
	return nil
}
