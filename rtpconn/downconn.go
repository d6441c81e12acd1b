package rtpconn

import (
	"fmt"
	"slices"
	"time"

	"galene/group/media"
	"galene/rtpconn/forward"
	"galene/rtpconn/sdpedit"

	"github.com/pion/webrtc/v3"
)

// DownOptions describe a new down connection. The callbacks are called from
// goroutines of the engine, one at a time, and must not block.
type DownOptions struct {
	// Group and SubscriberID are the group that the subscriber is in and its
	// client id there, for statistics.
	Group, SubscriberID string
	// OnBroken is called when the connection cannot be set up: it is of no use
	// any more.
	OnBroken func()
	// OnFailed is called when ICE has failed: offer again, with a restart.
	OnFailed func()
}

// DownConn is the connection by which one subscriber receives one publication.
// Its methods, Close excepted, are for one goroutine at a time.
type DownConn struct {
	// transport, line and what numbers packets come first: each packet needs them.
	transport

	// What follows is guarded by the worker's lock.
	line *line
	numbered
	rows       []*DownTrack
	nextReport time.Duration
	// remb is the subscriber's own estimate, in bit/s, of the time rembAt; 0 before the
	// first.
	remb   float64
	rembAt time.Duration

	// up is where the tracks come from; in a PlayConn it changes, under the
	// worker's lock, and may be nil.
	up      *UpConn
	options DownOptions
	// tracks are those that the subscriber gets, in the order they were added.
	tracks []*DownTrack
}

// NewDownConn makes a connection for a publication of this engine. It sends
// nothing before SetTracks, Offer and the answer.
func (e *Engine) NewDownConn(p media.Publication, o DownOptions) (*DownConn, error) {
	up, ok := p.(*UpConn)
	if !ok {
		return nil, fmt.Errorf("publication %q is not of this engine", p.ID())
	}
	d := &DownConn{options: o, up: up}
	d.log = e.log.With("stream", p.ID())
	if err := d.begin(e, up.options.Group, offeredCodecs(up)); err != nil {
		return nil, err
	}
	return d, nil
}

// begin opens the connection and enters it everywhere: packets come from
// publishers of the group.
func (d *DownConn) begin(e *Engine, group string, codecs []media.Codec) error {
	d.onFailed, d.onBroken = d.options.OnFailed, d.options.OnBroken
	d.connected, d.disconnected = d.start, d.stop
	if err := d.open(e, d, time.Duration(quietKeepalives*float64(e.options.ICE.Keepalive)), codecs, downExtensions(codecs)); err != nil {
		return err
	}
	if err := e.add(d, &d.transport, group); err != nil {
		_ = d.pc.Close() // nothing has been opened yet
		return err
	}
	return d.enter()
}

// enter has the worker know the connection, unless the engine has been closed, and the
// connection with it, since it was added.
func (d *DownConn) enter() (err error) {
	d.worker.do(func() {
		if d.closed {
			err = ErrClosed
			return
		}
		d.worker.downs[d] = struct{}{}
		d.worker.attach(d)
	})
	return err
}

// offeredCodecs lists what tracks of a publication may need: the codecs of
// those that there are, with the publisher's parameters, and every other one
// that its group allows, since tracks may be added later.
func offeredCodecs(u *UpConn) []media.Codec {
	var codecs []media.Codec
	for _, t := range u.Tracks() {
		codecs = append(codecs, t.Codec())
	}
	codecs = append(codecs, u.options.Codecs...)
	var distinct []media.Codec
	for _, c := range codecs {
		if !slices.ContainsFunc(distinct, func(o media.Codec) bool { return o.PayloadType == c.PayloadType }) {
			distinct = append(distinct, c)
		}
	}
	return distinct
}

// SetTracks says which tracks the subscriber gets. renegotiate tells whether
// that needs a new offer: another encoding of a track that is being sent does
// not.
func (d *DownConn) SetTracks(wanted []media.Wanted) (renegotiate bool, err error) {
	err = d.negotiate(func() error {
		renegotiate, err = d.setTracks(wanted)
		return err
	})
	return renegotiate, err
}

func (d *DownConn) setTracks(wanted []media.Wanted) (renegotiate bool, err error) {
	for _, t := range slices.Clone(d.tracks) {
		if slices.ContainsFunc(wanted, func(w media.Wanted) bool { return w.Track == media.Track(t.up) }) {
			continue
		}
		if err := d.removeTrack(t); err != nil {
			return renegotiate, err
		}
		renegotiate = true
	}
	for _, w := range wanted {
		up, ok := w.Track.(*UpTrack)
		if !ok || up.conn != d.up {
			return renegotiate, fmt.Errorf("track %q is not of publication %q", w.Track.ID(), d.up.ID())
		}
		target := ceiling(up, w)
		if i := slices.IndexFunc(d.tracks, func(t *DownTrack) bool { return t.up == up }); i >= 0 {
			d.worker.do(func() { d.tracks[i].want(target, d.engine.now()) })
			continue
		}
		if err := d.addTrack(up, target); err != nil {
			return renegotiate, err
		}
		renegotiate = true
	}
	return renegotiate, nil
}

// addTrack adds a section for the track, or uses one again that is free.
func (d *DownConn) addTrack(up *UpTrack, target forward.Target) error {
	t := newDownTrack(d, up, target)
	transceiver, err := d.transceiverFor(t)
	if err == nil {
		err = transceiver.SetCodecPreferences([]webrtc.RTPCodecParameters{codecParameters(t.codec)})
	}
	if err != nil {
		return fmt.Errorf("add track %q: %w", up.ID(), err)
	}
	t.transceiver = transceiver
	d.tracks = append(d.tracks, t)
	d.worker.do(func() { d.rows = append(d.rows, t) })
	return nil
}

// transceiverFor gives the track a section, a free one if there is any.
func (d *DownConn) transceiverFor(t *DownTrack) (*webrtc.RTPTransceiver, error) {
	free := d.freeTransceiver(t.kind)
	if free == nil {
		return d.pc.AddTransceiverFromTrack(t, webrtc.RTPTransceiverInit{Direction: webrtc.RTPTransceiverDirectionSendonly})
	}
	sender, err := d.api.NewRTPSender(t, d.pc.SCTP().Transport())
	if err != nil {
		return nil, err
	}
	return free, free.SetSender(sender, t)
}

// freeTransceiver finds a section that nothing is sent in any more.
func (d *DownConn) freeTransceiver(k media.Kind) *webrtc.RTPTransceiver {
	for _, t := range d.pc.GetTransceivers() {
		if t.Kind() == pionKind(k) && t.Sender() == nil && t.Direction() == webrtc.RTPTransceiverDirectionInactive {
			return t
		}
	}
	return nil
}

func (d *DownConn) removeTrack(t *DownTrack) error {
	d.worker.do(func() {
		t.leave()
		d.worker.past.addDown(t)
		d.rows = slices.DeleteFunc(d.rows, func(r *DownTrack) bool { return r == t })
	})
	d.tracks = slices.DeleteFunc(d.tracks, func(o *DownTrack) bool { return o == t })
	if err := d.pc.RemoveTrack(t.transceiver.Sender()); err != nil {
		return fmt.Errorf("remove track %q: %w", t.ID(), err)
	}
	return nil
}

// Offer makes an offer, which holds all our candidates; restart asks for new
// ICE credentials. There must be no offer outstanding.
func (d *DownConn) Offer(restart bool) (sdp string, err error) {
	err = d.negotiate(func() error {
		// Before the first answer there is nothing to restart.
		offer, err := d.pc.CreateOffer(&webrtc.OfferOptions{ICERestart: restart && d.described})
		if err == nil {
			err = d.setLocal(offer)
		}
		if restart {
			d.taken.Store(0)
		}
		sdp = sdpedit.CompleteOffer(offer.SDP, sdpedit.Additions{
			RepairSources: d.repairSources(), Extensions: d.agreedExtensions(), Candidates: d.engine.candidates,
		})
		return err
	})
	if err != nil {
		return "", fmt.Errorf("make an offer: %w", err)
	}
	return sdp, nil
}

// Answer applies the subscriber's answer to the outstanding offer.
func (d *DownConn) Answer(sdp string) error {
	taken, err := sdpedit.ReadAnswer(sdp, maxCandidates)
	if err != nil {
		return fmt.Errorf("read the answer: %w", err)
	}
	return d.negotiate(func() error {
		d.security.describe(taken.Library)
		answer := webrtc.SessionDescription{Type: webrtc.SDPTypeAnswer, SDP: taken.Library}
		if err := d.setRemote(answer); err != nil {
			return fmt.Errorf("apply the answer: %w", err)
		}
		for _, t := range d.tracks {
			t.accepted(taken.Companions[t.transceiver.Mid()])
		}
		d.refuse(taken.Rejected)
		d.takePending()
		return nil
	})
}

// repairSources returns the sources of retransmissions, by mid.
func (d *DownConn) repairSources() map[string]uint32 {
	sources := make(map[string]uint32, len(d.tracks))
	for _, t := range d.tracks {
		sources[t.transceiver.Mid()] = t.repairSSRC
	}
	return sources
}

// agreedExtensions are the header extensions of the packets, by kind; none before
// the first answer.
func (d *DownConn) agreedExtensions() map[media.Kind][]sdpedit.Extension {
	var agreed downNumbers
	d.worker.do(func() { agreed = d.extensions })
	x := make(map[media.Kind][]sdpedit.Extension)
	if id := agreed.transportCC; id != 0 {
		for _, kind := range []media.Kind{media.Audio, media.Video} {
			x[kind] = append(x[kind], sdpedit.Extension{ID: id, URI: extensionTransportCC})
		}
	}
	if id := agreed.dependency; id != 0 {
		x[media.Video] = append(x[media.Video], sdpedit.Extension{ID: id, URI: extensionDependency})
	}
	return x
}

// refuse silences the tracks whose sections the subscriber has rejected, and lets those
// flow that he takes now.
func (d *DownConn) refuse(mids []string) {
	for _, t := range d.tracks {
		refused := slices.Contains(mids, t.transceiver.Mid())
		d.worker.do(func() {
			t.refused = refused
			switch {
			case refused:
				t.leave()
			case d.canSend():
				t.join(d.engine.now())
			}
		})
	}
}

// AddCandidate takes a candidate of the subscriber, before or after the answer.
// One that cannot be used is ignored.
func (d *DownConn) AddCandidate(c Candidate) { d.takeCandidate(c) }

// Close ends the connection; it is idempotent and may be called from any
// goroutine.
func (d *DownConn) Close() {
	d.shut(d, func() {
		for _, t := range d.rows {
			t.leave()
			d.worker.past.addDown(t)
		}
		d.rows = nil
		if d.line != nil { // it has been entered
			delete(d.worker.downs, d)
			d.worker.detach(d)
		}
	})
}

// start lets the rows flow that wait for the connection; the worker's lock is
// held.
func (d *DownConn) start(now time.Duration) {
	for _, t := range d.rows {
		t.join(now)
	}
}

// stop has nothing flow until the connection is there again, and the rows begin anew
// then; the worker's lock is held.
func (d *DownConn) stop() {
	for _, t := range d.rows {
		t.leave()
		t.forwarder.Interrupted()
	}
}
