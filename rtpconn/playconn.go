package rtpconn

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"galene/group/media"
	"galene/rtpconn/codec"
	"galene/rtpconn/sdpedit"

	"github.com/pion/webrtc/v3"
)

// ErrNothingUsable is returned for an offer without a section that could carry
// media of an allowed codec in the direction that matters.
var ErrNothingUsable = errors.New("no section of the offer can be used")

// PlayOptions describe a new play connection. The callbacks are those of
// DownOptions.
type PlayOptions struct {
	DownOptions
	// Codecs are those that may be published.
	Codecs []media.Codec
}

// PlayConn is the connection by which a player, who makes the offers, receives
// one publication after another, each in the place of the one before. Its
// methods, Close excepted, are for one goroutine at a time.
type PlayConn struct {
	down        *DownConn
	codecs      []media.Codec
	remoteUfrag string
}

// NewPlayConn makes a connection that waits for the player's offer.
func (e *Engine) NewPlayConn(o PlayOptions) (*PlayConn, error) {
	d := &DownConn{options: o.DownOptions}
	d.log = e.log.With("client", o.SubscriberID)
	if err := d.begin(e, o.Group, o.Codecs); err != nil {
		return nil, err
	}
	return &PlayConn{down: d, codecs: o.Codecs}, nil
}

// Offer applies the player's offer, first or later, and returns the answer,
// which holds all our candidates. It takes some milliseconds. A later one may
// restart ICE; it adds no tracks.
func (p *PlayConn) Offer(sdp string) (answer string, err error) {
	err = p.down.negotiate(func() error {
		answer, err = p.answer(sdp)
		return err
	})
	return answer, err
}

func (p *PlayConn) answer(sdp string) (string, error) {
	offer, err := sdpedit.ReadSecureOffer(sdp)
	if err != nil {
		return "", err
	}
	filtered := sdpedit.LimitCandidates(sdpedit.FilterPlayerOffer(sdp, p.codecs), maxCandidates)
	kinds := sdpedit.Kinds(filtered)
	if len(kinds) == 0 {
		return "", ErrNothingUsable
	}
	for _, kind := range kinds {
		if err := p.addTrack(kind); err != nil {
			return "", err
		}
	}
	d := p.down
	d.security.describe(filtered)
	remote := webrtc.SessionDescription{Type: webrtc.SDPTypeOffer, SDP: filtered}
	if err := d.setRemote(remote); err != nil {
		return "", fmt.Errorf("apply the offer: %w", err)
	}
	local, err := d.pc.CreateAnswer(nil)
	if err == nil {
		err = d.setLocal(local)
	}
	if err != nil {
		return "", fmt.Errorf("apply the offer: %w", err)
	}
	if fragment := sdpedit.Ufrag(sdp); fragment != p.remoteUfrag {
		p.remoteUfrag = fragment
		d.taken.Store(0)
	}
	d.takePending()
	for _, t := range d.tracks {
		if i := slices.IndexFunc(offer.Sections, func(s sdpedit.Section) bool { return s.MID == t.transceiver.Mid() }); i >= 0 {
			t.accepted(offer.Sections[i].Companions())
		}
	}
	answer := sdpedit.AnswerPlayer(local.SDP, offer, d.repairSources())
	return sdpedit.AddCandidates(answer, d.engine.candidates), nil
}

// addTrack prepares for sending a kind, unless that has been done.
func (p *PlayConn) addTrack(kind media.Kind) error {
	d := p.down
	if slices.ContainsFunc(d.tracks, func(t *DownTrack) bool { return t.kind == kind }) {
		return nil
	}
	t := newPlayTrack(d, kind, p.codecs)
	init := webrtc.RTPTransceiverInit{Direction: webrtc.RTPTransceiverDirectionSendonly}
	transceiver, err := d.pc.AddTransceiverFromTrack(t, init)
	if err != nil {
		return fmt.Errorf("add %s: %w", kind, err)
	}
	t.transceiver = transceiver
	d.tracks = append(d.tracks, t)
	d.worker.do(func() { d.rows = append(d.rows, t) })
	return nil
}

// Play makes a publication of this engine what the player receives, or nothing
// if it is nil; it is one of the player's group. Of each kind it gets the first track, in its best encoding, if
// it takes the codec.
func (p *PlayConn) Play(publication media.Publication) error {
	var up *UpConn
	var wanted []media.Wanted
	if publication != nil {
		var ok bool
		if up, ok = publication.(*UpConn); !ok {
			return fmt.Errorf("publication %q is not of this engine", publication.ID())
		}
		if up.options.Group != p.down.options.Group {
			return fmt.Errorf("publication %q is of another group", publication.ID())
		}
		wanted = media.Select([]string{"audio", "video"}, up.Tracks())
	}
	d := p.down
	d.worker.do(func() {
		d.up = up
		for _, t := range d.rows {
			var source *UpTrack
			for _, w := range wanted {
				if w.Track.Kind() == t.kind {
					source, _ = w.Track.(*UpTrack)
				}
			}
			t.setSource(source, d.engine.now())
		}
	})
	return nil
}

// AddCandidate takes a candidate of the player, before or after the offer. One
// that cannot be used is ignored.
func (p *PlayConn) AddCandidate(c Candidate) { p.down.takeCandidate(c) }

// Disconnected tells whether the player, who was there, has not been heard of
// for 10 s; he may come back.
func (p *PlayConn) Disconnected() bool { return p.down.Disconnected() }

// Close ends the connection; it is idempotent and may be called from any
// goroutine.
func (p *PlayConn) Close() { p.down.Close() }

// newPlayTrack makes a row that has no source yet.
func newPlayTrack(d *DownConn, kind media.Kind, codecs []media.Codec) *DownTrack {
	t := newRow(d, kind, media.Codec{Kind: kind, ClockRate: 90000})
	t.id, t.stream = kind.String(), "play"
	t.choices = slices.DeleteFunc(slices.Clone(codecs), func(c media.Codec) bool { return c.Kind != kind })
	t.payloadTypes = make(map[uint8]uint8)
	return t
}

// bindChoices notes the payload types by which the player takes codecs.
func (t *DownTrack) bindChoices(c webrtc.TrackLocalContext) (webrtc.RTPCodecParameters, error) {
	parameters := c.CodecParameters()
	types := make(map[uint8]uint8)
	for _, p := range parameters {
		_, name, _ := strings.Cut(p.MimeType, "/")
		payload := sdpedit.Payload{Name: name, ClockRate: p.ClockRate, Channels: p.Channels, Fmtp: p.SDPFmtpLine}
		if t.kind == media.Audio {
			payload.Channels = max(1, p.Channels)
		}
		if choice, ok := payload.Codec(t.choices); ok {
			if _, known := types[choice.PayloadType]; !known {
				types[choice.PayloadType] = uint8(p.PayloadType)
			}
		}
	}
	if len(types) == 0 {
		return webrtc.RTPCodecParameters{}, ErrNothingUsable
	}
	t.conn.worker.do(func() {
		t.bound, t.ssrc, t.payloadTypes = true, uint32(c.SSRC()), types
		t.conn.number(c.HeaderExtensions())
		if t.conn.canSend() {
			t.join(t.conn.engine.now())
		}
	})
	return parameters[0], nil
}

// setSource makes another track the one that the row gets, or none if it is
// nil: what arrives goes on as one stream. The worker's lock is held.
func (t *DownTrack) setSource(up *UpTrack, now time.Duration) {
	if t.up == up {
		return
	}
	t.leave()
	t.up = up
	if up == nil {
		return
	}
	c := up.Codec()
	if c.PayloadType != t.codec.PayloadType {
		t.conn.line.pacer.drop(t) // it would go under the payload type of the new one
	}
	t.codec = c
	format := formatOf(c)
	format.Silence = true // who is no browser may take a gap for a loss
	t.forwarder.Replace(format)
	t.rewrite = codec.RewriterFor(t.codec.MimeType)
	if t.conn.canSend() {
		t.join(now)
	}
}
