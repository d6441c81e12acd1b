package ws_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"galene/group/media"
	"galene/rtpconn"
	"galene/webserver/ws"
)

// fakeEngine makes connections without media. An offer to it is a list of
// tracks, such as "audio video"; an offer or answer that begins with "bad" does
// not apply.
type fakeEngine struct {
	// mu guards what follows, and the fields of the connections.
	mu   sync.Mutex
	up   []*fakeUp
	down []*fakeDown
	// refuseDown makes new down connections fail.
	refuseDown bool
}

var _ ws.Engine = (*fakeEngine)(nil)

type fakeUp struct {
	engine     *fakeEngine
	options    rtpconn.UpOptions
	tracks     []media.Track
	candidates int
	closed     bool
}

type fakeDown struct {
	engine     *fakeEngine
	options    rtpconn.DownOptions
	wanted     []media.Wanted
	offers     int
	candidates int
	closed     bool
}

type fakeTrack struct {
	kind      media.Kind
	encodings int
}

func (f *fakeTrack) ID() string         { return f.kind.String() }
func (f *fakeTrack) Kind() media.Kind   { return f.kind }
func (f *fakeTrack) Codec() media.Codec { return media.Codec{} }
func (f *fakeTrack) Encodings() int     { return f.encodings }

// NewUpConn implements ws.Engine.
func (e *fakeEngine) NewUpConn(o rtpconn.UpOptions) (ws.UpConn, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	u := &fakeUp{engine: e, options: o}
	e.up = append(e.up, u)
	return u, nil
}

// NewDownConn implements ws.Engine.
func (e *fakeEngine) NewDownConn(_ media.Publication, o rtpconn.DownOptions) (ws.DownConn, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.refuseDown {
		return nil, errors.New("refused")
	}
	d := &fakeDown{engine: e, options: o}
	e.down = append(e.down, d)
	return d, nil
}

// lastUp and lastDown return the connection that was made last.
func (e *fakeEngine) lastUp() *fakeUp {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.up[len(e.up)-1]
}

func (e *fakeEngine) lastDown() *fakeDown {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.down[len(e.down)-1]
}

// checkClosed fails the test if a connection was left open.
func (e *fakeEngine) checkClosed(t *testing.T) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, u := range e.up {
		if !u.closed {
			t.Errorf("up connection %s was left open", u.options.ID)
		}
	}
	for i, d := range e.down {
		if !d.closed {
			t.Errorf("down connection %d was left open", i)
		}
	}
}

// Offer implements ws.UpConn. The tracks appear at once, unless the offer ends
// in "later".
func (u *fakeUp) Offer(sdp string) (string, error) {
	if strings.HasPrefix(sdp, "bad") {
		return "", errors.New("bad offer")
	}
	kinds, later := strings.CutSuffix(sdp, " later")
	u.setTracks(kinds)
	if !later {
		u.options.OnTracks()
	}
	return "answer to " + sdp, nil
}

func (u *fakeUp) setTracks(kinds string) {
	u.engine.mu.Lock()
	defer u.engine.mu.Unlock()
	u.tracks = nil
	for word := range strings.FieldsSeq(kinds) {
		kind, _ := media.ParseKind(word)
		u.tracks = append(u.tracks, &fakeTrack{kind, 1})
	}
}

func (u *fakeUp) AddCandidate(rtpconn.Candidate) {
	u.engine.mu.Lock()
	defer u.engine.mu.Unlock()
	u.candidates++
}

func (u *fakeUp) Close() {
	u.engine.mu.Lock()
	defer u.engine.mu.Unlock()
	u.closed = true
}

func (u *fakeUp) ID() string              { return u.options.ID }
func (u *fakeUp) Label() string           { return u.options.Label }
func (u *fakeUp) Owner() (string, string) { return u.options.OwnerID, u.options.OwnerName }
func (u *fakeUp) Tracks() []media.Track {
	u.engine.mu.Lock()
	defer u.engine.mu.Unlock()
	return slices.Clone(u.tracks)
}

// SetTracks implements ws.DownConn: a new encoding alone needs no new offer.
func (d *fakeDown) SetTracks(wanted []media.Wanted) (bool, error) {
	d.engine.mu.Lock()
	defer d.engine.mu.Unlock()
	same := slices.EqualFunc(d.wanted, wanted, func(a, b media.Wanted) bool { return a.Track == b.Track })
	d.wanted = wanted
	return !same, nil
}

// Offer implements ws.DownConn. The offer is its number and the tracks.
func (d *fakeDown) Offer(restart bool) (string, error) {
	d.engine.mu.Lock()
	defer d.engine.mu.Unlock()
	d.offers++
	sdp := fmt.Sprint(d.offers)
	for _, w := range d.wanted {
		sdp += " " + w.Track.Kind().String()
	}
	if restart {
		sdp += " restart"
	}
	return sdp, nil
}

// Answer implements ws.DownConn.
func (d *fakeDown) Answer(sdp string) error {
	if strings.HasPrefix(sdp, "bad") {
		return errors.New("bad answer")
	}
	return nil
}

func (d *fakeDown) AddCandidate(rtpconn.Candidate) {
	d.engine.mu.Lock()
	defer d.engine.mu.Unlock()
	d.candidates++
}

func (d *fakeDown) Close() {
	d.engine.mu.Lock()
	defer d.engine.mu.Unlock()
	d.closed = true
}
