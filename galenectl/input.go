package main

import (
	"context"
	"fmt"
	"io"
	"os"

	"golang.org/x/term"
)

// interruptible is standard input, whose reading ends with a context. What is
// read of the system by then is read to no purpose, until the program ends.
type interruptible struct {
	ctx context.Context
	r   io.Reader
}

// Read implements io.Reader.
func (i interruptible) Read(p []byte) (n int, err error) {
	data, err := unlessInterrupted(i.ctx, func() ([]byte, error) {
		buffer := make([]byte, len(p))
		n, err := i.r.Read(buffer)
		return buffer[:n], err
	})
	return copy(p, data), err
}

// unlessInterrupted returns what f does, or the end of ctx if that comes first.
func unlessInterrupted(ctx context.Context, f func() ([]byte, error)) (data []byte, err error) {
	done := make(chan struct{})
	var read []byte
	var failure error
	go func() {
		defer close(done)
		read, failure = f()
	}()
	select {
	case <-done:
		return read, failure
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}

// readHidden reads a line from a terminal that does not show it meanwhile, and
// leaves the terminal as it was.
func readHidden(ctx context.Context, terminal *os.File) ([]byte, error) {
	fd := int(terminal.Fd())
	before, err := term.GetState(fd)
	if err != nil {
		return nil, fmt.Errorf("look at the terminal: %w", err)
	}
	data, err := unlessInterrupted(ctx, func() ([]byte, error) { return term.ReadPassword(fd) })
	if ctx.Err() != nil {
		_ = term.Restore(fd, before) // there is nobody to tell
	}
	return data, err
}
