package loadtest

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pion/interceptor/pkg/nack"
	"github.com/pion/interceptor/pkg/report"
	"github.com/pion/interceptor/pkg/twcc"
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

// Publisher sends one video track of made-up pictures or of a film, unless there
// is to be no video, and one audio track. Its methods may be called from any goroutine.
type Publisher struct {
	*client
	generator *Generator
	// video are the encodings, from the best one down.
	video []*stream
	audio *stream

	// lower counts those who listen to all but the first encoding; the client's mu
	// guards against more of them once it is closed.
	lower sync.WaitGroup

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
	numbers, err := twcc.NewHeaderExtensionInterceptor()
	if err != nil {
		return nil, err
	}
	// What is sent again has numbers of its own, so numbering comes last.
	c, err := g.newConnection(g.publishedCodecs(), nil, numbers, headerCopies{}, responder, reports)
	if err != nil {
		return nil, fmt.Errorf("make a publisher: %w", err)
	}
	p := &Publisher{client: c, generator: g}
	if err := p.addTracks(); err != nil {
		_ = p.Close() // nothing runs yet
		return nil, fmt.Errorf("make a publisher: %w", err)
	}
	return p, nil
}

// stream numbers the packets of one encoding.
type stream struct {
	track       *webrtc.TrackLocalStaticRTP
	transceiver *webrtc.RTPTransceiver
	sequence    uint16
	sent        int
	// mid and rid are the ids of the header extensions that name the encoding;
	// 0 where its SSRC is in the description.
	mid, rid uint8
	// level is the id of the extension that says how loud a sound is; 0 where
	// that is not said.
	level uint8
	// keyframeWanted is set when the server asks for a key frame.
	keyframeWanted atomic.Bool
}

// maxNamed is how many packets name their encoding: browsers stop at the first
// report about it, after about a second.
const maxNamed = 100

func newStream(capability webrtc.RTPCodecCapability, kind, rid string) (*stream, error) {
	var options []func(*webrtc.TrackLocalStaticRTP)
	if rid != "" {
		options = append(options, webrtc.WithRTPStreamID(rid))
	}
	track, err := webrtc.NewTrackLocalStaticRTP(capability, kind, "stream", options...)
	return &stream{track: track, sequence: uint16(rand.Uint32())}, err
}

func (p *Publisher) addTracks() error {
	var err error
	switch p.generator.options.Video {
	case NoVideo:
	case Simulcast:
		err = p.addVideo(ridsOf(p.generator.options.Films)...)
	default:
		err = p.addVideo("")
	}
	if err != nil {
		return err
	}
	if p.audio, err = newStream(audioCapability(), "audio", ""); err != nil {
		return err
	}
	if err := p.addTransceiver(p.audio); err != nil {
		return err
	}
	p.start(func() { p.listen(p.audio) })
	for i, s := range p.video {
		if i == 0 {
			p.start(func() { p.listen(s) })
		} else {
			p.start(func() { p.listenToLower(s) })
		}
	}
	return nil
}

// addVideo adds the encodings of the video.
func (p *Publisher) addVideo(rids ...string) error {
	for i, rid := range rids {
		s, err := newStream(p.generator.videoCapability(), "video", rid)
		if err != nil {
			return err
		}
		p.video = append(p.video, s)
		if i == 0 {
			err = p.addTransceiver(s)
		} else {
			s.transceiver = p.video[0].transceiver
			err = s.transceiver.Sender().AddEncoding(s.track)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (p *Publisher) addTransceiver(s *stream) error {
	var err error
	s.transceiver, err = p.pc.AddTransceiverFromTrack(s.track, webrtc.RTPTransceiverInit{Direction: webrtc.RTPTransceiverDirectionSendonly})
	return err
}

// Offer returns the offer to send to the server, with all candidates.
func (p *Publisher) Offer(ctx context.Context) (sdp string, err error) {
	return p.makeOffer(ctx, nil)
}

// Answer takes the server's answer, which may refuse nothing.
func (p *Publisher) Answer(sdp string) error {
	answer, err := (&webrtc.SessionDescription{SDP: sdp}).Unmarshal()
	if err != nil {
		return err
	}
	for _, m := range answer.MediaDescriptions {
		codec := audioCapability()
		if m.MediaName.Media == "video" {
			codec = p.generator.videoCapability()
		}
		if m.MediaName.Port.Value == 0 {
			return fmt.Errorf("the server refuses %s: see which codecs the group allows", codec.MimeType)
		}
	}
	return p.takeAnswer(sdp)
}

// listen reads the feedback for an encoding. Requests for packets have been
// answered by pion when they come here.
func (p *Publisher) listen(s *stream) {
	sender, rid := s.transceiver.Sender(), s.track.RID()
	for {
		var packets []rtcp.Packet
		var err error
		if rid == "" || s == p.video[0] {
			packets, _, err = sender.ReadRTCP()
		} else {
			packets, _, err = sender.ReadSimulcastRTCP(rid)
		}
		if err != nil {
			return
		}
		for _, packet := range packets {
			switch packet := packet.(type) {
			case *rtcp.PictureLossIndication, *rtcp.FullIntraRequest:
				p.keyframeRequests.Add(1)
				s.keyframeWanted.Store(true)
			case *rtcp.TransportLayerNack:
				p.asked.Add(uint64(requested(packet)))
			}
		}
	}
}

// listenToLower is listen for all but the first encoding: pion's Close does not get
// on with its ReadSimulcastRTCP, which therefore begins when there is a connection,
// and ends before Close.
func (p *Publisher) listenToLower(s *stream) {
	select {
	case <-p.connected:
	case <-p.closing:
		return
	}
	p.mu.Lock()
	closed := p.closed
	if !closed {
		p.lower.Add(1)
	}
	p.mu.Unlock()
	if !closed {
		defer p.lower.Done()
		p.listen(s)
	}
}

// Close ends the connection and waits for what it runs.
func (p *Publisher) Close() error {
	p.close()
	select {
	case <-p.connected:
		for _, s := range p.video[min(1, len(p.video)):] {
			_ = s.transceiver.Sender().SetReadDeadlineSimulcast(time.Now(), s.track.RID()) // fails if there is no connection any more
		}
	default:
	}
	p.lower.Wait()
	return p.client.Close()
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
		o        = p.generator.options
		encoders = encodersOf(o.Video, o.Bitrate, o.Films)
		pacer    = newPacer(totalBitrate(o.Video, o.Bitrate, o.Films))
		frame    int
		start    = p.generator.now()
		last     = start
		sound    = audioPacket
		ticker   = time.NewTicker(paceInterval)
	)
	defer ticker.Stop()
	p.nameEncodings()
	if len(o.Films) > 0 {
		sound = silentPacket
	}
	for {
		now := p.generator.now()
		due := int((now - start) * frameRate / time.Second)
		for frame = max(frame, due-maxBacklog); frame <= due; frame++ {
			if pacer.behind() {
				continue
			}
			for i, e := range encoders {
				pacer.push(p.frame(e, i, frame))
			}
		}
		for _, packet := range pacer.take(now - last) {
			if err := p.send(p.video[packet.encoding], packet); err != nil {
				return err
			}
		}
		for int((now-start)/audioInterval) >= p.audio.sent {
			if err := p.send(p.audio, sound(p.audio.sent)); err != nil {
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

// nameEncodings looks up the header extensions of encodings that are known by
// them alone, and of a sound that is silent.
func (p *Publisher) nameEncodings() {
	for _, e := range p.audio.transceiver.Sender().GetParameters().HeaderExtensions {
		if e.URI == extensionAudioLevel && len(p.generator.options.Films) > 0 {
			p.audio.level = uint8(e.ID)
		}
	}
	for _, s := range p.video {
		if s.track.RID() == "" {
			continue
		}
		for _, e := range s.transceiver.Sender().GetParameters().HeaderExtensions {
			switch e.URI {
			case extensionMID:
				s.mid = uint8(e.ID)
			case extensionRID:
				s.rid = uint8(e.ID)
			}
		}
	}
}

// frame makes the frame with the given index of an encoding, a key frame if the
// server wants one.
func (p *Publisher) frame(e encoder, encoding, index int) []packet {
	s := p.video[encoding]
	packets, key := e.frame(index, s.keyframeWanted.Load())
	if key {
		s.keyframeWanted.Store(false)
		p.keyframes.Add(1)
	}
	for i := range packets {
		packets[i].encoding = encoding
	}
	return packets
}

// send sends a packet with the time at which it does, unless that would spoil a
// film.
func (p *Publisher) send(s *stream, packet packet) error {
	if len(p.generator.options.Films) == 0 {
		stamp(packet.payload, p.generator.now())
	}
	sent := &rtp.Packet{
		Header: rtp.Header{
			Version: 2, Marker: packet.marker, SequenceNumber: s.sequence, Timestamp: packet.timestamp,
		},
		Payload: packet.payload,
	}
	if s.rid != 0 && s.sent < maxNamed {
		err := errors.Join(
			sent.SetExtension(s.mid, []byte(s.transceiver.Mid())),
			sent.SetExtension(s.rid, []byte(s.track.RID())),
		)
		if err != nil {
			return fmt.Errorf("name an encoding: %w", err)
		}
	}
	if s.level != 0 {
		const silent = 127 // decibels below the loudest that there can be
		if err := sent.SetExtension(s.level, []byte{silent}); err != nil {
			return fmt.Errorf("say how loud it is: %w", err)
		}
	}
	if err := s.track.WriteRTP(sent); err != nil {
		return fmt.Errorf("send: %w", err)
	}
	s.sequence++
	s.sent++
	p.packets.Add(1)
	return nil
}
