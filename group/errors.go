package group

import "errors"

// An Error is a refusal that the user concerned may read. Text is what he is
// told, Code the stable name by which programs know it ("" for most).
type Error struct {
	Text string
	Code string
}

// Error implements error.
func (e *Error) Error() string { return e.Text }

// The refusals with a fixed text.
var (
	ErrIllegalName       = &Error{Text: "illegal group name"}
	ErrNoSuchGroup       = &Error{Text: "group does not exist"}
	ErrNotAuthorised     = &Error{Text: "not authorised"}
	ErrUsernameRequired  = &Error{Text: "username required", Code: "need-username"}
	ErrUsernameTaken     = &Error{Text: "not authorised: this username is taken", Code: "duplicate-username"}
	ErrTooManyLogins     = &Error{Text: "too many logins are waiting, try again in a moment", Code: "try-again"}
	ErrNotOpenYet        = &Error{Text: "this group is not open yet"}
	ErrClosed            = &Error{Text: "this group is closed"}
	ErrNoOperators       = &Error{Text: "there are no operators in this group"}
	ErrTooManyUsers      = &Error{Text: "too many users"}
	ErrEmptyClientID     = &Error{Text: "empty client id"}
	ErrDuplicateClientID = &Error{Text: "duplicate client id"}
	ErrDataTooLarge      = &Error{Text: "user data too large"}
	ErrUserUnknown       = &Error{Text: "user unknown"}
	ErrNoSuchUser        = &Error{Text: "no such user"}
	ErrClientNotFound    = &Error{Text: "client not found"}
	ErrNotARealUser      = &Error{Text: "this is not a real user"}
	ErrDoesNotChat       = &Error{Text: "this user doesn't chat"}
	ErrGroupDataTooLarge = &Error{Text: "group data too large"}
	ErrMessageTooLong    = &Error{Text: "message too long"}
	ErrBadClearChat      = &Error{Text: "bad value in clearchat"}
	ErrDuplicateStream   = &Error{Text: "this stream id is in use"}
	ErrShuttingDown      = &Error{Text: "server is shutting down"}
)

// ErrNotMember is what the methods of a Group say to a client that is not, or
// no longer, in it.
var ErrNotMember = errors.New("not a member of the group")

// errGone is what a group says after it has left the registry: whoever still
// has a pointer to it looks it up again.
var errGone = errors.New("group has been dropped")

// A RedirectError says that the group is elsewhere.
type RedirectError struct {
	URL string
}

// Error implements error.
func (e *RedirectError) Error() string { return "group redirects to " + e.URL }

// A RefusedError is ErrNotAuthorised together with the reason, which is for the
// log alone.
type RefusedError struct {
	Reason string
}

// Error implements error. The text is not for the user.
func (e *RefusedError) Error() string { return "not authorised: " + e.Reason }

// Unwrap makes it an ErrNotAuthorised.
func (e *RefusedError) Unwrap() error { return ErrNotAuthorised }
