package loadtest

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"fmt"
	"net"
	"sync"
	"time"

	"github.com/gorilla/websocket"
)

const (
	// dialTimeout bounds the opening of a connection.
	dialTimeout = 10 * time.Second
	// writeTimeout bounds the sending of one message.
	writeTimeout = 2 * time.Second
	// silence is how long a server that lives is never silent: Galene sends a
	// ping after 20 s.
	silence = 65 * time.Second
	// maxMessage bounds what is read at once, in bytes.
	maxMessage = 1 << 20
)

// connection is a websocket that carries JSON. One goroutine may read, any may
// send.
type connection struct {
	socket *websocket.Conn
	// silence is how long nothing may come; 0 means for ever.
	silence time.Duration
	// stay undoes that the connection ends with a context.
	stay func() bool

	// writing guards that messages are written one at a time.
	writing sync.Mutex
}

// network is the way to a server; the zero value is TCP, and the certificates
// that the system trusts.
type network struct {
	tls  *tls.Config
	dial func(ctx context.Context, network, address string) (net.Conn, error)
}

// open opens a connection, which lives until ctx ends or until leave.
func (n network) open(ctx context.Context, endpoint string, protocols ...string) (*connection, error) {
	dialer := websocket.Dialer{HandshakeTimeout: dialTimeout, TLSClientConfig: n.tls, NetDialContext: n.dial, Subprotocols: protocols}
	socket, response, err := dialer.DialContext(ctx, endpoint, nil)
	if err != nil {
		if response != nil {
			return nil, fmt.Errorf("open %s: %w: %s", endpoint, err, response.Status)
		}
		return nil, fmt.Errorf("open %s: %w", endpoint, err)
	}
	socket.SetReadLimit(maxMessage)
	c := &connection{socket: socket, silence: silence}
	c.stay = context.AfterFunc(ctx, c.hangUp)
	return c, nil
}

// send sends a message.
func (c *connection) send(message any) error {
	text, err := json.Marshal(message)
	if err != nil {
		return err
	}
	c.writing.Lock()
	defer c.writing.Unlock()
	if err := c.socket.SetWriteDeadline(time.Now().Add(writeTimeout)); err != nil {
		return err
	}
	// Janus takes no line feed at the end, so this is not WriteJSON.
	return c.socket.WriteMessage(websocket.TextMessage, text)
}

// read reads the next message.
func (c *connection) read(message any) error {
	deadline := time.Time{}
	if c.silence > 0 {
		deadline = time.Now().Add(c.silence)
	}
	if err := c.socket.SetReadDeadline(deadline); err != nil {
		return err
	}
	return c.socket.ReadJSON(message)
}

// leave ends the connection, if the end of its context has not done so.
func (c *connection) leave() {
	if c.stay() {
		c.hangUp()
	}
}

// hangUp takes leave of the server and closes the socket.
func (c *connection) hangUp() {
	frame := websocket.FormatCloseMessage(websocket.CloseNormalClosure, "")
	// The socket may be gone already, which is as well.
	_ = c.socket.WriteControl(websocket.CloseMessage, frame, time.Now().Add(writeTimeout))
	_ = c.socket.Close()
}
