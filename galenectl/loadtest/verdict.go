package loadtest

import (
	"fmt"
	"time"

	"galene/rtpconn/loadtest"
)

const (
	// cameraBitrate is that of the camera that the verdict speaks of, in bits/s.
	cameraBitrate = 1_500_000
	// busy is the share of a core that may be in use: what is left takes up
	// joins, key frames and retransmissions.
	busy = 0.7
	// mediaCores is how many cores forward the packets of a server: one worker
	// does.
	mediaCores = 1
	// slow is the delay that 99 % of the packets should not exceed.
	slow = 50 * time.Millisecond
)

// capacity returns how many viewers of a camera one machine carries, or
// listeners where the bit rate is 0, when a forwarded packet takes so much CPU
// time.
func capacity(perPacket time.Duration, bitrate int) int {
	if perPacket <= 0 {
		return 0
	}
	packets := float64(time.Second) * busy * mediaCores / float64(perPacket)
	viewers := int(packets / float64(loadtest.PacketRate(bitrate)))
	// Nobody should take the last digits at their word.
	step := 1
	for viewers/step >= 100 {
		step *= 10
	}
	return viewers / step * step
}

// verdict says what the figures mean.
func (r *Report) verdict() string {
	bitrate, what, whom := cameraBitrate, "viewers of a 1.5 Mbit/s camera", "viewers"
	if r.Video == loadtest.NoVideo {
		bitrate, what, whom = 0, "listeners to a voice", "listeners"
	}
	switch {
	case r.Mode == Cameras:
		return "What comes of the films, a browser shows that looks at the group meanwhile."
	case r.Forwarded == 0:
		return "Nothing was forwarded."
	case r.Total.Lost > 0:
		return fmt.Sprintf("This is too much: %d packets were lost for good, of %d.", r.Total.Lost, r.Total.Lost+r.Total.Received)
	case r.Delay.P99 > milliseconds(slow):
		return fmt.Sprintf("This is as much as can be, or more: one packet in a hundred took longer than %.0f ms.", r.Delay.P99)
	case r.Process == nil:
		return fmt.Sprintf("No packet was lost. How many %s the machine carries can be told if -pid names the server's process.", whom)
	}
	cost := r.Process.MicrosecondsPerPacket
	n := capacity(time.Duration(cost*float64(time.Microsecond)), bitrate)
	return fmt.Sprintf("This machine carries about %d %s: %d packets a second for each at %.1f µs, with one core %.0f %% busy, since one core forwards.",
		n, what, loadtest.PacketRate(bitrate), cost, 100*busy)
}
