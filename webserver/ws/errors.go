package ws

import (
	"cmp"
	"errors"
	"io"
	"net"

	"galene/group"

	"github.com/gorilla/websocket"
)

// A fatalError ends the connection: Text is told to the user and is the reason
// in the close frame, whose code Code is.
type fatalError struct {
	Code int
	Text string
}

// Error implements error.
func (e *fatalError) Error() string { return e.Text }

// protocolError is for clients that do not speak the protocol.
func protocolError(text string) error {
	return &fatalError{Code: websocket.CloseProtocolError, Text: text}
}

// userError is for what a correct client does not do on its own.
func userError(text string) error {
	return &fatalError{Code: websocket.CloseNormalClosure, Text: text}
}

var (
	// errJoinFirst answers what only a member may do.
	errJoinFirst = &group.Error{Text: "join a group first"}
	// errTooDeep answers what would be too much for the programs of others.
	errTooDeep = &group.Error{Text: "this message is nested too deeply"}
	// errNoRecorder answers whoever may record.
	errNoRecorder = &group.Error{Text: "recording is not possible on this server yet"}
	// errEnded says that the connection is being closed on purpose.
	errEnded = errors.New("connection ended")
	// errMalformed is a message that is no JSON object, or has a member of
	// the wrong type.
	errMalformed = errors.New("malformed message")
	// errDead is a client that has not been heard of for too long.
	errDead = errors.New("client is silent")
	// errDropped is a socket that was dropped on our side, because it took
	// nothing or because there is another one.
	errDropped = errors.New("connection dropped")
	// errHandedOver says that another seat has taken the connection.
	errHandedOver = errors.New("connection handed over")
	// errGivenUp is an absent client who cannot come back any more.
	errGivenUp = errors.New("seat given up")
	// errTooSlow is a client that does not take what it is sent.
	errTooSlow = errors.New("client is too slow")
)

// isNetworkError tells whether the connection is broken, as opposed to closed.
func isNetworkError(err error) bool {
	var netErr net.Error
	return errors.As(err, &netErr) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) ||
		errors.Is(err, net.ErrClosed)
}

// internalErrorText is all that a user learns about a fault of the server that nobody
// can do anything about without its log.
const internalErrorText = "internal server error"

// readable returns the text and the code of an error for the user; known is
// false if it is a fault of the server, which is for the log.
func readable(err error) (text, code string, known bool) {
	var e *group.Error
	if errors.As(err, &e) {
		return e.Text, e.Code, true
	}
	if errors.Is(err, group.ErrNotMember) {
		return errJoinFirst.Text, "", true
	}
	return cmp.Or(group.StorageFault(err), internalErrorText), "", false
}
