package wstest

import (
	"net"
	"testing"

	"github.com/gorilla/websocket"
)

// Silent opens a websocket on a connection that there is already, in the clear,
// and returns a function that sends a text. Nothing is ever read.
func Silent(t testing.TB, conn net.Conn) func(text string) {
	t.Helper()
	dialer := websocket.Dialer{NetDial: func(string, string) (net.Conn, error) { return conn, nil }}
	socket, _, err := dialer.Dial("ws://localhost/ws", nil)
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
