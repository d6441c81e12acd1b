package loadtest

import (
	"testing"
	"time"

	"galene/group/leaktest"

	"github.com/pion/interceptor"
	"github.com/pion/rtcp"
	"github.com/pion/rtp"
)

// Feedback is read by pion, which has an idea of its own of how it looks.
func TestSubscribersSayWhichPacketsArrived(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	const extension, ssrc = 3, 42
	made, err := feedback{now: func() time.Duration { return time.Second }}.NewInterceptor("")
	check(t, err)
	messages := make(chan []byte, 16)
	made.BindRTCPWriter(interceptor.RTCPWriterFunc(func(packets []rtcp.Packet, _ interceptor.Attributes) (int, error) {
		for _, p := range packets {
			raw, err := p.Marshal()
			if err != nil {
				return 0, err
			}
			messages <- raw
		}
		return 0, nil
	}))
	number := uint16(65534)
	reader := made.BindRemoteStream(&interceptor.StreamInfo{
		SSRC: ssrc, RTPHeaderExtensions: []interceptor.RTPHeaderExtension{{URI: extensionTransportCC, ID: extension}},
	}, interceptor.RTPReaderFunc(func(b []byte, a interceptor.Attributes) (int, interceptor.Attributes, error) {
		p := rtp.Packet{Header: rtp.Header{Version: 2, SSRC: ssrc}, Payload: []byte{1}}
		check(t, p.SetExtension(extension, []byte{byte(number >> 8), byte(number)}))
		n, err := p.MarshalTo(b)
		return n, a, err
	}))
	for _, number = range []uint16{65534, 65535, 1} { // 0 is lost
		if _, _, err := reader.Read(make([]byte, receiveSize), nil); err != nil {
			t.Fatal(err)
		}
	}
	told := map[uint16]bool{}
	for len(told) < 4 {
		packets, err := rtcp.Unmarshal(<-messages)
		check(t, err)
		cc, ok := packets[0].(*rtcp.TransportLayerCC)
		if !ok || cc.MediaSSRC != ssrc {
			t.Fatalf("sent %v", packets)
		}
		for i, received := range symbols(cc) {
			told[cc.BaseSequenceNumber+uint16(i)] = received
		}
	}
	for number, want := range map[uint16]bool{65534: true, 65535: true, 0: false, 1: true} {
		if told[number] != want {
			t.Errorf("packet %d: said to have arrived: %t", number, told[number])
		}
	}
	check(t, made.Close())
	check(t, made.Close())
}

// symbols tells which of the packets of a message arrived.
func symbols(cc *rtcp.TransportLayerCC) []bool {
	var all []bool
	for _, chunk := range cc.PacketChunks {
		switch chunk := chunk.(type) {
		case *rtcp.RunLengthChunk:
			for range chunk.RunLength {
				all = append(all, chunk.PacketStatusSymbol != rtcp.TypeTCCPacketNotReceived)
			}
		case *rtcp.StatusVectorChunk:
			for _, s := range chunk.SymbolList {
				all = append(all, s != rtcp.TypeTCCPacketNotReceived)
			}
		}
	}
	return all[:cc.PacketStatusCount]
}
