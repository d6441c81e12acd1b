//go:build unix

package main

import (
	"log/slog"
	"syscall"
)

// wantedFiles is the number of open files that lets a large meeting in.
const wantedFiles = 65535

// warnAboutFileLimit says so when the system allows few open files. The Go
// runtime has raised the soft limit to the hard one already.
func warnAboutFileLimit(log *slog.Logger) {
	var limit syscall.Rlimit
	if syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit) == nil && uint64(limit.Cur) < wantedFiles {
		log.Warn("few open files are allowed; raise the limit, for example with ulimit -n 65536", "limit", limit.Cur)
	}
}
