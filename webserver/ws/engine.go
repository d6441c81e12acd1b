package ws

import (
	"galene/group/media"
	"galene/rtpconn"
)

// Engine makes the connections of streams. Tests have their own, so that they
// say what a client offers and answers without having any media.
type Engine interface {
	NewUpConn(rtpconn.UpOptions) (UpConn, error)
	NewDownConn(media.Publication, rtpconn.DownOptions) (DownConn, error)
}

// UpConn is what this package uses of an rtpconn.UpConn.
type UpConn interface {
	media.Publication
	Offer(sdp string) (answer string, err error)
	AddCandidate(rtpconn.Candidate)
	Close()
}

// DownConn is what this package uses of an rtpconn.DownConn.
type DownConn interface {
	SetTracks([]media.Wanted) (renegotiate bool, err error)
	Offer(restart bool) (sdp string, err error)
	Answer(sdp string) error
	AddCandidate(rtpconn.Candidate)
	Close()
}

// MediaEngine is the Engine that an rtpconn.Engine is.
type MediaEngine struct{ *rtpconn.Engine }

var _ Engine = MediaEngine{}

// NewUpConn implements Engine.
func (e MediaEngine) NewUpConn(o rtpconn.UpOptions) (UpConn, error) {
	conn, err := e.Engine.NewUpConn(o)
	if err != nil {
		return nil, err
	}
	return conn, nil
}

// NewDownConn implements Engine.
func (e MediaEngine) NewDownConn(p media.Publication, o rtpconn.DownOptions) (DownConn, error) {
	conn, err := e.Engine.NewDownConn(p, o)
	if err != nil {
		return nil, err
	}
	return conn, nil
}
