//go:build linux

// Comparejanus puts the same load on this server and on Janus, in turn, and
// prints what either of them needs: CPU time for each forwarded packet, delay,
// memory. Janus (package janus of Debian) is started with a configuration that
// this program writes: its plugin VideoRoom, two event loops, no STUN. All
// traffic stays on this machine.
//
//	go run ./scripts/comparejanus [-pairs 3] [-duration 20s] [workload ...]
//
// A workload is webinar:50 (subscribers), meeting:8 (members), audio:500, or
// join-storm:100 (joiners).
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"syscall"
	"time"

	"galene/galenectl/loadtest"
)

// comparison says what to compare, and how.
type comparison struct {
	workloads        []workload
	pairs            int
	duration, settle time.Duration
	bitrate          int
	logger           *slog.Logger
}

// workload is what is put on a server.
type workload struct {
	mode loadtest.Mode
	// size is the number of subscribers, members or joiners.
	size int
}

// stormAudience is how many are there before a join storm.
const stormAudience = 10

func (w workload) String() string { return fmt.Sprintf("%s:%d", w.mode, w.size) }

// parseWorkload reads mode:size.
func parseWorkload(s string) (workload, error) {
	mode, number, _ := strings.Cut(s, ":")
	size, err := strconv.Atoi(number)
	w := workload{loadtest.Mode(mode), size}
	switch w.mode {
	case loadtest.Webinar, loadtest.Meeting, loadtest.Audio, loadtest.JoinStorm:
	default:
		err = fmt.Errorf("unknown mode %q", mode)
	}
	if err != nil || size < 1 {
		return w, fmt.Errorf("%q is no workload, as in webinar:50 or meeting:8", s)
	}
	return w, nil
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "comparejanus:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) error {
	c := comparison{logger: slog.New(slog.NewTextHandler(os.Stderr, nil))}
	f := flag.NewFlagSet("comparejanus", flag.ExitOnError)
	f.IntVar(&c.pairs, "pairs", 3, "`number` of runs of each server and workload")
	f.DurationVar(&c.duration, "duration", 20*time.Second, "how long to measure in each run")
	f.DurationVar(&c.settle, "settle", 5*time.Second, "how long to wait before, once all have joined")
	f.IntVar(&c.bitrate, "bitrate", 1_000_000, "bit rate of the video, in `bit/s`")
	binary := f.String("galene", "", "compare this `program` instead of building the one of this directory")
	_ = f.Parse(args) // exits by itself
	if c.pairs < 1 {
		return errors.New("-pairs has to be 1 or more")
	}
	list := f.Args()
	if len(list) == 0 {
		list = []string{"webinar:50", "webinar:150", "meeting:8"}
	}
	for _, s := range list {
		w, err := parseWorkload(s)
		if err != nil {
			return err
		}
		c.workloads = append(c.workloads, w)
	}
	work, err := os.MkdirTemp("", "comparejanus")
	if err != nil {
		return err
	}
	defer os.RemoveAll(work)
	if *binary == "" {
		if *binary, err = buildGalene(ctx, work); err != nil {
			return err
		}
	}
	address, err := mediaAddress()
	if err != nil {
		return err
	}
	results, err := c.run(ctx, []contestant{galene{work: work, binary: *binary}, janus{work: work, address: address}})
	if err != nil {
		return err
	}
	return results.write(os.Stdout)
}

// run measures the contestants in turn, each time with a fresh server.
func (c *comparison) run(ctx context.Context, contestants []contestant) (results, error) {
	r := results{workloads: c.workloads, reports: make(map[entry][]*loadtest.Report)}
	for _, contestant := range contestants {
		r.names = append(r.names, contestant.name())
	}
	for _, w := range c.workloads {
		for pair := range c.pairs {
			for _, contestant := range contestants {
				c.logger.Info("run", "workload", w, "server", contestant.name(), "pair", pair+1)
				report, err := c.measure(ctx, w, contestant)
				if err != nil {
					return r, fmt.Errorf("%s, %s: %w", w, contestant.name(), err)
				}
				// Should a later run fail, this one has not been in vain.
				c.logger.Info("measured", "workload", w, "server", contestant.name(), "µs a packet", report.Process.MicrosecondsPerPacket,
					"delay p50", report.Delay.P50, "delay p99", report.Delay.P99, "lost", report.Total.Lost)
				r.reports[entry{w, contestant.name()}] = append(r.reports[entry{w, contestant.name()}], report)
			}
		}
	}
	return r, nil
}

// measure starts a server, puts the load on it, and stops it.
func (c *comparison) measure(ctx context.Context, w workload, contestant contestant) (*loadtest.Report, error) {
	s, err := contestant.start(ctx)
	if err != nil {
		return nil, err
	}
	defer s.stop()
	o := s.options
	o.PID = s.pid()
	o.Mode, o.Subscribers, o.Members, o.Joiners = w.mode, w.size, w.size, w.size
	if w.mode == loadtest.JoinStorm {
		o.Subscribers = stormAudience
	}
	o.Bitrate, o.Duration, o.Settle, o.JoinInterval = c.bitrate, c.duration, c.settle, 50*time.Millisecond
	return loadtest.Run(ctx, o)
}
