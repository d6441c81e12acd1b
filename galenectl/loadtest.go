package main

import (
	"context"
	"flag"
	"fmt"
	"log/slog"
	"time"

	"galene/galenectl/loadtest"
	media "galene/rtpconn/loadtest"
)

// defineLoadTest is the command load-test: one publisher, many subscribers, and
// what it costs the server.
func defineLoadTest(f *flag.FlagSet) action {
	var o loadtest.Options
	var asJSON, cm bool
	f.StringVar(&o.Group, "group", "", "join the group of this `name`")
	f.StringVar(&o.Username, "username", "", "join as the user of this `name`, who may present")
	f.StringVar(&o.Password, "password", "", "the user's `password`")
	f.IntVar(&o.Subscribers, "subscribers", 50, "`number` of subscribers")
	f.IntVar(&o.Bitrate, "bitrate", 1_000_000, "bit rate of the video, in `bit/s`")
	f.DurationVar(&o.Duration, "duration", time.Minute, "how long to measure")
	f.DurationVar(&o.Settle, "settle", 3*time.Second, "how long to wait before, once all have joined")
	f.DurationVar(&o.JoinInterval, "join-interval", 50*time.Millisecond, "time from one subscriber's joining to the next one's")
	f.IntVar(&o.PID, "pid", 0, "`process` of the server on this machine, to measure CPU time and memory")
	f.BoolVar(&cm, "aes-cm", false, "protect media by AES-CM with HMAC-SHA1 instead of AES-GCM")
	f.BoolVar(&asJSON, "json", false, "report as JSON")
	return func(ctx context.Context, i *invocation) error {
		if o.Group == "" {
			return i.wrong("-group is needed, the name of a group")
		}
		o.Server, o.Insecure, o.Logger = i.server, i.insecure, slog.New(slog.NewTextHandler(i.stderr, nil))
		if cm {
			o.Profile = media.AES128CMSHA80
		}
		report, err := loadtest.Webinar(ctx, o)
		if err != nil {
			return fmt.Errorf("load test: %w", err)
		}
		if asJSON {
			return report.WriteJSON(i.stdout)
		}
		return report.WriteText(i.stdout)
	}
}
