package ws_test

import (
	"net/http"
	"testing"

	"galene/group/leaktest"
	"galene/webserver/wstest"

	"github.com/gorilla/websocket"
)

// TestNothingIsNegotiatedBelowTheProtocol asks for a subprotocol and for
// compression, gets neither, and is understood in binary messages as well.
func TestNothingIsNegotiatedBelowTheProtocol(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	s := newOpenServer(t)
	dialer := websocket.Dialer{Subprotocols: []string{"galene", "v2"}, EnableCompression: true}
	socket, response, err := dialer.Dial("ws"+s.URL[len("http"):], nil)
	if err != nil {
		t.Fatal(err)
	}
	defer socket.Close()
	for _, name := range []string{"Sec-WebSocket-Protocol", "Sec-WebSocket-Extensions"} {
		if got := response.Header.Get(name); got != "" {
			t.Errorf("%s: %s", name, got)
		}
	}
	if err := socket.WriteMessage(websocket.BinaryMessage, []byte(`{"type":"handshake","version":["2"],"id":"x"}`)); err != nil {
		t.Fatal(err)
	}
	kind, data, err := socket.ReadMessage()
	if err != nil || kind != websocket.TextMessage || string(data) != `{"type":"handshake","version":["2"]}` {
		t.Errorf("got %q of kind %d, %v", data, kind, err)
	}
}

// TestOrdinaryRequestsAreRefused visits the address with a browser.
func TestOrdinaryRequestsAreRefused(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	s := newOpenServer(t)
	for _, method := range []string{http.MethodGet, http.MethodPost} {
		request, err := http.NewRequestWithContext(t.Context(), method, s.URL, nil)
		if err != nil {
			t.Fatal(err)
		}
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
		if response.StatusCode != http.StatusBadRequest {
			t.Errorf("%s: %d", method, response.StatusCode)
		}
	}
	http.DefaultClient.CloseIdleConnections()
	// Nobody is kept out by that.
	c := wstest.Dial(t, s.URL)
	c.Join("g", "x", "")
}
