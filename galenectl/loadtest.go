package main

import (
	"context"
	"flag"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"time"

	"galene/galenectl/loadtest"
	media "galene/rtpconn/loadtest"
)

// defineLoadTest is the command load-test: publishers and subscribers, and what
// they cost the server.
func defineLoadTest(f *flag.FlagSet) action {
	var o loadtest.Options
	var out output
	var asJSON, cm bool
	var mode, video, films string
	var temporalLayers int
	f.StringVar(&o.Group, "group", "", "join the group of this `name`")
	f.StringVar(&o.Username, "username", "", "join as the user of this `name`, who may present")
	f.StringVar(&o.Password, "password", "", "the user's `password`")
	f.StringVar(&mode, "mode", string(loadtest.Webinar), "`who` sends to whom: webinar (one to all), meeting (all to all), audio (one voice\nto all), join-storm (a webinar into which many come within a second), or cameras\n(all show films and receive nothing, for you to look at in a browser)")
	f.StringVar(&video, "video", string(media.VP8), "`what` is sent: vp8, vp9-svc (three spatial and three temporal layers),\nsimulcast (VP8 in three sizes), or none")
	f.IntVar(&o.Subscribers, "subscribers", 50, "`number` of subscribers; before a join storm")
	f.IntVar(&o.Members, "members", 8, "`number` of members of a meeting, or of cameras")
	f.StringVar(&films, "films", "", "`IVF` files of VP8 that cameras show: one, or separated by commas two or three\nencodings of simulcast, the best one first")
	f.IntVar(&temporalLayers, "temporal-layers", 1, "`number` of temporal layers in films: 1, 2, or 3")
	f.IntVar(&o.Joiners, "joiners", 100, "`number` of those who come in a join storm")
	f.IntVar(&o.Bitrate, "bitrate", 1_000_000, "bit rate of the video, in `bit/s`; of simulcast, of the best encoding")
	f.DurationVar(&o.Duration, "duration", time.Minute, "how long to measure")
	f.DurationVar(&o.Settle, "settle", 3*time.Second, "how long to wait before, once all have joined")
	f.DurationVar(&o.JoinInterval, "join-interval", 50*time.Millisecond, "time from one subscriber's joining to the next one's")
	f.IntVar(&o.PID, "pid", 0, "`process` of the server on this machine, to measure CPU time and memory")
	f.BoolVar(&cm, "aes-cm", false, "protect media by AES-CM with HMAC-SHA1 instead of AES-GCM")
	f.BoolVar(&asJSON, "json", false, "report as JSON, as -o json does")
	out.declare(f)
	return func(ctx context.Context, i *invocation) error {
		if o.Group == "" {
			return i.wrong("-group is needed, the name of a group")
		}
		o.Mode, o.Video = loadtest.Mode(mode), media.Video(video)
		o.Server, o.Logger = i.server, slog.New(slog.NewTextHandler(i.stderr, nil))
		o.TLS, o.Dial = i.connection.transport.TLSClientConfig, i.connection.transport.DialContext
		var err error
		if o.Films, err = readFilms(films, temporalLayers); err != nil {
			return err
		}
		if cm {
			o.Profile = media.AES128CMSHA80
		}
		report, err := loadtest.Run(ctx, o)
		if err != nil {
			return fmt.Errorf("load test: %w", explain(err))
		}
		if asJSON || out.json() {
			return report.WriteJSON(i.stdout)
		}
		return report.WriteText(i.stdout)
	}
}

// readFilms reads the films of the files that are named in a list.
func readFilms(list string, temporalLayers int) ([]*media.Film, error) {
	if list == "" {
		return nil, nil
	}
	var films []*media.Film
	for name := range strings.SplitSeq(list, ",") {
		film, err := readFilm(name, temporalLayers)
		if err != nil {
			return nil, fmt.Errorf("film %s: %w", name, err)
		}
		films = append(films, film)
	}
	return films, nil
}

func readFilm(name string, temporalLayers int) (*media.Film, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	return media.ReadFilm(f, temporalLayers)
}
