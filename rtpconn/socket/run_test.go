package socket

import (
	"net/netip"
	"testing"

	"galene/group/leaktest"
)

func TestRunsAreOfEqualDatagramsToOneReceiver(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	a, b := netip.MustParseAddrPort("192.0.2.1:5000"), netip.MustParseAddrPort("192.0.2.1:5001")
	type datagram struct {
		to   netip.AddrPort
		size int
	}
	repeat := func(d datagram, n int) (list []datagram) {
		for range n {
			list = append(list, d)
		}
		return list
	}
	for name, tt := range map[string]struct {
		datagrams []datagram
		want      int
	}{
		"one":                        {[]datagram{{a, 10}}, 1},
		"equal ones":                 {repeat(datagram{a, 1200}, 5), 5},
		"another receiver":           {[]datagram{{a, 10}, {a, 10}, {b, 10}}, 2},
		"a shorter one ends it":      {[]datagram{{a, 10}, {a, 9}, {a, 9}}, 2},
		"a longer one is not in it":  {[]datagram{{a, 10}, {a, 11}}, 1},
		"nothing cannot be cut":      {[]datagram{{a, 0}, {a, 0}}, 1},
		"nothing cannot be the last": {[]datagram{{a, 5}, {a, 0}}, 1},
		"as many as the system cuts": {repeat(datagram{a, 100}, 100), maxSegments},
		"as much as a datagram has":  {repeat(datagram{a, 2000}, 60), maxRunBytes / 2000},
	} {
		var messages []Message
		for _, d := range tt.datagrams {
			messages = append(messages, Message{Data: make([]byte, d.size), Addr: d.to})
		}
		if got := run(messages); got != tt.want {
			t.Errorf("%s: %d, want %d", name, got, tt.want)
		}
	}
}
