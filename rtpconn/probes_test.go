package rtpconn

import (
	"bytes"
	"testing"

	"galene/group/leaktest"
	"galene/rtpconn/bwe"
	"galene/rtpconn/socket"
	"galene/rtpconn/transportcc"

	pionsrtp "github.com/pion/srtp/v2"
)

// What a probe is made of holds nothing, and not what was sent to somebody before; nothing
// is sent by a connection of the client that does not tell of arrivals.
func TestProbesHoldNothing(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	for name, repair := range map[string]uint8{"between frames": noCompanion, "among retransmissions": 97} {
		b, rows := clientBench(t)
		b.packet.Marker = true
		copy(b.packet.Payload[2:], bytes.Repeat([]byte{0xAA}, 998))
		numbered, plain := rows[0], rows[1]
		b.worker.do(func() {
			numbered.conn.extensions.transportCC, numbered.conn.history = 5, new(transportcc.History)
			numbered.repair = repair
		})
		for range 10 {
			b.send(t)
		}
		opener, err := pionsrtp.CreateContext(bytes.Repeat([]byte{byte(numbered.ssrc)}, 16), benchSalt, pionsrtp.ProtectionProfileAeadAes128Gcm)
		if err != nil {
			t.Fatal(err)
		}
		sent := 0
		b.sink.keep = func(m socket.Message) {
			sent++
			packet, err := opener.DecryptRTP(nil, m.Data, nil)
			if err != nil {
				t.Errorf("%s: sent to somebody else: %v", name, err)
				return
			}
			padding := packet[len(packet)-maxPadding:]
			if padding[maxPadding-1] != maxPadding || bytes.Count(padding, []byte{0}) != maxPadding-1 {
				t.Errorf("%s: the padding is %x", name, padding)
			}
		}
		b.worker.do(func() {
			l := numbered.conn.line
			l.rows = []*DownTrack{plain, numbered}
			l.probe(bwe.Probe{ID: 1, Bytes: 2000, Packets: 5})
		})
		if sent < 5 {
			t.Errorf("%s: %d packets", name, sent)
		}
	}
}
