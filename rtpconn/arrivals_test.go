package rtpconn

import (
	"testing"
	"time"

	"galene/rtpconn/demux"
	"galene/rtpconn/mux"
	"galene/rtpconn/socket"
	"galene/rtpconn/srtp"

	"github.com/pion/rtcp"
	pionsrtp "github.com/pion/srtp/v2"
)

func TestPublisherThatNumbersItsPacketsHearsWhenTheyArrived(t *testing.T) {
	t.Parallel()
	b := newBench(t, 0, 100)
	const id = 3
	var err error
	if b.up.sealer, err = srtp.NewSealer(pionsrtp.ProtectionProfileAeadAes128Gcm, benchKey, benchSalt); err != nil {
		t.Fatal(err)
	}
	opener, err := pionsrtp.CreateContext(benchKey, benchSalt, pionsrtp.ProtectionProfileAeadAes128Gcm)
	if err != nil {
		t.Fatal(err)
	}
	var feedback []*rtcp.TransportLayerCC
	b.sink.keep = func(m socket.Message) {
		plain, err := opener.DecryptRTCP(nil, m.Data, nil)
		if err != nil {
			return
		}
		packets, err := rtcp.Unmarshal(plain)
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range packets {
			if f, ok := p.(*rtcp.TransportLayerCC); ok {
				feedback = append(feedback, f)
			}
		}
	}
	b.engine.worker.do(func() {
		b.up.path, b.up.pathKnown = mux.Path{Addr: b.media[0].From.Addr}, true
		b.up.arrivals.negotiated(demux.Extensions{TransportCC: id})
		b.engine.worker.ups[b.up] = struct{}{}
	})
	for i := range uint16(20) {
		if err := b.packet.SetExtension(id, []byte{byte((65530 + i) >> 8), byte(65530 + i)}); err != nil {
			t.Fatal(err)
		}
		if i == 7 { // lost
			b.next(t)
			continue
		}
		b.send(t)
	}
	b.engine.worker.tick(b.now + time.Second)
	if len(feedback) != 1 {
		t.Fatalf("%d messages", len(feedback))
	}
	f := feedback[0]
	if f.BaseSequenceNumber != 65530 || f.PacketStatusCount != 20 || len(f.RecvDeltas) != 19 || f.MediaSSRC != 1 {
		t.Errorf("%+v", f)
	}
	b.engine.worker.tick(b.now + 2*time.Second)
	if len(feedback) != 1 {
		t.Error("feedback about nothing")
	}
}
