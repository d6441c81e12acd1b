package nonblocking_test

import (
	"bytes"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
	"time"

	"galene/group/leaktest"
	"galene/webserver/nonblocking"

	"golang.org/x/net/nettest"
)

var aLongTimeAgo = time.Unix(1, 0)

// pair makes two ends of a connection over a network, the first of which a Listener
// has accepted.
func pair(network, address string) (accepted, dialled net.Conn, err error) {
	inner, err := net.Listen(network, address)
	if err != nil {
		return nil, nil, err
	}
	l := nonblocking.Listener(inner)
	defer l.Close()
	if dialled, err = net.Dial(network, l.Addr().String()); err != nil {
		return nil, nil, err
	}
	if accepted, err = l.Accept(); err != nil {
		dialled.Close()
		return nil, nil, err
	}
	return accepted, dialled, nil
}

// overTCP is pair for a test, with whose end they are closed.
func overTCP(t *testing.T) (accepted, dialled net.Conn) {
	t.Helper()
	accepted, dialled, err := pair("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		accepted.Close()
		dialled.Close()
	})
	return accepted, dialled
}

func TestConnectionsKeepTheContractOfNet(t *testing.T) {
	leaktest.Check(t)
	for network, address := range map[string]string{
		"tcp": "127.0.0.1:0", "unix": filepath.Join(t.TempDir(), "socket"),
	} {
		t.Run(network, func(t *testing.T) {
			leaktest.Check(t)
			nettest.TestConn(t, func() (c1, c2 net.Conn, stop func(), err error) {
				c1, c2, err = pair(network, address)
				return c1, c2, func() {
					if err == nil {
						c1.Close()
						c2.Close()
					}
				}, err
			})
		})
	}
}

// What is larger than the system's buffers is waited for, both ways.
func TestLargeTransfersArriveWhole(t *testing.T) {
	leaktest.Check(t)
	accepted, dialled := overTCP(t)
	want := bytes.Repeat([]byte("0123456789abcde\n"), 1<<20)
	echoed := make(chan error, 1)
	go func() {
		_, err := io.Copy(dialled, dialled)
		echoed <- errors.Join(err, dialled.(*net.TCPConn).CloseWrite())
	}()
	written := make(chan error, 1)
	go func() {
		n, err := accepted.Write(want)
		if err == nil && n != len(want) {
			err = io.ErrShortWrite
		}
		written <- errors.Join(err, accepted.(interface{ CloseWrite() error }).CloseWrite())
	}()
	got, err := io.ReadAll(accepted)
	if err := errors.Join(err, <-written, <-echoed); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%d bytes of %d came back, or others", len(got), len(want))
	}
}

func TestErrorsAreThoseOfNet(t *testing.T) {
	leaktest.Check(t)
	for name, c := range map[string]struct {
		do   func(accepted, dialled net.Conn) error
		want error
	}{
		"the end of the stream": {func(a, d net.Conn) error {
			d.Close()
			_, err := a.Read(make([]byte, 1))
			return err
		}, io.EOF},
		"nothing asked for at the end of the stream": {func(a, d net.Conn) error {
			d.Close()
			_, err := a.Read(nil)
			return err
		}, nil},
		"reading what is closed": {func(a, _ net.Conn) error {
			a.Close()
			_, err := a.Read(make([]byte, 1))
			return err
		}, net.ErrClosed},
		"writing to what is closed": {func(a, _ net.Conn) error {
			a.Close()
			_, err := a.Write(make([]byte, 1))
			return err
		}, net.ErrClosed},
		"a deadline that is over": {func(a, _ net.Conn) error {
			_ = a.SetReadDeadline(aLongTimeAgo)
			_, err := a.Read(make([]byte, 1))
			return err
		}, os.ErrDeadlineExceeded},
	} {
		t.Run(name, func(t *testing.T) {
			leaktest.Check(t)
			accepted, dialled := overTCP(t)
			err := c.do(accepted, dialled)
			if !errors.Is(err, c.want) {
				t.Errorf("%v instead of %v", err, c.want)
			}
			if operation := new(net.OpError); err != nil && err != io.EOF && !errors.As(err, &operation) {
				t.Errorf("%T is not an error of package net", err)
			}
		})
	}
}

// A file goes out by the way that is cheapest for a connection.
func TestFilesAreServed(t *testing.T) {
	leaktest.Check(t)
	path := filepath.Join(t.TempDir(), "recording.webm")
	want := bytes.Repeat([]byte("film"), 1<<18)
	if err := os.WriteFile(path, want, 0o600); err != nil {
		t.Fatal(err)
	}
	for name, start := range map[string]func(*httptest.Server){
		"over HTTP": (*httptest.Server).Start, "over HTTPS": (*httptest.Server).StartTLS,
	} {
		t.Run(name, func(t *testing.T) {
			leaktest.Check(t)
			server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { http.ServeFile(w, r, path) }))
			server.Listener = nonblocking.Listener(server.Listener)
			start(server)
			defer server.Close()
			response, err := server.Client().Get(server.URL)
			if err != nil {
				t.Fatal(err)
			}
			defer response.Body.Close()
			got, err := io.ReadAll(response.Body)
			if err != nil || !bytes.Equal(got, want) {
				t.Errorf("%d bytes, %v", len(got), err)
			}
		})
	}
}
