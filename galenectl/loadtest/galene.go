package loadtest

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"

	"galene/rtpconn/loadtest"
)

// message is a message of the websocket protocol, as far as it concerns us.
type message struct {
	Type        string              `json:"type"`
	Version     []string            `json:"version,omitempty"`
	Kind        string              `json:"kind,omitempty"`
	Privileged  bool                `json:"privileged,omitempty"`
	Error       string              `json:"error,omitempty"`
	ID          string              `json:"id,omitempty"`
	Group       string              `json:"group,omitempty"`
	Username    *string             `json:"username,omitempty"`
	Password    string              `json:"password,omitempty"`
	Permissions []string            `json:"permissions,omitempty"`
	Label       string              `json:"label,omitempty"`
	SDP         string              `json:"sdp,omitempty"`
	Candidate   *loadtest.Candidate `json:"candidate,omitempty"`
	Request     map[string][]string `json:"request,omitempty"`
	Data        map[string]any      `json:"data,omitempty"`
	Value       json.RawMessage     `json:"value,omitempty"`
}

// text returns a value that is a string, and any other as it stands.
func text(value json.RawMessage) string {
	var s string
	if json.Unmarshal(value, &s) != nil {
		return string(value)
	}
	return s
}

// newID returns what may be the id of a client or a stream.
func newID() string {
	id := make([]byte, 16)
	_, _ = rand.Read(id) // never fails
	return hex.EncodeToString(id)
}

// galeneDoor is the websocket of a group of a Galene server.
type galeneDoor struct {
	network
	endpoint string
	group    string
	username string
	password string
	// data is what those who enter say of themselves.
	data map[string]any
}

// findGaleneDoor asks the server for the websocket of a group.
func findGaleneDoor(ctx context.Context, o Options) (*galeneDoor, error) {
	base, err := url.Parse(o.Server)
	if err != nil || base.Host == "" || base.Scheme != "http" && base.Scheme != "https" {
		return nil, fmt.Errorf("%q is not the URL of a server", o.Server)
	}
	d := &galeneDoor{network: network{o.TLS, o.Dial}, group: o.Group, username: o.Username, password: o.Password}
	if o.Mode == Cameras {
		// What they send is the silence of a muted microphone, and clients say so.
		d.data = map[string]any{"muted": true}
	}
	path := []string{"group"}
	for name := range strings.SplitSeq(o.Group, "/") {
		path = append(path, url.PathEscape(name))
	}
	status, err := d.status(ctx, base.JoinPath(append(path, ".status")...).String())
	if err != nil {
		return nil, fmt.Errorf("ask for group %q: %w", o.Group, err)
	}
	if status.Redirect != "" {
		return nil, fmt.Errorf("group %q has moved to %s", o.Group, status.Redirect)
	}
	endpoint := base.JoinPath("ws")
	if status.Endpoint != "" {
		if endpoint, err = url.Parse(status.Endpoint); err != nil {
			return nil, fmt.Errorf("the server's endpoint: %w", err)
		}
	}
	if endpoint.Host != base.Host {
		return nil, fmt.Errorf("the server calls itself %s, not %s; name it so, if that is what to put load on", endpoint.Host, base.Host)
	}
	if scheme, ok := strings.CutPrefix(endpoint.Scheme, "http"); ok {
		endpoint.Scheme = "ws" + scheme
	}
	d.endpoint = endpoint.String()
	return d, nil
}

// groupStatus is what the server tells anybody about a group.
type groupStatus struct {
	Endpoint string `json:"endpoint"`
	Redirect string `json:"redirect"`
}

func (d *galeneDoor) status(ctx context.Context, address string) (groupStatus, error) {
	var status groupStatus
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return status, err
	}
	transport := &http.Transport{TLSClientConfig: d.tls, DialContext: d.dial}
	defer transport.CloseIdleConnections()
	client := http.Client{
		Transport: transport, Timeout: dialTimeout,
		// Another address may be another server.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	response, err := client.Do(request)
	if err != nil {
		return status, err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return status, fmt.Errorf("HTTP error: %s", response.Status)
	}
	err = json.NewDecoder(io.LimitReader(response.Body, maxMessage)).Decode(&status)
	return status, err
}

// enter implements door.
func (d *galeneDoor) enter(ctx context.Context) (seat, error) {
	socket, err := d.open(ctx, d.endpoint)
	if err != nil {
		return nil, err
	}
	s := &galeneSeat{connection: socket, id: newID(), own: newID()}
	if err := s.join(d); err != nil {
		s.leave()
		return nil, fmt.Errorf("join %q: %w", d.group, err)
	}
	return s, nil
}

// galeneSeat is a client in a group of a Galene server.
type galeneSeat struct {
	*connection
	id, own string
}

func (s *galeneSeat) join(d *galeneDoor) error {
	err := errors.Join(
		s.send(message{Type: "handshake", Version: []string{"2"}, ID: s.id}),
		s.send(message{Type: "join", Kind: "join", Group: d.group, Username: &d.username, Password: d.password, Data: d.data}),
	)
	if err != nil {
		return err
	}
	for {
		answer, err := s.receive()
		switch {
		case err != nil:
			return err
		case answer.Type != "joined":
		case answer.Kind == "join":
			return nil
		default:
			return fmt.Errorf("%s: %s", answer.Kind, text(answer.Value))
		}
	}
}

// receive returns the next message that is not about the connection itself.
func (s *galeneSeat) receive() (message, error) {
	for {
		var received message
		if err := s.read(&received); err != nil {
			return received, err
		}
		switch {
		case received.Type == "ping":
			if err := s.send(message{Type: "pong"}); err != nil {
				return received, err
			}
		case received.Type == "usermessage" && received.Kind == "error" && received.Privileged: // else any member may say so
			return received, fmt.Errorf("the server says: %s", text(received.Value))
		default:
			return received, nil
		}
	}
}

func (s *galeneSeat) name() string   { return s.id }
func (s *galeneSeat) stream() string { return s.own }

func (s *galeneSeat) publish(sdp string) error {
	return s.send(message{Type: "offer", ID: s.own, Label: "camera", SDP: sdp})
}

func (s *galeneSeat) subscribe() error {
	return s.send(message{Type: "request", Request: map[string][]string{"": {"audio", "video"}}})
}

func (s *galeneSeat) answer(stream, sdp string) error {
	return s.send(message{Type: "answer", ID: stream, SDP: sdp})
}

func (s *galeneSeat) refuse(stream string) error {
	return s.send(message{Type: "abort", ID: stream})
}

// next implements seat.
func (s *galeneSeat) next() (event, error) {
	m, err := s.receive()
	if err != nil {
		return event{}, err
	}
	e := event{stream: m.ID, sdp: m.SDP, candidate: m.Candidate}
	switch m.Type {
	case "offer":
		e.kind = offered
	case "answer":
		e.kind = answered
	case "ice":
		if m.Candidate != nil {
			e.kind = candidate
		}
	case "close":
		e.kind = closed
	case "renegotiate":
		e.kind = restart
	case "abort":
		// The reason follows, and receive makes an error of it.
		e.kind = closed
		if _, err := s.receive(); err != nil {
			return e, err
		}
	}
	return e, nil
}
