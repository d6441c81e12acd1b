package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"text/tabwriter"
)

// The statistics of the server, as far as they are shown.
type (
	groupStats struct {
		Name    string        `json:"name"`
		Clients []clientStats `json:"clients"`
	}
	clientStats struct {
		ID   string            `json:"id"`
		Up   []connectionStats `json:"up"`
		Down []connectionStats `json:"down"`
	}
	connectionStats struct {
		ID     string       `json:"id"`
		Tracks []trackStats `json:"tracks"`
	}
	trackStats struct {
		Bitrate float64 `json:"bitrate"`
		Loss    float64 `json:"loss"`
		// RTT and Jitter are in milliseconds.
		RTT    float64 `json:"rtt"`
		Jitter float64 `json:"jitter"`
	}
)

func defineStats(f *flag.FlagSet) action {
	var o output
	o.declare(f)
	return func(ctx context.Context, i *invocation) error {
		q := request{path: apiRoot + ".stats", what: "show the statistics"}
		if o.json() {
			var whole any
			if _, err := i.connection.getJSON(ctx, q, &whole); err != nil {
				return err
			}
			return printJSON(i.stdout, whole)
		}
		var groups []groupStats
		if _, err := i.connection.getJSON(ctx, q, &groups); err != nil {
			return err
		}
		return printStats(i.stdout, groups)
	}
}

// printStats prints a line a group, with one for each stream below it.
func printStats(w io.Writer, groups []groupStats) error {
	t := tabwriter.NewWriter(w, 0, 8, 2, ' ', 0)
	fmt.Fprintln(t, "GROUP\tCLIENT\tSTREAM\tTRACKS\tKBIT/S\tLOSS\tRTT\tJITTER")
	for _, g := range groups {
		fmt.Fprintf(t, "%s\t%d in it\n", plain(g.Name), len(g.Clients))
		for _, c := range g.Clients {
			for _, u := range c.Up {
				printConnection(t, c.ID, "up", u)
			}
			for _, d := range c.Down {
				printConnection(t, c.ID, "down", d)
			}
		}
	}
	return t.Flush()
}

func printConnection(w io.Writer, client, direction string, c connectionStats) {
	var sum trackStats
	for _, t := range c.Tracks {
		sum.Bitrate += t.Bitrate
		sum.Loss, sum.RTT, sum.Jitter = max(sum.Loss, t.Loss), max(sum.RTT, t.RTT), max(sum.Jitter, t.Jitter)
	}
	fmt.Fprintf(w, "\t%s\t%s %s\t%d\t%.0f\t%.1f %%\t%.0f ms\t%.0f ms\n",
		plain(client), direction, plain(c.ID), len(c.Tracks), sum.Bitrate/1000, 100*sum.Loss, sum.RTT, sum.Jitter)
}
