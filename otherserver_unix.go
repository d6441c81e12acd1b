//go:build unix && !solaris && !aix

package main

import (
	"io"
	"log/slog"
	"os"
	"syscall"
)

// warnAboutOtherServer says so when another server uses the same directory of
// -data: the old one, say, that nobody has stopped. Nothing is lost by that, but
// people who come by the one do not meet those who come by the other. The
// directory counts as used until what is returned is closed.
func warnAboutOtherServer(directory string, log *slog.Logger) io.Closer {
	d, err := os.Open(directory)
	if err != nil {
		return io.NopCloser(nil)
	}
	// A shared lock, for a directory cannot be opened for writing; who asks for
	// an exclusive one hears who has it. The lock of whole directories by which
	// writers take turns is another one.
	lock := syscall.Flock_t{Type: syscall.F_WRLCK}
	if syscall.FcntlFlock(d.Fd(), syscall.F_GETLK, &lock) == nil && lock.Type != syscall.F_UNLCK {
		log.Warn("another server uses the same directory of -data: people who enter by one do not meet those who enter by the other; stop the one that is not meant", "data", directory, "pid", lock.Pid)
	}
	// File systems that know no locks are left alone.
	_ = syscall.FcntlFlock(d.Fd(), syscall.F_SETLK, &syscall.Flock_t{Type: syscall.F_RDLCK})
	return d
}
