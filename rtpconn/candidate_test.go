package rtpconn

import (
	"strings"
	"testing"

	"galene/group/leaktest"
	"galene/rtpconn/sdpedit"

	"github.com/pion/ice/v2"
)

// Candidates are read by the library, as far as we let them through.
func FuzzCandidate(f *testing.F) {
	leaktest.Check(f)
	for _, candidate := range []string{
		"candidate:1 1 udp 2130706431 192.0.2.1 50000 typ host",
		"candidate:2 1 UDP 1677729535 2001:db8::1 1 typ srflx raddr 192.0.2.1 rport 9 generation 0 ufrag abcd network-cost 999",
		"candidate:3 1 udp 1 f00.local 65535 typ host",
		"candidate:4 1 udp 41885439 192.0.2.1 1 typ relay raddr 0.0.0.0 rport 0",
		"candidate:5 1 udp 1 192.0.2.1 1 typ prflx raddr",
		"candidate: 1 udp 4294967296 192.0.2.1 -1 typ",
		"candidate:6 1 udp 1 fe80::1%eth0 1 typ host tcptype active",
		"1 1 udp",
	} {
		f.Add(candidate)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if !sdpedit.UsableCandidate(text) {
			return
		}
		c, err := ice.UnmarshalCandidate(strings.TrimPrefix(text, "candidate:"))
		if err != nil {
			return
		}
		if again, err := ice.UnmarshalCandidate(c.Marshal()); err != nil || again.Address() != c.Address() || again.Port() != c.Port() {
			t.Errorf("%q is read as %q, and that as %v, %v", text, c.Marshal(), again, err)
		}
	})
}
