//go:build unix

package atomicfile

import (
	"io/fs"
	"os"
	"syscall"
)

// Identity returns a number that the file keeps while it is changed in place,
// and that another file put into its place does not have; 0 if there is none.
func Identity(info fs.FileInfo) uint64 {
	if s, ok := info.Sys().(*syscall.Stat_t); ok {
		return uint64(s.Ino)
	}
	return 0
}

// keepOwner gives a file the owner and the group of another where that can be
// done.
func keepOwner(f *os.File, old fs.FileInfo) {
	s, ok := old.Sys().(*syscall.Stat_t)
	if !ok {
		return
	}
	// A server that is not root may still be in the group; each is as good as
	// can be had.
	if f.Chown(int(s.Uid), int(s.Gid)) != nil {
		_ = f.Chown(-1, int(s.Gid))
	}
}
