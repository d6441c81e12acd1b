package socket

import (
	"bytes"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"syscall"
	"testing"
	"time"

	"galene/group/leaktest"
)

var loopback4 = netip.MustParseAddr("127.0.0.1")

// kinds are the sockets that everything here has to hold for.
var kinds = map[string]Listener{"system": Listen, "portable": ListenPortable}

func eachKind(t *testing.T, f func(t *testing.T, listen func(testing.TB, netip.Addr) Socket)) {
	for name, kind := range kinds {
		t.Run(name, func(t *testing.T) {
			f(t, func(t testing.TB, a netip.Addr) Socket {
				t.Helper()
				return listenKind(t, kind, a)
			})
		})
	}
}

func listenKind(t testing.TB, kind Listener, a netip.Addr) Socket {
	t.Helper()
	s, err := kind(netip.AddrPortFrom(a, 0))
	if err != nil {
		if a.Is6() {
			t.Skipf("no IPv6 here: %v", err)
		}
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func TestDatagramsArriveAsTheyWereSent(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	eachKind(t, func(t *testing.T, listen func(testing.TB, netip.Addr) Socket) {
		for _, a := range []netip.Addr{loopback4, netip.IPv6Loopback()} {
			t.Run(a.String(), func(t *testing.T) {
				t.Parallel()
				testDatagramsArrive(t, listen(t, a), listen(t, a))
			})
		}
	})
}

func testDatagramsArrive(t *testing.T, from, to Socket) {
	batch, burst := NewBatch(), NewBurst()
	want := [][]byte{{}, {1}, bytes.Repeat([]byte{2}, 1500), bytes.Repeat([]byte{3}, MaxDatagram)}
	// Runs of equal ones, with and without a shorter one at the end.
	for i := range 200 {
		want = append(want, bytes.Repeat([]byte{byte(i)}, 1000+i/60*7-i%70/69*100))
	}
	for _, w := range want {
		copy(batch.Next(len(w)+16), w)
		batch.Commit(len(w), to.LocalAddr())
	}
	if dropped := from.Flush(batch); dropped != 0 || batch.Len() != 0 {
		t.Fatalf("dropped %d, left %d", dropped, batch.Len())
	}
	var got [][]byte
	for len(got) < len(want) {
		if err := to.Read(burst); err != nil {
			t.Fatal(err)
		}
		for _, m := range burst.Messages {
			if m.Addr != from.LocalAddr() {
				t.Errorf("from %v, want %v", m.Addr, from.LocalAddr())
			}
			got = append(got, bytes.Clone(m.Data))
		}
	}
	for i := range want {
		if !bytes.Equal(got[i], want[i]) {
			t.Errorf("datagram %d: %d bytes, want %d", i, len(got[i]), len(want[i]))
		}
	}
}

func TestOversizedDatagramIsDiscarded(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	eachKind(t, func(t *testing.T, listen func(testing.TB, netip.Addr) Socket) {
		from, to := listen(t, loopback4), listen(t, loopback4)
		for _, p := range [][]byte{make([]byte, MaxDatagram+1), make([]byte, 9000), {7}} {
			if err := from.WriteTo(p, to.LocalAddr()); err != nil {
				t.Fatal(err)
			}
		}
		burst := NewBurst()
		if err := to.Read(burst); err != nil {
			t.Fatal(err)
		}
		if len(burst.Messages) != 1 || !bytes.Equal(burst.Messages[0].Data, []byte{7}) {
			t.Errorf("got %v", burst.Messages)
		}
	})
}

func TestFlushCountsWhatCannotBeSent(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	eachKind(t, func(t *testing.T, listen func(testing.TB, netip.Addr) Socket) {
		from, to := listen(t, loopback4), listen(t, loopback4)
		batch := NewBatch()
		for _, a := range []netip.AddrPort{{}, to.LocalAddr(), netip.MustParseAddrPort("[2001:db8::1]:9")} {
			batch.Next(1)
			batch.Commit(1, a)
		}
		if dropped := from.Flush(batch); dropped != 2 {
			t.Errorf("dropped %d, want 2", dropped)
		}
		if err := to.Read(NewBurst()); err != nil {
			t.Error(err)
		}
	})
}

func TestCloseEndsReading(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	packets, err := net.ListenPacket("udp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	for name, s := range map[string]Socket{"system": listenKind(t, Listen, loopback4), "portable": listenKind(t, ListenPortable, loopback4), "wrapped": Wrap(packets)} {
		done := make(chan error)
		go func() { done <- s.Read(NewBurst()) }()
		for range 2 {
			if err := s.Close(); err != nil {
				t.Errorf("%s: close: %v", name, err)
			}
		}
		if err := <-done; !errors.Is(err, net.ErrClosed) {
			t.Errorf("%s: read ended with %v", name, err)
		}
	}
}

// scripted is a connection whose reads fail as told, and then bring a byte.
type scripted struct {
	net.PacketConn
	errs []error
}

func (c *scripted) ReadFrom(p []byte) (int, net.Addr, error) {
	if len(c.errs) > 0 {
		err := c.errs[0]
		c.errs = c.errs[1:]
		return 0, nil, err
	}
	return copy(p, "x"), &net.UDPAddr{IP: net.IPv4(1, 2, 3, 4), Port: 5}, nil
}

func (c *scripted) LocalAddr() net.Addr { return nil }
func (c *scripted) Close() error        { return nil }

func TestReadErrors(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	system := func(e syscall.Errno) error { return &net.OpError{Op: "read", Err: os.NewSyscallError("recvfrom", e)} }
	for name, tt := range map[string]struct {
		err  error
		want error // nil: reading goes on
	}{
		"ICMP port unreachable": {system(syscall.ECONNREFUSED), nil},
		"message too long":      {system(syscall.EMSGSIZE), nil},
		"network down":          {system(syscall.ENETDOWN), nil},
		"timeout":               {os.ErrDeadlineExceeded, nil},
		"closed":                {net.ErrClosed, net.ErrClosed},
		"bad descriptor":        {system(syscall.EBADF), syscall.EBADF},
		"unknown":               {os.ErrInvalid, os.ErrInvalid},
	} {
		s, burst := Wrap(&scripted{errs: []error{tt.err, tt.err, tt.err}}), NewBurst()
		err := s.Read(burst)
		if !errors.Is(err, tt.want) {
			t.Errorf("%s: got %v", name, err)
		}
		if err == nil && burst.Messages[0].Addr != netip.MustParseAddrPort("1.2.3.4:5") {
			t.Errorf("%s: address %v", name, burst.Messages[0].Addr)
		}
	}
}

func TestCloseEndsThePauseAfterErrors(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	errs := make([]error, 1<<20)
	for i := range errs {
		errs[i] = syscall.ENETDOWN
	}
	s := Wrap(&scripted{errs: errs})
	done := make(chan error)
	go func() { done <- s.Read(NewBurst()) }()
	_ = s.Close()
	select {
	case err := <-done:
		if !errors.Is(err, net.ErrClosed) {
			t.Error(err)
		}
	case <-time.After(time.Minute):
		t.Error("reading goes on")
	}
}

func TestBatchIsBounded(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	for _, size := range []int{0, 1, 1500, MaxDatagram} {
		b, n := NewBatch(), 0
		for room := b.Next(size); room != nil; room = b.Next(size) {
			if len(room) != size || cap(room) != size {
				t.Fatalf("room of %d, capacity %d", len(room), cap(room))
			}
			b.Commit(size, netip.AddrPort{})
			n++
		}
		if n == 0 || n > batchMessages || n*size > batchBytes || b.Len() != n {
			t.Errorf("size %d: %d messages", size, n)
		}
		b.Reset()
		if b.Len() != 0 || b.Next(size) == nil {
			t.Errorf("size %d: not empty after Reset", size)
		}
	}
	if NewBatch().Next(batchBytes+1) != nil || NewBatch().Next(-1) != nil {
		t.Error("room that is not there")
	}
}

func TestPacketPathDoesNotAllocate(t *testing.T) {
	leaktest.Check(t)
	eachKind(t, func(t *testing.T, listen func(testing.TB, netip.Addr) Socket) {
		from, to := listen(t, loopback4), listen(t, loopback4)
		batch, burst, addr := NewBatch(), NewBurst(), to.LocalAddr()
		allocs := testing.AllocsPerRun(100, func() {
			for range 4 {
				batch.Next(1200)
				batch.Commit(1200, addr)
			}
			from.Flush(batch)
			for n := 0; n < 4; n += len(burst.Messages) {
				if err := to.Read(burst); err != nil {
					t.Fatal(err)
				}
			}
		})
		if allocs != 0 {
			t.Errorf("%v allocations", allocs)
		}
	})
}

// BenchmarkSendAndReceive sends bursts of some datagrams to one receiver, which
// reads them.
func BenchmarkSendAndReceive(b *testing.B) {
	for _, size := range []int{1, 4, 16} {
		for name, kind := range kinds {
			b.Run(fmt.Sprintf("%s/burst=%d", name, size), func(b *testing.B) {
				from, to := listenKind(b, kind, loopback4), listenKind(b, kind, loopback4)
				batch, burst, addr := NewBatch(), NewBurst(), to.LocalAddr()
				b.ReportAllocs()
				for b.Loop() {
					for range size {
						batch.Next(1200)
						batch.Commit(1200, addr)
					}
					from.Flush(batch)
					for n := 0; n < size; n += len(burst.Messages) {
						if err := to.Read(burst); err != nil {
							b.Fatal(err)
						}
					}
				}
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*size), "ns/datagram")
			})
		}
	}
}
