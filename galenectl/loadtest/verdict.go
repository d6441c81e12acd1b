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
	// joins, key frames and retransmissions. What a server does with more than
	// one cannot be told from that.
	busy = 0.7
	// complete is the share of what all would get that means all of it: some are
	// sent fewer pictures for a moment, which is not the server's doing.
	complete = 0.95
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
	packets := float64(time.Second) * busy / float64(perPacket)
	return roughly(int(packets / float64(loadtest.PacketRate(bitrate))))
}

// roughly drops the last digits, which nobody should take at their word.
func roughly(viewers int) int {
	step := 1
	for viewers/step >= 100 {
		step *= 10
	}
	return viewers / step * step
}

// layered tells whether subscribers get parts of what is sent.
func (r *Report) layered() bool {
	return r.Video == loadtest.VP9SVC || r.Video == loadtest.Simulcast
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
	case !r.layered() && r.Share < complete:
		return fmt.Sprintf("This is too much, for the server or for a line: no more than %.0f %% of what all would get was forwarded.", 100*r.Share)
	case r.Delay.P99 > milliseconds(slow):
		return fmt.Sprintf("This is as much as can be, or more: one packet in a hundred took longer than %.0f ms.", r.Delay.P99)
	case r.Process == nil:
		return fmt.Sprintf("No packet was lost. How many %s the machine carries can be told if -pid names the server's process.", whom)
	case r.Process.CPUSeconds <= 0:
		return "No packet was lost. The process that -pid names has not used any CPU time: it is not the server's, or the time measured was too short."
	}
	cost, cores, each := r.Process.MicrosecondsPerPacket, r.Process.CPUSeconds/r.Seconds, loadtest.PacketRate(bitrate)
	if cores > busy {
		carried := roughly(int(float64(r.Forwarded) / r.Seconds / float64(each)))
		return fmt.Sprintf("This machine carries at least about %d %s: %d packets a second for each at %.1f µs, which kept %.1f cores busy.", carried, what, each, cost, cores)
	}
	n := capacity(time.Duration(cost*float64(time.Microsecond)), bitrate)
	return fmt.Sprintf("This machine carries about %d %s: %d packets a second for each at %.1f µs, with one core %.0f %% busy.", n, what, each, cost, 100*busy)
}
