package ending

import (
	"net"
	"testing"
	"time"

	"github.com/pion/transport/v2/stdnet"

	"galene/group/leaktest"
)

// TestSocketsAreClosedOnceWhatTheyGaveIsHandled reads two datagrams of three: the
// second is being handled while the sockets become deaf.
func TestSocketsAreClosedOnceWhatTheyGaveIsHandled(t *testing.T) {
	leaktest.Check(t)
	shared, err := stdnet.NewNet()
	if err != nil {
		t.Fatal(err)
	}
	var s Sockets
	c, err := s.Net(shared).ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	send := func() {
		t.Helper()
		if _, err := c.WriteTo([]byte("x"), c.LocalAddr()); err != nil {
			t.Fatal(err)
		}
	}
	read := func() error {
		_, _, err := c.ReadFrom(make([]byte, 10))
		return err
	}
	for range 3 {
		send()
	}
	for range 2 {
		if err := read(); err != nil {
			t.Fatal(err)
		}
	}
	closed := make(chan struct{})
	go func() {
		defer close(closed)
		s.close()
	}()
	for !s.deaf.Load() {
		time.Sleep(time.Millisecond)
	}
	select {
	case <-closed:
		t.Fatal("did not wait for the datagram that is being handled")
	case <-time.After(20 * time.Millisecond):
	}
	next := make(chan error, 1)
	go func() { next <- read() }()
	<-closed
	send()
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	if err := <-next; err == nil {
		t.Error("something was heard by a deaf socket")
	}
}
