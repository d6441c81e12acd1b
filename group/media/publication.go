package media

// A Publication is one stream that a member sends to the group: a camera with
// its microphone, a shared screen, a file. Its id is chosen by the publisher
// and is what every subscriber sees.
//
// All methods may be called from any goroutine and return at once.
type Publication interface {
	ID() string
	// Label is the publisher's word for what it is, such as "camera" or
	// "screenshare"; it may be empty.
	Label() string
	// Owner returns the client id and the user name of the publisher.
	Owner() (id, username string)
	// Tracks returns the tracks that have appeared so far, in the order of
	// the publisher's SDP. The slice is the caller's.
	Tracks() []Track
}

// A Track is one source of a publication. All encodings of one simulcast
// source are one Track.
type Track interface {
	// ID is the track part of the publisher's msid, or a name made up for it.
	ID() string
	Kind() Kind
	Codec() Codec
	// Encodings is the number of simulcast encodings, at least 1. They are
	// numbered in the order of the publisher's SDP, best first.
	Encodings() int
}
