package loadtest

import (
	"net"
	"testing"
	"time"

	"github.com/pion/transport/v2/stdnet"

	"galene/group/leaktest"
)

func TestArrivalsAreThoseOfThePacketAskedFor(t *testing.T) {
	leaktest.Check(t)
	packet := func(ssrc byte, sequence byte) []byte {
		return []byte{128, 96, 0, sequence, 0, 0, 0, 0, 0, 0, 0, ssrc}
	}
	var a arrivals
	a.note(packet(1, 5), 3*time.Second)
	a.note(packet(1, 6), 4*time.Second)
	a.note([]byte{128, 96, 0, 7}, 5*time.Second)                   // cut off
	a.note(append([]byte{22}, packet(1, 8)[1:]...), 6*time.Second) // DTLS
	for _, tt := range []struct {
		ssrc     uint32
		sequence uint16
		want     time.Duration
	}{
		{1, 5, 3 * time.Second}, {1, 6, 4 * time.Second},
		{1, 7, time.Minute}, {1, 8, time.Minute}, {2, 5, time.Minute},
	} {
		if got := a.of(tt.ssrc, tt.sequence, time.Minute); got != tt.want {
			t.Errorf("%d, %d: %v, want %v", tt.ssrc, tt.sequence, got, tt.want)
		}
	}
}

func TestArrivalIsWhenTheSystemHadThePacket(t *testing.T) {
	leaktest.Check(t)
	shared, err := stdnet.NewNet()
	check(t, err)
	var a arrivals
	epoch := time.Now()
	c, err := timedNet{shared, &a, epoch}.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	check(t, err)
	defer func() { _ = c.Close() }()
	if _, ok := c.(*timedConn); !ok {
		t.Skip("this system does not say when something arrives")
	}
	const slack = 5 * time.Millisecond // two clocks
	for number, deadline := uint16(1), time.Now().Add(time.Minute); ; number++ {
		before := time.Since(epoch)
		_, err = c.WriteTo([]byte{128, 96, byte(number >> 8), byte(number), 0, 0, 0, 0, 0, 0, 0, 2}, c.LocalAddr())
		check(t, err)
		sent := time.Since(epoch)
		// Whatever happens before it is read is not the server's doing.
		time.Sleep(50 * time.Millisecond)
		_, _, err = c.ReadFrom(make([]byte, 100))
		check(t, err)
		at := a.of(2, number, time.Hour)
		if at >= before-slack && at <= sent+slack {
			return
		}
		// The first socket that asks for times has the system begin to take them,
		// some time later.
		if time.Now().After(deadline) {
			t.Fatalf("sent between %v and %v, arrived at %v", before, sent, at)
		}
	}
}
