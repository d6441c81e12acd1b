package main

import (
	"os"
	"runtime/debug"
)

// collectionPercent is by how much the heap may grow over what is alive before
// garbage is collected: half of what Go lets it. A member in a call is some 150 KB
// that stay and hardly any garbage, so what a collection costs is seldom paid.
const collectionPercent = 50

// boundMemory has garbage collected early, unless the environment says when.
func boundMemory() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(collectionPercent)
	}
}
