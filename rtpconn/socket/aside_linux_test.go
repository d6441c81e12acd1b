package socket

import (
	"bytes"
	"errors"
	"net"
	"net/netip"
	"syscall"
	"testing"
	"time"

	"galene/group/leaktest"
)

func TestReportsAreLaidAside(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	for _, a := range []netip.Addr{loopback4, netip.IPv6Loopback()} {
		t.Run(a.String(), func(t *testing.T) {
			from, to := listenKind(t, Listen, a), listenKind(t, Listen, a)
			if to.(*batched).aside == nil {
				t.Skip("this system cannot tell RTCP apart")
			}
			media := [][]byte{{128, 96, 1}, {128, 191}, {128, 224}, {127, 200}, {192, 200}, {128}, {20, 200}, {0, 200}}
			reports := [][]byte{{128, 192}, {128, 200, 1, 2}, {191, 205, 3}, {129, 223}}
			for _, d := range append(media, reports...) {
				if err := from.WriteTo(d, to.LocalAddr()); err != nil {
					t.Fatal(err)
				}
			}
			burst := NewBurst()
			compare(t, "media", media, func() []Message {
				if err := to.Read(burst); err != nil {
					t.Fatal(err)
				}
				return burst.Messages
			})
			compare(t, "reports", reports, func() []Message {
				if more := to.ReadAside(burst); more {
					t.Error("there may be more after a few")
				}
				if len(burst.Messages) == 0 {
					time.Sleep(time.Millisecond)
				}
				return burst.Messages
			})
			if to.ReadAside(burst); len(burst.Messages) > 0 {
				t.Errorf("still there: %v", burst.Messages)
			}
		})
	}
}

// compare reads until as many datagrams have come as are wanted.
func compare(t *testing.T, what string, want [][]byte, read func() []Message) {
	t.Helper()
	var got [][]byte
	for len(got) < len(want) {
		for _, m := range read() {
			got = append(got, bytes.Clone(m.Data))
		}
	}
	for i := range want {
		if !bytes.Equal(got[i], want[i]) {
			t.Errorf("%s: datagram %d is %v, want %v", what, i, got[i], want[i])
		}
	}
}

func TestManyReportsAreReadPieceByPiece(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	from, to := listenKind(t, Listen, loopback4), listenKind(t, Listen, loopback4)
	if to.(*batched).aside == nil {
		t.Skip("this system cannot tell RTCP apart")
	}
	const n = 3*maxCalls + 1
	for range n {
		if err := from.WriteTo([]byte{128, 201}, to.LocalAddr()); err != nil {
			t.Fatal(err)
		}
	}
	burst, pieces, total := NewBurst(), 0, 0
	for more := true; more; pieces++ {
		more = to.ReadAside(burst)
		total += len(burst.Messages)
	}
	if total != n || pieces != 4 {
		t.Errorf("%d reports in %d pieces", total, pieces)
	}
}

func TestPortWithReportsAsideIsTaken(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	s := listenKind(t, Listen, loopback4)
	if second, err := Listen(s.LocalAddr()); !errors.Is(err, syscall.EADDRINUSE) {
		if err == nil {
			_ = second.Close()
		}
		t.Errorf("got %v", err)
	}
}

func TestClosedSocketHasNothingAside(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	from, to := listenKind(t, Listen, loopback4), listenKind(t, Listen, loopback4)
	if err := from.WriteTo([]byte{128, 201}, to.LocalAddr()); err != nil {
		t.Fatal(err)
	}
	_ = to.Close()
	burst := NewBurst()
	if more := to.ReadAside(burst); more || len(burst.Messages) > 0 {
		t.Error("something was read")
	}
	if err := to.Read(burst); !errors.Is(err, net.ErrClosed) {
		t.Errorf("got %v", err)
	}
}
