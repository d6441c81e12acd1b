// Package wstest is a client of the websocket protocol for tests: it dials,
// joins, and says what it expects to hear. It knows the protocol by its JSON
// alone, so that it cannot be wrong in the same way as the server.
package wstest

import (
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gorilla/websocket"
)

// patience is how long an expected message may take: far more than it does on a
// machine that is busy with other things.
const patience = time.Minute

// Message is a message as JSON has it.
type Message = map[string]any

// Client is one websocket. Its methods are for one goroutine; they fail the
// test when what they expect does not come.
type Client struct {
	// ID is what the client calls itself in the handshake.
	ID string

	t      testing.TB
	socket *websocket.Conn
	heard  chan Message
	// ended is why nothing more is heard; it is set before heard is closed.
	ended error
	// over is closed when nothing more is heard.
	over chan struct{}
}

var clients atomic.Int64

// Dial opens the websocket at a URL, whatever its scheme and certificate.
func Dial(t testing.TB, url string) *Client {
	t.Helper()
	c, response, err := DialHeader(t, url, nil)
	if err != nil {
		t.Fatalf("dial %s: %v (%v)", url, err, response)
	}
	return c
}

// DialHeader is Dial with more headers, and returns the error.
func DialHeader(t testing.TB, url string, header http.Header) (*Client, *http.Response, error) {
	t.Helper()
	if rest, ok := strings.CutPrefix(url, "http"); ok {
		url = "ws" + rest
	}
	dialer := websocket.Dialer{
		// The certificates of tests are self-signed.
		TLSClientConfig: &tls.Config{InsecureSkipVerify: true},
	}
	socket, response, err := dialer.Dial(url, header)
	if err != nil {
		return nil, response, err
	}
	return newClient(t, socket), response, nil
}

// DialConn is Dial on a connection that there is already, in the clear.
func DialConn(t testing.TB, conn net.Conn) *Client {
	t.Helper()
	dialer := websocket.Dialer{NetDial: func(string, string) (net.Conn, error) { return conn, nil }}
	socket, _, err := dialer.Dial("ws://localhost/ws", nil)
	if err != nil {
		t.Fatalf("dial: %v", err)
	}
	return newClient(t, socket)
}

func newClient(t testing.TB, socket *websocket.Conn) *Client {
	c := &Client{
		ID:     fmt.Sprintf("%032x", clients.Add(1)),
		t:      t,
		socket: socket,
		heard:  make(chan Message, 4096),
		over:   make(chan struct{}),
	}
	done := make(chan struct{})
	go func() { defer close(done); c.listen() }()
	t.Cleanup(func() {
		socket.Close()
		<-done
	})
	return c
}

func (c *Client) listen() {
	defer close(c.over)
	defer close(c.heard)
	for {
		var m Message
		_, data, err := c.socket.ReadMessage()
		if err == nil {
			err = json.Unmarshal(data, &m)
		}
		if err != nil {
			c.ended = err
			return
		}
		c.heard <- m
	}
}

// Send sends a message.
func (c *Client) Send(m Message) {
	c.t.Helper()
	data, err := json.Marshal(m)
	if err != nil {
		c.t.Fatal(err)
	}
	c.SendRaw(string(data))
}

// SendRaw sends a text that may be no message.
func (c *Client) SendRaw(text string) {
	c.t.Helper()
	if err := c.TrySendRaw(text); err != nil {
		c.t.Fatalf("send %.100s: %v", text, err)
	}
}

// TrySendRaw is SendRaw where the server may have closed the connection.
func (c *Client) TrySendRaw(text string) error {
	return c.socket.WriteMessage(websocket.TextMessage, []byte(text))
}

// Next returns the next message.
func (c *Client) Next() Message {
	c.t.Helper()
	select {
	case m, ok := <-c.heard:
		if !ok {
			c.t.Fatalf("the connection ended: %v", c.ended)
		}
		return m
	case <-time.After(patience):
		c.t.Fatal("nothing comes")
	}
	return nil
}

// Expect fails the test unless the next message has at least these members.
func (c *Client) Expect(want Message) Message {
	c.t.Helper()
	m := c.Next()
	if !Matches(m, want) {
		c.t.Fatalf("got %s, want %s", text(m), text(want))
	}
	return m
}

// Await skips messages until one has at least these members.
func (c *Client) Await(want Message) Message {
	c.t.Helper()
	for {
		if m := c.Next(); Matches(m, want) {
			return m
		}
	}
}

// ExpectError expects an error for the user, with this text.
func (c *Client) ExpectError(message string) {
	c.t.Helper()
	c.Expect(Message{"type": "usermessage", "kind": "error", "dest": c.ID, "privileged": true, "value": message})
}

// ExpectSilence checks that nothing was sent before the answer to a ping.
func (c *Client) ExpectSilence() {
	c.t.Helper()
	c.Send(Message{"type": "ping"})
	c.Expect(Message{"type": "pong"})
}

// ExpectClose expects, after the messages that are still to come, a close frame
// of this code and reason.
func (c *Client) ExpectClose(code int, reason string) {
	c.t.Helper()
	var closed *websocket.CloseError
	if err := c.AwaitEnd(); !errors.As(err, &closed) || closed.Code != code || closed.Text != reason {
		c.t.Fatalf("the connection ended with %v, want %d %q", err, code, reason)
	}
}

// AwaitEnd waits for the end of the connection and returns why it ended.
func (c *Client) AwaitEnd() error {
	c.t.Helper()
	timeout := time.After(patience)
	for {
		select {
		case _, ok := <-c.heard:
			if !ok {
				return c.ended
			}
		case <-timeout:
			c.t.Fatal("the connection does not end")
		}
	}
}

// Handshake opens the conversation.
func (c *Client) Handshake() {
	c.t.Helper()
	c.Send(Message{"type": "handshake", "version": []string{"2"}, "id": c.ID})
	c.Expect(Message{"type": "handshake", "version": []any{"2"}})
}

// Join opens the conversation and joins a group; it returns the answer, behind
// which are the history and the members.
func (c *Client) Join(group, username, password string) Message {
	c.t.Helper()
	c.Handshake()
	c.Send(JoinMessage(group, username, password))
	return c.Expect(Message{"type": "joined", "kind": "join", "group": group, "username": username})
}

// JoinMessage returns the message that asks to join.
func JoinMessage(group, username, password string) Message {
	return Message{"type": "join", "kind": "join", "group": group, "username": username, "password": password}
}

// Close closes the connection as browsers do, with a close frame.
func (c *Client) Close() {
	c.t.Helper()
	frame := websocket.FormatCloseMessage(websocket.CloseNormalClosure, "")
	// The server may have been first.
	_ = c.socket.WriteControl(websocket.CloseMessage, frame, time.Now().Add(patience))
}

// Drop cuts the connection without a word.
func (c *Client) Drop() { c.socket.NetConn().Close() }

// Matches tells whether m has at least the members of want; nil stands for one
// that is absent.
func Matches(m, want Message) bool {
	for key, value := range want {
		got, ok := m[key]
		if value == nil {
			if ok {
				return false
			}
			continue
		}
		if text(got) != text(value) {
			return false
		}
	}
	return true
}

func text(v any) string {
	data, err := json.Marshal(v)
	if err != nil {
		return err.Error()
	}
	return string(data)
}

// IsAbnormal tells whether a connection ended without a close frame.
func IsAbnormal(err error) bool {
	var closed *websocket.CloseError
	return !errors.As(err, &closed) || closed.Code == websocket.CloseAbnormalClosure
}

// Ended tells whether the connection has ended; it takes no message.
func (c *Client) Ended() bool {
	select {
	case <-c.over:
		return true
	default:
		return false
	}
}

// TryNext is Next where the connection may have ended.
func (c *Client) TryNext() (m Message, ok bool) {
	c.t.Helper()
	select {
	case m, ok := <-c.heard:
		return m, ok
	case <-time.After(patience):
		c.t.Fatal("nothing comes")
	}
	return nil, false
}
