//go:build unix

package atomicfile

import (
	"io/fs"
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
