package main

import (
	"os"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
)

const (
	// collectionPercent is by how much the heap may grow over what is alive before
	// garbage is collected: half of what Go lets it. A member in a call is some 100 KB
	// that stay and hardly any garbage, so what a collection costs is seldom paid.
	collectionPercent = 50
	// spareHeap is how much it may grow in any case, in bytes: while little is
	// alive, many who come at once would have garbage collected for every dozen of
	// them.
	spareHeap = 16 << 20
	// highestPercent has the first collection come with spareHeap: the runtime waits
	// for 4 MB at 100 percent.
	highestPercent = 400
	// percentStep is the change, in percent, below which the runtime, which stops
	// everything for it, is not told of another percentage.
	percentStep = 10
)

// boundMemory has garbage collected early, unless the environment says when.
func boundMemory() {
	if os.Getenv("GOGC") == "" {
		(&collections{}).follow()
	}
}

// collections tells the runtime, after each collection, when the next one is due.
type collections struct{ percent int }

// follow sets the percentage now, and again after the next collection, which finds
// that nobody uses the mark any more.
func (c *collections) follow() {
	if percent := growthPercent(counted()); percent > c.percent+percentStep || percent < c.percent-percentStep {
		c.percent = percent
		debug.SetGCPercent(percent)
	}
	mark := new([64]byte) // of a size that shares no block with anything else
	runtime.AddCleanup(mark, (*collections).follow, c)
}

// growthPercent returns by how many percent of what is alive, in bytes, the heap
// may grow.
func growthPercent(alive uint64) int {
	return max(collectionPercent, int(100*spareHeap/max(alive, 100*spareHeap/highestPercent)))
}

// counted returns what the runtime takes the percentage of, in bytes.
func counted() (bytes uint64) {
	samples := []metrics.Sample{{Name: "/gc/heap/live:bytes"}, {Name: "/gc/scan/stack:bytes"}, {Name: "/gc/scan/globals:bytes"}}
	metrics.Read(samples)
	for _, s := range samples {
		if s.Value.Kind() == metrics.KindUint64 {
			bytes += s.Value.Uint64()
		}
	}
	return bytes
}
