package rtpconn

import (
	"net"
	"net/netip"
	"sync/atomic"
	"testing"
	"time"

	"galene/group/leaktest"
	"galene/group/media"
)

// mutableConn neither receives nor sends while cut is set.
type mutableConn struct {
	net.PacketConn
	cut *atomic.Bool
}

func (c mutableConn) ReadFrom(p []byte) (n int, from net.Addr, err error) {
	for {
		if n, from, err = c.PacketConn.ReadFrom(p); err != nil || !c.cut.Load() {
			return n, from, err
		}
	}
}

func (c mutableConn) WriteTo(p []byte, to net.Addr) (int, error) {
	if c.cut.Load() {
		return len(p), nil
	}
	return c.PacketConn.WriteTo(p, to)
}

// An address from which no answer has come for half a minute may be somebody else's by
// now (RFC 7675, section 5.1): nothing is sent there until the subscriber is back, who
// then sees a picture at once.
func TestNothingIsSentToWhoDoesNotAnswerAnyMore(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	e := startEngine(t, Options{
		Addresses: []netip.Addr{netip.MustParseAddr("127.0.0.1")}, Logger: quiet,
		ICE: ICETimeouts{Disconnected: time.Second, Failed: time.Second, Keepalive: 100 * time.Millisecond},
	})
	video := testTrack(t, media.Video)
	p := publish(t, e, peerOptions{}, "stream", video)
	keepSending(t, video)
	receive(t, p.tracks, "the track")
	var cut atomic.Bool
	s := subscribe(t, e, peerOptions{wrap: func(c net.PacketConn) net.PacketConn { return mutableConn{c, &cut} }}, p.up, "video")
	remote := s.track(t)
	arrives(t, remote)

	cut.Store(true)
	row, source := s.down.rows[0], p.up.sources[0].encodings[0]
	eventually(t, "the connection to have failed", func() (failed bool) {
		row.conn.worker.do(func() { failed = !row.conn.pathKnown })
		return failed
	})
	var sent, received uint64
	count := func() {
		row.conn.worker.do(func() { sent, received = row.packets, source.bytes })
	}
	count()
	before, receivedBefore := sent, received
	eventually(t, "more of the publisher's packets", func() bool { count(); return received > receivedBefore+1000 })
	if sent != before {
		t.Errorf("%d packets are sent", sent-before)
	}

	cut.Store(false)
	s.answer(t, true)
	eventually(t, "more packets for the subscriber", func() bool { count(); return sent > before+10 })
	arrives(t, remote)
}
