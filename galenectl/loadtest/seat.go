package loadtest

import (
	"context"

	"galene/rtpconn/loadtest"
)

// door is where members come into a group of a server.
type door interface {
	// enter joins the group; the seat lives until ctx ends or until it is left.
	enter(ctx context.Context) (seat, error)
}

// seat is a member's connection with the server, whatever protocol that
// speaks. One goroutine calls next; the others may be called from any.
type seat interface {
	// name identifies the member in messages.
	name() string
	// stream identifies the stream that the member may publish.
	stream() string
	// publish offers that stream; an event tells of the answer.
	publish(sdp string) error
	// subscribe asks for all streams, those of later included.
	subscribe() error
	// answer accepts a stream that was offered, refuse does not.
	answer(stream, sdp string) error
	refuse(stream string) error
	// next waits for what the server says.
	next() (event, error)
	// leave ends the connection.
	leave()
}

// eventKind is what a server says.
type eventKind int

const (
	// ignored events concern nobody here.
	ignored eventKind = iota
	// answered is the answer to the member's offer.
	answered
	// offered is the offer of a stream, a new one or one that changes.
	offered
	// candidate is one more address of the server's for a stream.
	candidate
	// closed is the end of a stream.
	closed
	// restart asks for a new offer.
	restart
)

// event is something that the server says about a stream.
type event struct {
	kind      eventKind
	stream    string
	sdp       string
	candidate *loadtest.Candidate
}
