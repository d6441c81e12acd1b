package wstest

import (
	"net"
	"net/url"
	"testing"

	"github.com/gorilla/websocket"
)

// Silent opens a websocket on a connection to the server at address, and
// returns a function that sends a text. Nothing is ever read.
func Silent(t testing.TB, conn net.Conn, address string) func(text string) {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	u.Scheme = "ws"
	dialer := websocket.Dialer{NetDial: func(string, string) (net.Conn, error) { return conn, nil }}
	socket, _, err := dialer.Dial(u.String(), nil)
	if err != nil {
		t.Fatal(err)
	}
	return func(text string) {
		t.Helper()
		if err := socket.WriteMessage(websocket.TextMessage, []byte(text)); err != nil {
			t.Fatal(err)
		}
	}
}
