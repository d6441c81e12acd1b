package whip

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"net/http"
	"net/netip"
	"net/url"
	"sync"

	"galene/group"
	"galene/rtpconn"
	"galene/rtpconn/sdpedit"
)

// conn is what both kinds of connection can do.
type conn interface {
	Offer(sdp string) (answer string, err error)
	AddCandidate(rtpconn.Candidate)
	Disconnected() bool
	Close()
}

// session is a member of a group whose signalling is HTTP. It is one goroutine
// that does what the group and the engine bring about; requests are served by
// their own.
type session struct {
	handler *Handler
	kind    Kind
	// label is that of the stream that is sent.
	label string
	// id is the client's and the stream's, secret what the address of the
	// session ends in: who knows the one does not know the other.
	id, secret string
	// token is the one that the session was opened with.
	token string
	// address is where the request came from, for operators; from is where the
	// client is, as far as that is known.
	address string
	from    netip.Addr
	group   *group.Group
	// username is the one that the session has in the group.
	username string
	conn     conn
	// source finds what is played; nil for a publisher.
	source *source

	// changed has an element when the group or the tracks may have changed.
	changed chan struct{}
	// ending is closed when the session is to end, done when it has.
	ending, done chan struct{}
	once         sync.Once

	// mu guards what follows, and with it that one offer is applied at a time.
	mu sync.Mutex
	// offer is the last one that was applied.
	offer string
	// tag is the entity tag of this generation of ICE.
	tag string
	// mids are those of the offer's sections.
	mids []string
}

var _ group.Client = (*session)(nil)

func newSession(h *Handler, kind Kind, r *http.Request) *session {
	return &session{
		handler: h, kind: kind, label: r.URL.Query().Get("label"), id: randomText(), secret: randomText(), tag: newTag(),
		token: bearer(r), address: h.options.Endpoint(r), from: h.options.Address(r),
		changed: make(chan struct{}, 1), ending: make(chan struct{}), done: make(chan struct{}),
	}
}

// ID implements group.Client.
func (s *session) ID() string { return s.id }

// Address implements group.Client.
func (s *session) Address() string { return s.address }

// Person implements group.Client.
func (s *session) Person() bool { return false }

// Deliver implements group.Client.
func (s *session) Deliver(e group.Event) {
	switch e := e.(type) {
	case group.Joined:
		// Join has not returned yet.
		s.username = e.Self.Username
	case group.Kicked:
		s.end()
	case group.Published, group.Unpublished:
		if s.kind == Playing {
			s.signal()
		}
	}
}

// signal has the session look again.
func (s *session) signal() {
	select {
	case s.changed <- struct{}{}:
	default:
	}
}

// end has the session end; it does not wait for that.
func (s *session) end() { s.once.Do(func() { close(s.ending) }) }

func (s *session) isEnding() bool {
	select {
	case <-s.ending:
		return true
	default:
		return false
	}
}

// run serves the session until it ends.
func (s *session) run() {
	defer close(s.done)
	defer s.handler.remove(s)
	defer s.leave()
	for {
		select {
		case <-s.ending:
			return
		case <-s.changed:
			s.update()
		}
	}
}

// update brings the session in line with what has changed.
func (s *session) update() {
	if s.kind == Publishing {
		s.group.Announce(s, s.id)
		return
	}
	if err := s.source.follow(s); err != nil {
		s.handler.logger.Error("cannot play", "group", s.group.Name(), "client", s.id, "error", err)
	}
}

// leave leaves the group and closes the connection.
func (s *session) leave() {
	s.group.Leave(s)
	if s.conn != nil {
		s.conn.Close()
	}
}

// open joins the group, applies the offer and returns the answer. If it fails,
// the session is over.
func (s *session) open(ctx context.Context, name string, query url.Values, offer string) (answer string, err error) {
	o := group.JoinOptions{
		Client: s, Group: name, Credentials: s.kind.credentials(s.token, s.from),
		Check: func(d *group.Description) error { return s.read(offer, d) },
	}
	if s.kind == Publishing {
		o.Needed = group.PermissionPresent
		s.handler.endPredecessor(s, name)
	}
	if s.group, err = s.handler.options.Registry.Join(ctx, o); err != nil {
		return "", err
	}
	defer func() {
		if err != nil {
			s.leave()
		}
	}()
	if err := ctx.Err(); err != nil {
		return "", err
	}
	if s.kind == Publishing {
		err = s.openPublisher()
	} else {
		err = s.openPlayer(query)
	}
	if err != nil {
		return "", err
	}
	if answer, err = s.conn.Offer(offer); err != nil {
		if errors.Is(err, rtpconn.ErrClosed) {
			return "", group.ErrShuttingDown
		}
		return "", &offerError{err}
	}
	s.offer = offer
	return answer, nil
}

// read reads an offer, so that one that cannot be used is refused before members see
// anybody come and go.
func (s *session) read(offer string, description *group.Description) error {
	read, err := sdpedit.ReadSecureOffer(offer)
	if err != nil {
		return &offerError{err}
	}
	if !usable(s.kind, offer, description) {
		return rtpconn.ErrNothingUsable
	}
	s.mids = nil
	for _, section := range read.Sections {
		s.mids = append(s.mids, section.MID)
	}
	return nil
}

func newTag() string { return `"` + randomText() + `"` }

// randomText returns 22 characters that nobody can guess.
func randomText() string {
	var b [16]byte
	rand.Read(b[:])
	return base64.RawURLEncoding.EncodeToString(b[:])
}
