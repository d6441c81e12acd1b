package rtpconn

import (
	"log/slog"
	"net"
	"net/netip"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"galene/group/leaktest"
	"galene/group/logtest"
	"galene/group/media"
)

// Whoever cannot send UDP is a member all the same: without this line nothing says why
// there is neither sound nor picture.
func TestLogSaysThatMediaOfAClientFindsNoWay(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	var log logtest.Buffer
	e := startEngine(t, Options{
		Addresses: []netip.Addr{netip.MustParseAddr("127.0.0.1")}, Logger: slog.New(slog.NewTextHandler(&log, nil)),
		ICE: ICETimeouts{Disconnected: 100 * time.Millisecond, Failed: 100 * time.Millisecond, Keepalive: 100 * time.Millisecond},
	})
	const told = "finds no way"
	var cut atomic.Bool
	behind := peerOptions{wrap: func(c net.PacketConn) net.PacketConn { return mutableConn{c, &cut} }}
	there := publish(t, e, behind, "there", testTrack(t, media.Audio))
	eventually(t, "a path", there.up.everConnected)
	cut.Store(true)
	eventually(t, "the path to be lost", there.up.Disconnected)
	if strings.Contains(log.String(), told) {
		t.Errorf("a path that was lost is taken for one that never was:\n%s", &log)
	}
	publish(t, e, behind, "first", testTrack(t, media.Audio))
	publish(t, e, behind, "second", testTrack(t, media.Audio))
	eventually(t, "the log to tell", func() bool { return strings.Contains(log.String(), told) })
	text := log.String()
	if !strings.Contains(text, "level=WARN") || !strings.Contains(text, "client=owner") || strings.Count(text, told) != 1 {
		t.Errorf("the log is:\n%s", text)
	}
}
