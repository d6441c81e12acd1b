//go:build amd64 || arm64

package prefetch

// lines asks for so many cache lines, the first of which is at address. There
// must be at least one.
//
//go:noescape
func lines(address, count uintptr)
