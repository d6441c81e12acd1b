package rtpconn

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"galene/group/media"
	"galene/rtpconn/demux"
	"galene/rtpconn/sdpedit"

	"github.com/pion/webrtc/v3"
)

// trackPatience is how long the first track of a stream waits for the others
// before subscribers hear of it.
const trackPatience = 200 * time.Millisecond

// promptChanges of the tracks of a stream are told of at once, and after that one each
// changeInterval: each is a negotiation with every subscriber.
const (
	promptChanges  = 4
	changeInterval = time.Second
)

// UpOptions describe a new up connection. The callbacks are called from
// goroutines of the engine, one at a time, and must not block.
type UpOptions struct {
	ID, Label          string
	OwnerID, OwnerName string
	// Group is the name of the group that the owner is in, for statistics.
	Group string
	// Codecs are those that may be published.
	Codecs []media.Codec
	// OnTracks is called when every media section of the offer has produced
	// its track, at the latest 200 ms after the first one, and again whenever
	// a track has been added or has gone since: at once, or for many changes
	// together if they come often. A call may still be under way when Close returns.
	OnTracks func()
	// OnEncodings is called with the rids of the encodings that anybody has use
	// for, for a stream with more than one, whenever these change. It may be nil.
	OnEncodings func(rids []string)
	// OnUplink is called with what its uplink takes, in bit/s, when pictures that
	// come in one encoding queue there, and with 0 some time later. If it is nil a
	// REMB tells the publisher to send less meanwhile.
	OnUplink func(bitrate int)
	// OnBroken is called when the connection cannot be set up: it is of no use
	// any more.
	OnBroken func()
	// OnFailed is called when ICE has failed: the publisher should restart it.
	OnFailed func()
}

// UpConn is the connection by which a publisher sends one stream. It is a
// media.Publication. Offer, AddCandidate and Close are for one goroutine at a
// time; the methods of media.Publication are for any.
type UpConn struct {
	transport
	options UpOptions
	// remoteUfrag is that of the publisher's last offer.
	remoteUfrag string

	// mu guards what follows; it is a leaf.
	mu     sync.Mutex
	tracks []*UpTrack
	// patience runs from the first track's first packet.
	patience *time.Timer
	// announced is set once OnTracks has been called.
	announced bool
	// calm is when as many changes will be told of at once as ever.
	calm  time.Time
	ended bool
	// useful is what OnEncodings has still to be called with, nil if nothing.
	useful []string
	// takes is the same for OnUplink.
	takes *int
	// telling serialises OnTracks, OnEncodings and OnUplink.
	telling sync.Mutex

	// What follows is guarded by the worker's lock.
	demux *demux.Table
	// numbers are those of the header extensions.
	numbers    demux.Extensions
	sources    []*UpTrack
	nextReport time.Duration
	arrivals   arrivals
	usage      encodingUsage
	uplink     uplinkRate
	speech     speech
	// limited is what the publisher was last asked not to exceed, in bit/s; 0
	// before the first time.
	limited   float64
	nextLimit time.Duration
	// ssrc is the one that we report under.
	ssrc uint32
	// cname is the publisher's (RFC 3550, section 6.5.1).
	cname string
}

var _ media.Publication = (*UpConn)(nil)

// NewUpConn makes an up connection that waits for the publisher's offer.
func (e *Engine) NewUpConn(o UpOptions) (*UpConn, error) {
	u := &UpConn{options: o, ssrc: randomSSRC(), demux: demux.New(nil)}
	u.log = e.log.With("stream", o.ID, "client", o.OwnerID)
	u.onFailed, u.onBroken = o.OnFailed, o.OnBroken
	if err := u.open(e, u, e.options.ICE.Keepalive, o.Codecs, upExtensions); err != nil {
		return nil, err
	}
	if err := e.add(u, &u.transport, o.Group); err != nil {
		_ = u.pc.Close() // nothing has been opened yet
		return nil, err
	}
	if err := u.enter(); err != nil {
		return nil, err
	}
	return u, nil
}

// enter has the worker know the connection, unless the engine has been closed, and the
// connection with it, since it was added.
func (u *UpConn) enter() (err error) {
	u.worker.do(func() {
		if u.closed {
			err = ErrClosed
			return
		}
		u.worker.ups[u] = struct{}{}
	})
	return err
}

// ID implements media.Publication.
func (u *UpConn) ID() string { return u.options.ID }

// Label implements media.Publication.
func (u *UpConn) Label() string { return u.options.Label }

// Owner implements media.Publication.
func (u *UpConn) Owner() (id, username string) { return u.options.OwnerID, u.options.OwnerName }

// Tracks implements media.Publication.
func (u *UpConn) Tracks() []media.Track {
	u.mu.Lock()
	defer u.mu.Unlock()
	var tracks []media.Track
	for _, t := range u.tracks {
		if t.appeared {
			tracks = append(tracks, t)
		}
	}
	return tracks
}

// Offer applies the publisher's offer, first or later, and returns the answer,
// which holds all our candidates. It takes some milliseconds. An offer that
// cannot be applied leaves the connection as it was.
func (u *UpConn) Offer(sdp string) (answer string, err error) {
	err = u.negotiate(func() error {
		answer, err = u.answer(sdp)
		return err
	})
	return answer, err
}

func (u *UpConn) answer(sdp string) (string, error) {
	offer, err := sdpedit.ReadSecureOffer(sdp)
	if err != nil {
		return "", err
	}
	filtered := sdpedit.LimitCandidates(sdpedit.FilterOffer(sdp, u.options.Codecs), maxCandidates)
	if !sdpedit.HasSections(filtered) {
		return "", u.unusable(offer)
	}
	answer, err := u.applyOffer(filtered)
	if err != nil {
		u.settle()
		return "", fmt.Errorf("apply the offer: %w", err)
	}
	if fragment := sdpedit.Ufrag(sdp); fragment != u.remoteUfrag {
		u.remoteUfrag = fragment
		u.taken.Store(0)
	}
	u.describe(offer)
	return sdpedit.AddCandidates(sdpedit.Answer(answer, offer), u.engine.candidates), nil
}

// unusable says why nothing of an offer can be taken.
func (u *UpConn) unusable(offer sdpedit.Offer) error {
	if !slices.ContainsFunc(offer.Sections, func(s sdpedit.Section) bool { return !s.Rejected }) {
		return errors.New("the offer has nothing in it")
	}
	var names []string
	for _, c := range u.options.Codecs {
		if !slices.Contains(names, c.Name) {
			names = append(names, c.Name)
		}
	}
	return fmt.Errorf("none of the codecs offered may be used in this group, which takes only %s", strings.Join(names, ", "))
}

// applyOffer makes the library answer an offer.
func (u *UpConn) applyOffer(sdp string) (answer string, err error) {
	u.security.describe(sdp)
	offer := webrtc.SessionDescription{Type: webrtc.SDPTypeOffer, SDP: sdp}
	if err := u.setRemote(offer); err != nil {
		return "", err
	}
	description, err := u.pc.CreateAnswer(nil)
	if err != nil {
		return "", err
	}
	return description.SDP, u.setLocal(description)
}

// settle gets the library, which cannot roll back, out of the middle of a
// negotiation that failed, so that the next offer finds it ready. Media does
// not notice.
func (u *UpConn) settle() {
	if u.pc.SignalingState() != webrtc.SignalingStateHaveRemoteOffer {
		return
	}
	answer, err := u.pc.CreateAnswer(nil)
	if err == nil {
		err = u.setLocal(answer)
	}
	if err != nil {
		u.log.Debug("negotiation stuck", "error", err)
	}
}

// describe makes tracks of the sections that were accepted.
func (u *UpConn) describe(offer sdpedit.Offer) {
	tracks, sources := u.negotiatedTracks(offer)
	u.mu.Lock()
	before := u.tracks
	u.tracks = tracks
	if slices.ContainsFunc(before, func(t *UpTrack) bool { return t.appeared && !slices.Contains(tracks, t) }) {
		u.tellLocked(0)
	}
	u.mu.Unlock()
	extensions := u.extensions()
	u.worker.do(func() {
		for _, t := range before {
			if !slices.Contains(tracks, t) {
				t.release()
				u.worker.past.addUp(t)
			}
		}
		for i, t := range tracks {
			t.source = sources[i]
		}
		u.sources = tracks
		u.numbers = extensions
		u.demux.Update(sources)
		u.arrivals.negotiated(extensions)
	})
	u.takePending()
}

// negotiatedTracks returns a track for each section that something allowed is
// sent in, the known one where the section was there before, and how the packets of
// each are recognised now.
func (u *UpConn) negotiatedTracks(offer sdpedit.Offer) (tracks []*UpTrack, sources []demux.Source) {
	u.mu.Lock()
	known := u.tracks
	u.mu.Unlock()
	for _, s := range offer.Sections {
		if s.Rejected || !s.Direction.Sends() {
			continue
		}
		t := newUpTrack(u, s)
		if t == nil {
			continue
		}
		sources = append(sources, t.source)
		if i := slices.IndexFunc(known, t.continues); i >= 0 {
			t = known[i]
		}
		tracks = append(tracks, t)
	}
	return tracks, sources
}

// extensions returns the ids of the header extensions that tell sources apart.
func (u *UpConn) extensions() demux.Extensions {
	var x demux.Extensions
	for _, t := range u.pc.GetTransceivers() {
		if t.Receiver() == nil {
			continue
		}
		for _, e := range t.Receiver().GetParameters().HeaderExtensions {
			switch e.URI {
			case extensionMID:
				x.MID = uint8(e.ID)
			case extensionRID:
				x.RID = uint8(e.ID)
			case extensionRepairedRID:
				x.RepairedRID = uint8(e.ID)
			case extensionTransportCC:
				x.TransportCC = uint8(e.ID)
			case extensionAudioLevel:
				x.AudioLevel = uint8(e.ID)
			case extensionDependency:
				x.DependencyDescriptor = uint8(e.ID)
			}
		}
	}
	return x
}

// AddCandidate takes a candidate of the publisher, before or after the offer.
// One that cannot be used is ignored.
func (u *UpConn) AddCandidate(c Candidate) { u.takeCandidate(c) }

// Close ends the connection; it is idempotent and may be called from any
// goroutine. Subscribers get no more packets; their connections are for their
// owners to close.
func (u *UpConn) Close() {
	u.mu.Lock()
	u.ended = true
	if u.patience != nil {
		u.patience.Stop()
	}
	u.mu.Unlock()
	u.shut(u, func() {
		for _, t := range u.sources {
			t.release()
			u.worker.past.addUp(t)
		}
		u.sources = nil
		delete(u.worker.ups, u)
	})
}

// appeared notes the first packet of a track; the worker's lock is held.
func (u *UpConn) appeared(t *UpTrack, c media.Codec) {
	u.mu.Lock()
	defer u.mu.Unlock()
	t.codec = c
	t.appeared = true
	if u.announced || !slices.ContainsFunc(u.tracks, func(t *UpTrack) bool { return !t.appeared }) {
		u.tellLocked(0)
	} else if u.patience == nil {
		u.tellLocked(trackPatience)
	}
}

// tellLocked has OnTracks called after a while, or later if it has been called often,
// from a timer: whoever is told must not be called from the packet path. u.mu is held.
func (u *UpConn) tellLocked(after time.Duration) {
	after = max(after, time.Until(u.calm.Add(-(promptChanges-1)*changeInterval)))
	switch {
	case u.ended:
	case u.patience == nil:
		u.patience = time.AfterFunc(after, u.tell)
	default:
		u.patience.Reset(after)
	}
}

// tell calls OnTracks, one call at a time.
func (u *UpConn) tell() {
	u.telling.Lock()
	defer u.telling.Unlock()
	u.mu.Lock()
	ended := u.ended
	u.announced = true
	if now := time.Now(); u.calm.Before(now) {
		u.calm = now
	}
	u.calm = u.calm.Add(changeInterval)
	u.mu.Unlock()
	if !ended && u.options.OnTracks != nil {
		u.options.OnTracks()
	}
}
