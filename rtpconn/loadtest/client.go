package loadtest

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"galene/rtpconn/ending"

	"github.com/pion/webrtc/v3"
)

// ErrDisconnected is returned when the path to the server is gone.
var ErrDisconnected = errors.New("the media connection has failed")

// Candidate is an ICE candidate as browsers write it (RTCIceCandidateInit).
type Candidate struct {
	Candidate        string  `json:"candidate"`
	SDPMid           *string `json:"sdpMid"`
	SDPMLineIndex    *uint16 `json:"sdpMLineIndex"`
	UsernameFragment *string `json:"usernameFragment"`
}

// client is what a Publisher and a Subscriber have in common.
type client struct {
	pc        *webrtc.PeerConnection
	ending    *ending.Ending
	connected chan struct{}
	failed    chan struct{}
	// closing is closed by Close.
	closing chan struct{}
	// goroutines read from pion, until close.
	goroutines sync.WaitGroup

	// negotiating is held by whoever uses pc for descriptions and candidates, and
	// makes its end wait for that. It guards what follows.
	negotiating sync.Mutex
	// over is set by Close.
	over bool
	// early are candidates from before the remote description.
	early []webrtc.ICECandidateInit

	// mu guards what follows.
	mu     sync.Mutex
	closed bool
}

// errClosed is returned by calls after Close.
var errClosed = errors.New("the client is closed")

// newClient watches over a peer connection, which it owns from then on.
func newClient(pc *webrtc.PeerConnection, e *ending.Ending) *client {
	c := &client{pc: pc, ending: e, connected: make(chan struct{}), failed: make(chan struct{}), closing: make(chan struct{})}
	var connect, fail sync.Once
	pc.OnConnectionStateChange(func(state webrtc.PeerConnectionState) {
		switch state {
		case webrtc.PeerConnectionStateConnected:
			connect.Do(func() { close(c.connected) })
		case webrtc.PeerConnectionStateFailed, webrtc.PeerConnectionStateClosed:
			fail.Do(func() { close(c.failed) })
		default:
		}
	})
	return c
}

// wait returns when the connection is up, or the error that it never will be.
func (c *client) wait(ctx context.Context) error {
	select {
	case <-c.connected:
		return nil
	case <-c.failed:
		return ErrDisconnected
	case <-ctx.Done():
		return fmt.Errorf("connect: %w", ctx.Err())
	}
}

// Connected is closed when the connection is up.
func (c *client) Connected() <-chan struct{} { return c.connected }

// Failed is closed when the path to the server is gone, or after Close.
func (c *client) Failed() <-chan struct{} { return c.failed }

// negotiate runs f, which uses the library for descriptions or candidates, unless
// the client is closed.
func (c *client) negotiate(f func() error) error {
	c.negotiating.Lock()
	defer c.negotiating.Unlock()
	if c.over {
		return errClosed
	}
	return f()
}

// makeOffer makes an offer and returns it with its candidates.
func (c *client) makeOffer(ctx context.Context, o *webrtc.OfferOptions) (sdp string, err error) {
	err = c.negotiate(func() error {
		offer, err := c.pc.CreateOffer(o)
		if err != nil {
			return fmt.Errorf("make an offer: %w", err)
		}
		sdp, err = c.describe(ctx, offer)
		return err
	})
	return sdp, err
}

// takeAnswer applies the server's answer.
func (c *client) takeAnswer(sdp string) error {
	return c.negotiate(func() error { return c.setRemote(webrtc.SDPTypeAnswer, sdp) })
}

// describe applies a local description and returns it with its candidates;
// negotiating is held.
func (c *client) describe(ctx context.Context, d webrtc.SessionDescription) (sdp string, err error) {
	gathered := webrtc.GatheringCompletePromise(c.pc)
	if err := c.pc.SetLocalDescription(d); err != nil {
		return "", err
	}
	select {
	case <-gathered:
		return c.pc.LocalDescription().SDP, nil
	case <-ctx.Done():
		return "", fmt.Errorf("gather candidates: %w", ctx.Err())
	}
}

// setRemote applies what the server sent, and the candidates that came before;
// negotiating is held.
func (c *client) setRemote(kind webrtc.SDPType, sdp string) error {
	if err := c.pc.SetRemoteDescription(webrtc.SessionDescription{Type: kind, SDP: sdp}); err != nil {
		return err
	}
	early := c.early
	c.early = nil
	for _, candidate := range early {
		if err := c.pc.AddICECandidate(candidate); err != nil {
			return err
		}
	}
	return nil
}

// maxEarly bounds the candidates that wait for a description; more are
// ignored.
const maxEarly = 64

// AddCandidate takes a candidate of the server's, at any time.
func (c *client) AddCandidate(candidate Candidate) error {
	init := webrtc.ICECandidateInit{
		Candidate: candidate.Candidate, SDPMid: candidate.SDPMid,
		SDPMLineIndex: candidate.SDPMLineIndex, UsernameFragment: candidate.UsernameFragment,
	}
	return c.negotiate(func() error {
		if c.pc.RemoteDescription() != nil {
			return c.pc.AddICECandidate(init)
		}
		if len(c.early) < maxEarly {
			c.early = append(c.early, init)
		}
		return nil
	})
}

// start runs f in a goroutine that Close waits for; after Close, not at all.
func (c *client) start(f func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.closed {
		c.goroutines.Go(f)
	}
}

// close has nothing begin any more.
func (c *client) close() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.closed {
		c.closed = true
		close(c.closing)
	}
}

// Close ends the connection and waits for what it runs.
func (c *client) Close() error {
	c.close()
	c.negotiating.Lock()
	c.over = true
	c.negotiating.Unlock()
	err := c.ending.Close()
	c.goroutines.Wait()
	return err
}
