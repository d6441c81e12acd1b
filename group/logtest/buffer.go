// Package logtest keeps what is logged in a test, so that the test can look at it. It
// knows nothing about what is logged.
package logtest

import (
	"strings"
	"sync"
)

// Buffer is a log in memory. Any goroutine may write to it, and read what has been
// written so far. The zero value is empty.
type Buffer struct {
	// mu guards text.
	mu   sync.Mutex
	text strings.Builder
}

// Write implements io.Writer.
func (b *Buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

// String returns all that has been written.
func (b *Buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}
