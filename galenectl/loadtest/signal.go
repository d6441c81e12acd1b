package loadtest

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"galene/rtpconn/loadtest"

	"github.com/gorilla/websocket"
)

const (
	// dialTimeout bounds the opening of a connection.
	dialTimeout = 10 * time.Second
	// writeTimeout bounds the sending of one message.
	writeTimeout = 2 * time.Second
	// silence is how long a server that lives is never silent: it sends a
	// ping after 20 s.
	silence = 65 * time.Second
	// maxMessage bounds what is read at once, in bytes.
	maxMessage = 1 << 20
)

// message is a message of the websocket protocol, as far as it concerns us.
type message struct {
	Type        string              `json:"type"`
	Version     []string            `json:"version,omitempty"`
	Kind        string              `json:"kind,omitempty"`
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

// door is where the members of a group come in.
type door struct {
	endpoint string
	group    string
	username string
	password string
	tls      *tls.Config
}

// findDoor asks the server for the websocket of a group.
func findDoor(ctx context.Context, o Options) (*door, error) {
	base, err := url.Parse(o.Server)
	if err != nil || base.Host == "" || base.Scheme != "http" && base.Scheme != "https" {
		return nil, fmt.Errorf("%q is not the URL of a server", o.Server)
	}
	d := &door{group: o.Group, username: o.Username, password: o.Password}
	if o.Insecure {
		d.tls = &tls.Config{InsecureSkipVerify: true} // as asked for
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

func (d *door) status(ctx context.Context, address string) (groupStatus, error) {
	var status groupStatus
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return status, err
	}
	transport := &http.Transport{TLSClientConfig: d.tls}
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

// member is a client in the group.
type member struct {
	id     string
	socket *websocket.Conn
	// stay undoes that the member leaves when a context ends.
	stay func() bool

	// writing guards that messages are written one at a time.
	writing sync.Mutex
}

// enter opens a websocket and joins the group; the member lives until ctx ends
// or until it leaves.
func (d *door) enter(ctx context.Context) (*member, error) {
	dialer := websocket.Dialer{HandshakeTimeout: dialTimeout, TLSClientConfig: d.tls}
	socket, response, err := dialer.DialContext(ctx, d.endpoint, nil)
	if err != nil {
		if response != nil {
			return nil, fmt.Errorf("open %s: %w: %s", d.endpoint, err, response.Status)
		}
		return nil, fmt.Errorf("open %s: %w", d.endpoint, err)
	}
	socket.SetReadLimit(maxMessage)
	m := &member{id: newID(), socket: socket}
	m.stay = context.AfterFunc(ctx, m.hangUp)
	if err := m.join(d); err != nil {
		m.leave()
		return nil, fmt.Errorf("join %q: %w", d.group, err)
	}
	return m, nil
}

func (m *member) join(d *door) error {
	err := errors.Join(
		m.send(message{Type: "handshake", Version: []string{"2"}, ID: m.id}),
		m.send(message{Type: "join", Kind: "join", Group: d.group, Username: &d.username, Password: d.password}),
	)
	if err != nil {
		return err
	}
	for {
		answer, err := m.next()
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

// send sends a message.
func (m *member) send(message message) error {
	m.writing.Lock()
	defer m.writing.Unlock()
	if err := m.socket.SetWriteDeadline(time.Now().Add(writeTimeout)); err != nil {
		return err
	}
	return m.socket.WriteJSON(message)
}

// next returns the next message that is not about the connection itself.
func (m *member) next() (message, error) {
	for {
		var received message
		if err := m.socket.SetReadDeadline(time.Now().Add(silence)); err != nil {
			return received, err
		}
		if err := m.socket.ReadJSON(&received); err != nil {
			return received, err
		}
		switch {
		case received.Type == "ping":
			if err := m.send(message{Type: "pong"}); err != nil {
				return received, err
			}
		case received.Type == "usermessage" && received.Kind == "error":
			return received, fmt.Errorf("the server says: %s", text(received.Value))
		default:
			return received, nil
		}
	}
}

// leave ends the connection, if the end of its context has not done so.
func (m *member) leave() {
	if m.stay() {
		m.hangUp()
	}
}

// hangUp takes leave of the server and closes the socket.
func (m *member) hangUp() {
	frame := websocket.FormatCloseMessage(websocket.CloseNormalClosure, "")
	// The socket may be gone already, which is as well.
	_ = m.socket.WriteControl(websocket.CloseMessage, frame, time.Now().Add(writeTimeout))
	_ = m.socket.Close()
}
