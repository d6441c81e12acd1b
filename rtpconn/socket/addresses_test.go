package socket

import (
	"errors"
	"net"
	"net/netip"
	"os"
	"slices"
	"syscall"
	"testing"

	"galene/group/leaktest"
)

// A port that is taken is passed over on Windows, too.
func TestTakenPortsHaveOneName(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	other := errors.New("something else")
	for _, number := range []syscall.Errno{syscall.EADDRINUSE, 10048} {
		err := &net.OpError{Op: "listen", Net: "udp4", Err: os.NewSyscallError("bind", number)}
		if !errors.Is(named(err), syscall.EADDRINUSE) {
			t.Errorf("error %d is not known", number)
		}
	}
	if named(other) != other {
		t.Error("another error is not left as it is")
	}
}

func TestReachableAddresses(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	for name, tt := range map[string]struct{ all, want []string }{
		"nothing":       {nil, nil},
		"loopback only": {[]string{"127.0.0.1", "::1", "fe80::1"}, []string{"127.0.0.1", "::1"}},
		"IPv4 first": {
			[]string{"127.0.0.1", "2001:db8::1", "192.168.1.2", "fd00::2", "10.0.0.1"},
			[]string{"192.168.1.2", "10.0.0.1", "2001:db8::1", "fd00::2"},
		},
		"useless ones": {[]string{"169.254.1.1", "fe80::1", "224.0.0.1", "0.0.0.0", "192.0.2.1", "192.0.2.1"}, []string{"192.0.2.1"}},
	} {
		var all, want []netip.Addr
		for _, a := range tt.all {
			all = append(all, netip.MustParseAddr(a))
		}
		for _, a := range tt.want {
			want = append(want, netip.MustParseAddr(a))
		}
		if got := reachable(all); !slices.Equal(got, want) {
			t.Errorf("%s: got %v, want %v", name, got, want)
		}
	}
}

func TestThisMachineHasAnAddress(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	addrs, err := Addresses()
	if err != nil || len(addrs) == 0 {
		t.Errorf("got %v, %v", addrs, err)
	}
}

// twoLoopbacks are two addresses that can be bound apart.
func twoLoopbacks(t *testing.T) []netip.Addr {
	t.Helper()
	other := netip.MustParseAddr("127.0.0.2")
	s, err := Listen(netip.AddrPortFrom(other, 0))
	if err != nil {
		t.Skipf("one loopback address only: %v", err)
	}
	_ = s.Close()
	return []netip.Addr{loopback4, other}
}

func closeAll(sockets []Socket) {
	for _, s := range sockets {
		_ = s.Close()
	}
}

func TestListenAllTakesOnePortEverywhere(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	addrs := twoLoopbacks(t)
	sockets, err := ListenAll(Listen, addrs, 0, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer closeAll(sockets)
	for i, s := range sockets {
		if got := s.LocalAddr(); got.Addr() != addrs[i] || got.Port() != sockets[0].LocalAddr().Port() {
			t.Errorf("socket %d on %v", i, got)
		}
	}
}

func TestListenAllSkipsTakenPorts(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	addrs := twoLoopbacks(t)
	// Taken on the second address only: the first one has to be given back.
	taken := listenKind(t, Listen, addrs[1]).LocalAddr().Port()
	if _, err := ListenAll(Listen, addrs, taken, taken); !errors.Is(err, syscall.EADDRINUSE) {
		t.Fatalf("a taken port: %v", err)
	}
	s, err := Listen(netip.AddrPortFrom(addrs[0], taken))
	if err != nil {
		t.Errorf("not given back: %v", err)
	} else {
		_ = s.Close()
	}
	if taken > 65000 {
		t.Skip("no range above this port")
	}
	sockets, err := ListenAll(Listen, addrs, taken, taken+500)
	if err != nil {
		t.Fatal(err)
	}
	defer closeAll(sockets)
	if got := sockets[0].LocalAddr().Port(); got <= taken {
		t.Errorf("port %d, the first is %d", got, taken)
	}
}

func TestListenAllLeavesOutAddressesThatAreNotThere(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	absent := netip.MustParseAddr("192.0.2.7")
	sockets, err := ListenAll(Listen, []netip.Addr{absent, loopback4}, 0, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer closeAll(sockets)
	if len(sockets) != 1 {
		t.Errorf("%d sockets", len(sockets))
	}
	if _, err := ListenAll(Listen, []netip.Addr{absent}, 0, 0); !errors.Is(err, syscall.EADDRNOTAVAIL) {
		t.Errorf("none left: %v", err)
	}
}

func TestListenAllRefusesBadRanges(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	for _, r := range [][2]uint16{{2, 1}, {0, 5}} {
		if _, err := ListenAll(Listen, []netip.Addr{loopback4}, r[0], r[1]); err == nil {
			t.Errorf("accepted %v", r)
		}
	}
	if _, err := ListenAll(Listen, nil, 0, 0); err == nil {
		t.Error("accepted no addresses")
	}
}
