package rtpconn

import (
	"bytes"
	"encoding/binary"
	"testing"
	"time"

	"galene/group/leaktest"
	"galene/rtpconn/bwe"
	"galene/rtpconn/demux"
	"galene/rtpconn/mux"
	"galene/rtpconn/socket"
	"galene/rtpconn/srtp"
	"galene/rtpconn/transportcc"

	"github.com/pion/rtcp"
	"github.com/pion/rtp"
	pionsrtp "github.com/pion/srtp/v2"
	"github.com/pion/webrtc/v3"
)

func TestPublisherThatNumbersItsPacketsHearsWhenTheyArrived(t *testing.T) {
	leaktest.Check(t)
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
	b.engine.workers[0].do(func() {
		b.up.path, b.up.pathKnown = mux.Path{Addr: b.media[0].From.Addr}, true
		b.up.numbers = demux.Extensions{TransportCC: id}
		b.up.arrivals.negotiated(b.up.numbers)
		b.engine.workers[0].ups[b.up] = struct{}{}
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
	b.engine.workers[0].tick(b.now + time.Second)
	if len(feedback) != 1 {
		t.Fatalf("%d messages", len(feedback))
	}
	f := feedback[0]
	if f.BaseSequenceNumber != 65530 || f.PacketStatusCount != 20 || len(f.RecvDeltas) != 19 || f.MediaSSRC != 1 {
		t.Errorf("%+v", f)
	}
	b.engine.workers[0].tick(b.now + 2*time.Second)
	if len(feedback) != 1 {
		t.Error("feedback about nothing")
	}
}

func TestSubscriberWhoTellsOfArrivalsIsEstimated(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	b := newBench(t, 1, 1000)
	d := b.up.sources[0].rows[0].conn
	key := make([]byte, 16)
	for i := range key {
		key[i] = byte(1000 & 0xff) // that of subscribe
	}
	opener, err := pionsrtp.CreateContext(key, benchSalt, pionsrtp.ProtectionProfileAeadAes128Gcm)
	if err != nil {
		t.Fatal(err)
	}
	recorder := new(transportcc.Recorder)
	b.sink.keep = func(m socket.Message) {
		plain, err := opener.DecryptRTP(nil, m.Data, nil)
		if err != nil {
			return
		}
		var p rtp.Packet
		if err := p.Unmarshal(plain); err != nil {
			t.Fatal(err)
		}
		number := p.GetExtension(5)
		if len(number) != 2 {
			t.Fatalf("no number in %v", p.Header)
		}
		recorder.Received(binary.BigEndian.Uint16(number), b.now+time.Hour)
	}
	b.engine.workers[0].do(func() { d.number([]webrtc.RTPHeaderExtensionParameter{{URI: extensionTransportCC, ID: 5}}) })
	for range 200 {
		b.send(t)
		if message, _ := recorder.Append(nil, 1, 2); len(message) > 0 {
			b.engine.workers[0].do(func() { d.receiveRTCP(message, b.now) })
		}
		b.engine.workers[0].tick(b.now)
	}
	if !d.line.estimator.Followed() {
		t.Error("nothing was learned")
	}
	// A packet a millisecond, all of which arrive: at least nothing is given up.
	if rate := d.line.estimator.Rate(b.now); rate < bwe.StartRate {
		t.Errorf("estimate of %.0f bit/s", rate)
	}
}

// Two different packets under one sequence number would be sealed under one
// nonce, which gives the cipher's key for authentication away.
func TestPacketsAreSentAgainBitForBit(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	for _, numbered := range []bool{false, true} {
		b := newBench(t, 1, 1000)
		d := b.up.sources[0].rows[0].conn
		if numbered {
			b.engine.workers[0].do(func() { d.number([]webrtc.RTPHeaderExtensionParameter{{URI: extensionTransportCC, ID: 5}}) })
		}
		var sent [][]byte
		b.sink.keep = func(m socket.Message) { sent = append(sent, bytes.Clone(m.Data)) }
		for range 30 {
			b.send(t)
		}
		first := sent
		sent = nil
		nack := &rtcp.TransportLayerNack{MediaSSRC: d.rows[0].ssrc, Nacks: []rtcp.NackPair{{PacketID: binary.BigEndian.Uint16(first[7][2:]), LostPackets: 0xff}}}
		plain, err := rtcp.Marshal([]rtcp.Packet{nack})
		if err != nil {
			t.Fatal(err)
		}
		b.engine.workers[0].do(func() { d.receiveRTCP(plain, b.now+time.Second) })
		if len(sent) != 9 {
			t.Fatalf("numbered %v: %d packets sent again", numbered, len(sent))
		}
		for i, p := range sent {
			if !bytes.Equal(p, first[7+i]) {
				t.Errorf("numbered %v: packet %d differs from the first time", numbered, i)
			}
		}
	}
}
