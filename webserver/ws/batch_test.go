package ws

import (
	"bytes"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"galene/group/leaktest"

	"github.com/gorilla/websocket"
)

// What goes past the websocket library is what a client of it reads.
func TestTextOfEveryLengthArrives(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	messages := [][]byte{[]byte("a")}
	for _, size := range []int{125, 126, 1 << 10, 1<<16 - 1, 1 << 16, maxBatch + 1, 1 << 20} {
		messages = append(messages, bytes.Repeat([]byte{'x'}, size))
	}
	written := make(chan error, 1)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		hijacker := &batchHijacker{ResponseWriter: w, buffers: new(buffers)}
		socket, err := (&websocket.Upgrader{}).Upgrade(hijacker, r, nil)
		if err != nil {
			written <- err
			return
		}
		defer socket.Close()
		for _, m := range messages {
			err = errors.Join(err, hijacker.conn.writeTexts([][]byte{m}))
		}
		close := websocket.FormatCloseMessage(websocket.CloseNormalClosure, "")
		err = errors.Join(err, socket.WriteControl(websocket.CloseMessage, close, time.Now().Add(writeTimeout)), hijacker.conn.flush())
		if late := hijacker.conn.writeTexts([][]byte{[]byte("late")}); !errors.Is(late, websocket.ErrCloseSent) {
			t.Errorf("text after the close frame: %v", late)
		}
		written <- err
	}))
	defer server.Close()
	client, _, err := websocket.DefaultDialer.Dial(strings.Replace(server.URL, "http", "ws", 1), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	for i, want := range messages {
		kind, got, err := client.ReadMessage()
		if err != nil || kind != websocket.TextMessage || !bytes.Equal(got, want) {
			t.Fatalf("message %d: %d bytes of type %d instead of %d, %v", i, len(got), kind, len(want), err)
		}
	}
	if _, _, err := client.ReadMessage(); !websocket.IsCloseError(err, websocket.CloseNormalClosure) {
		t.Errorf("after the messages: %v", err)
	}
	if err := <-written; err != nil {
		t.Error(err)
	}
}

// A large message does not cost memory for good.
func TestLargeBuffersAreNotKept(t *testing.T) {
	leaktest.Check(t)
	near, far := net.Pipe()
	defer near.Close()
	defer far.Close()
	go func() {
		buffer := make([]byte, 1<<16)
		for {
			if _, err := far.Read(buffer); err != nil {
				return
			}
		}
	}()
	b := &batchConn{Conn: near, buffers: new(buffers)}
	for range 10 {
		if err := errors.Join(b.writeTexts([][]byte{make([]byte, 1<<20)}), b.flush()); err != nil {
			t.Fatal(err)
		}
		if lent := b.buffers.lend(); cap(*lent) > 2*maxBatch {
			t.Fatalf("a buffer of %d bytes is kept", cap(*lent))
		}
	}
}
