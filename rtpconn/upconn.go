package rtpconn

import "galene/group/media"

// UpOptions describe a new up connection. The callbacks are called from
// goroutines of the engine, one at a time, and must not block.
type UpOptions struct {
	ID, Label          string
	OwnerID, OwnerName string
	// Codecs are those that may be published.
	Codecs []media.Codec
	// OnTracks is called when every media section of the offer has produced
	// its track, at the latest 200 ms after the first one, and again whenever
	// a track has been added or has gone since.
	OnTracks func()
	// OnFailed is called when ICE has failed: the publisher should restart it.
	OnFailed func()
}

// UpConn is the connection by which a publisher sends one stream. It is a
// media.Publication.
type UpConn struct{}

var _ media.Publication = (*UpConn)(nil)

// NewUpConn makes an up connection that waits for the publisher's offer.
func (e *Engine) NewUpConn(o UpOptions) (*UpConn, error) { return nil, errNotReady }

// Offer applies the publisher's offer, first or later, and returns the answer,
// which holds all our candidates. It takes some milliseconds; calls for one
// connection must come one after the other. An offer that cannot be applied
// leaves the connection as it was.
func (u *UpConn) Offer(sdp string) (answer string, err error) { return "", errNotReady }

// AddCandidate takes a candidate of the publisher, before or after the offer.
// One that cannot be used is ignored.
func (u *UpConn) AddCandidate(c Candidate) {}

// Close ends the connection; it is idempotent. Subscribers get no more packets;
// their connections are for their owners to close.
func (u *UpConn) Close() {}

// ID implements media.Publication.
func (u *UpConn) ID() string { return "" }

// Label implements media.Publication.
func (u *UpConn) Label() string { return "" }

// Owner implements media.Publication.
func (u *UpConn) Owner() (id, username string) { return "", "" }

// Tracks implements media.Publication.
func (u *UpConn) Tracks() []media.Track { return nil }
