package socket

import (
	"bytes"
	"errors"
	"net/netip"
	"syscall"
	"testing"
	"unsafe"

	"golang.org/x/sys/unix"

	"galene/group/leaktest"
)

// system is a simulated sendmmsg: it takes single datagrams and says of runs
// what it is told to.
type system struct {
	refuse syscall.Errno
	// full is the number of datagrams after which the buffer is full; negative
	// for none.
	full  int
	err   error
	taken [][]byte
	calls int
}

func (y *system) transmit(_ *batched, s *sendState) error {
	y.calls++
	if y.err != nil {
		return y.err
	}
	s.sent, s.errno = 0, 0
	for i := range s.length {
		if s.runs[i] > 1 && y.refuse != 0 {
			s.errno = y.refuse
		}
		if y.full == len(y.taken) {
			s.errno = unix.EAGAIN
		}
		if s.errno != 0 {
			return nil
		}
		n := int(s.vectors[i].Len)
		y.taken = append(y.taken, bytes.Clone(unsafe.Slice(s.vectors[i].Base, n)))
		s.sent++
	}
	return nil
}

func simulated(t *testing.T, y *system) *batched {
	t.Helper()
	s, ok := listenKind(t, Listen, loopback4).(*batched)
	if !ok {
		t.Fatal("not the socket of this system")
	}
	s.transmit = y.transmit
	s.segmented.Store(true)
	return s
}

func fillBatch(n int) *Batch {
	b := NewBatch()
	for i := range n {
		b.Next(100)[0] = byte(i)
		b.Commit(100, netip.MustParseAddrPort("127.0.0.1:9"))
	}
	return b
}

func TestRefusedRunsAreSentOneByOne(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	for _, tt := range []struct {
		errno   syscall.Errno
		batches int
		off     bool // runs are not tried any more
	}{
		{unix.EIO, 1, true},
		{unix.EINVAL, 1, false},
		{unix.EINVAL, maxRefusals, true},
		{unix.EMSGSIZE, 1, false},
	} {
		y := &system{refuse: tt.errno, full: -1}
		s := simulated(t, y)
		for range tt.batches {
			if dropped := s.Flush(fillBatch(5)); dropped != 0 {
				t.Errorf("%v: %d dropped", tt.errno, dropped)
			}
		}
		if len(y.taken) != 5*tt.batches {
			t.Errorf("%v: %d datagrams sent", tt.errno, len(y.taken))
		}
		for i, p := range y.taken {
			if len(p) != 100 || p[0] != byte(i%5) {
				t.Errorf("%v: datagram %d is of %d bytes, number %d", tt.errno, i, len(p), p[0])
			}
		}
		if s.segmented.Load() == tt.off {
			t.Errorf("%v after %d batches: runs are tried: %v", tt.errno, tt.batches, s.segmented.Load())
		}
	}
}

func TestErrorsThatAreNotAboutRunsDropThem(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	y := &system{refuse: unix.ENETUNREACH, full: -1}
	if dropped := simulated(t, y).Flush(fillBatch(5)); dropped != 5 || y.calls != 1 {
		t.Errorf("%d dropped in %d calls", dropped, y.calls)
	}
}

func TestFullBufferDropsTheRest(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	y := &system{full: 40}
	s := simulated(t, y)
	s.segmented.Store(false)
	if dropped := s.Flush(fillBatch(100)); dropped != 60 {
		t.Errorf("%d dropped", dropped)
	}
	if y.calls != 3 {
		t.Errorf("%d calls", y.calls)
	}
}

func TestClosedSocketDropsEverything(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	y := &system{err: errors.New("closed")}
	if dropped := simulated(t, y).Flush(fillBatch(7)); dropped != 7 {
		t.Errorf("%d dropped", dropped)
	}
	s := listenKind(t, Listen, loopback4)
	_ = s.Close()
	if dropped := s.Flush(fillBatch(7)); dropped != 7 {
		t.Errorf("%d dropped by the real one", dropped)
	}
}

// The kernels of this decade have both; a test that found neither would prove
// nothing.
func TestThisSystemJoinsDatagrams(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	for _, a := range []netip.Addr{loopback4, netip.IPv6Loopback()} {
		t.Run(a.String(), func(t *testing.T) {
			t.Parallel()
			s, ok := listenKind(t, Listen, a).(*batched)
			if !ok || !s.segmented.Load() || !s.coalesced {
				t.Skip("this kernel has no UDP_SEGMENT or UDP_GRO")
			}
			to := listenKind(t, Listen, a).(*batched)
			b, burst := NewBatch(), NewBurst()
			for range 8 {
				b.Next(1000)
				b.Commit(1000, to.LocalAddr())
			}
			s.Flush(b)
			if err := to.Read(burst); err != nil {
				t.Fatal(err)
			}
			if n := burst.system.count; n != 1 || len(burst.Messages) != 8 {
				t.Errorf("%d datagrams came in %d messages", len(burst.Messages), n)
			}
		})
	}
}
