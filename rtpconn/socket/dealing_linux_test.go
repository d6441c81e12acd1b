package socket

import (
	"net/netip"
	"sync"
	"testing"

	"galene/group/leaktest"
)

func TestSendersAreDealtOutAmongSiblings(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	const siblings, senders, each = 3, 48, 5
	for _, a := range []netip.Addr{loopback4, netip.IPv6Loopback()} {
		t.Run(a.String(), func(t *testing.T) {
			first := listenKind(t, Listen, a)
			others := first.Siblings(siblings)
			if others == nil {
				t.Skip("this system cannot deal senders out")
			}
			sockets := append([]Socket{first}, others...)
			type arrival struct {
				from netip.AddrPort
				at   int
			}
			arrivals := make(chan arrival, senders*each)
			var readers sync.WaitGroup
			for i, s := range sockets {
				if s.LocalAddr() != first.LocalAddr() {
					t.Errorf("socket %d is at %v", i, s.LocalAddr())
				}
				readers.Go(func() {
					burst := NewBurst()
					for s.Read(burst) == nil {
						for _, m := range burst.Messages {
							arrivals <- arrival{m.Addr, i}
						}
					}
				})
			}
			for range senders {
				sender := listenKind(t, Listen, a)
				for range each {
					if err := sender.WriteTo([]byte{128, 96}, first.LocalAddr()); err != nil {
						t.Fatal(err)
					}
				}
				if err := sender.WriteTo([]byte{128, 200}, first.LocalAddr()); err != nil {
					t.Fatal(err)
				}
			}
			at := make(map[netip.AddrPort]int)
			used := make(map[int]int)
			for range senders * each {
				got := <-arrivals
				if before, ok := at[got.from]; ok && before != got.at {
					t.Errorf("%v arrives at sockets %d and %d", got.from, before, got.at)
				}
				at[got.from] = got.at
				used[got.at]++
			}
			if len(at) != senders || len(used) != len(sockets) {
				t.Errorf("%d senders at %v", len(at), used)
			}
			burst, reports := NewBurst(), 0
			for reports < senders {
				first.ReadAside(burst)
				reports += len(burst.Messages)
			}
			for _, s := range sockets {
				if err := s.Close(); err != nil {
					t.Error(err)
				}
			}
			readers.Wait()
		})
	}
}

func TestPortWithSiblingsIsTaken(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	first := listenKind(t, Listen, loopback4)
	for _, s := range first.Siblings(2) {
		defer s.Close()
	}
	if s, err := Listen(first.LocalAddr()); err == nil {
		s.Close()
		t.Error("the port can be had twice")
	}
}

func TestPortableSocketsHaveNoSiblings(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	if s := listenKind(t, ListenPortable, loopback4); s.Siblings(1) != nil {
		t.Error("there are some")
	}
}
