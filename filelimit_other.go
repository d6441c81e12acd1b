//go:build !unix

package main

import "log/slog"

// warnAboutFileLimit has nothing to say where there is no such limit.
func warnAboutFileLimit(*slog.Logger) {}
