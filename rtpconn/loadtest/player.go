package loadtest

import (
	"context"
	"fmt"

	"github.com/pion/webrtc/v3"
)

// Player is a Subscriber that makes the offers.
type Player struct{ *Subscriber }

// NewPlayer makes a player, which is to be closed.
func (g *Generator) NewPlayer() (*Player, error) {
	s, err := g.NewSubscriber()
	if err != nil {
		return nil, err
	}
	kinds := []webrtc.RTPCodecType{webrtc.RTPCodecTypeVideo, webrtc.RTPCodecTypeAudio}
	if g.options.Video == NoVideo {
		kinds = kinds[1:]
	}
	for _, kind := range kinds {
		init := webrtc.RTPTransceiverInit{Direction: webrtc.RTPTransceiverDirectionRecvonly}
		if _, err := s.pc.AddTransceiverFromKind(kind, init); err != nil {
			_ = s.Close() // nothing runs yet
			return nil, fmt.Errorf("make a player: %w", err)
		}
	}
	return &Player{s}, nil
}

// Offer returns the offer to send to the server, with all candidates.
func (p *Player) Offer(ctx context.Context) (sdp string, err error) {
	return p.makeOffer(ctx, nil)
}

// Answer takes the server's answer.
func (p *Player) Answer(sdp string) error { return p.takeAnswer(sdp) }

// Restart returns an offer with new ICE credentials.
func (p *Publisher) Restart(ctx context.Context) (sdp string, err error) {
	return p.makeOffer(ctx, &webrtc.OfferOptions{ICERestart: true})
}
