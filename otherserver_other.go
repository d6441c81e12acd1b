//go:build !unix || solaris || aix

package main

import (
	"io"
	"log/slog"
)

// warnAboutOtherServer has nothing to say where there are no such locks.
func warnAboutOtherServer(string, *slog.Logger) io.Closer { return io.NopCloser(nil) }
