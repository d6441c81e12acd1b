package rtpconn

import "galene/group/media"

// DownOptions describe a new down connection. The callbacks are called from
// goroutines of the engine, one at a time, and must not block.
type DownOptions struct {
	// OnFailed is called when ICE has failed: offer again, with a restart.
	OnFailed func()
}

// DownConn is the connection by which one subscriber receives one publication.
type DownConn struct{}

// NewDownConn makes a connection for a publication of this engine. It sends
// nothing before SetTracks, Offer and the answer.
func (e *Engine) NewDownConn(p media.Publication, o DownOptions) (*DownConn, error) {
	return nil, errNotReady
}

// SetTracks says which tracks the subscriber gets. renegotiate tells whether
// that needs a new offer: another encoding of a track that is being sent does
// not.
func (d *DownConn) SetTracks(wanted []media.Wanted) (renegotiate bool, err error) {
	return false, errNotReady
}

// Offer makes an offer, which holds all our candidates; restart asks for new
// ICE credentials. There must be no offer outstanding.
func (d *DownConn) Offer(restart bool) (sdp string, err error) { return "", errNotReady }

// Answer applies the subscriber's answer to the outstanding offer.
func (d *DownConn) Answer(sdp string) error { return errNotReady }

// AddCandidate takes a candidate of the subscriber, before or after the answer.
// One that cannot be used is ignored.
func (d *DownConn) AddCandidate(c Candidate) {}

// Close ends the connection; it is idempotent.
func (d *DownConn) Close() {}
