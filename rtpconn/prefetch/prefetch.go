// Package prefetch asks the processor for memory that will be needed soon.
//
// What one subscriber needs for one packet lies in a few objects that nobody
// has touched since the last burst. Go waits for each in turn, hundreds of
// nanoseconds where caches and page tables have to be read from memory; asked
// for while another subscriber is served, they are there when their turn comes.
// It is a hint: nothing is read, and any address is allowed.
//
// The package knows nothing of what lies there. On processors without a file of
// their own it does nothing.
package prefetch

import "unsafe"

// LineSize is how much memory comes at once, in bytes, on the processors that
// matter here.
const LineSize = 64

// Range asks for the cache lines that hold size bytes from offset on of what p
// points to.
func Range[T any](p *T, offset, size uintptr) {
	start := uintptr(unsafe.Pointer(p)) + offset
	first := start &^ (LineSize - 1)
	lines(first, (start+size-first+LineSize-1)/LineSize)
}
