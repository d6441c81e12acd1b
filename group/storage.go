package group

import (
	"errors"
	"io/fs"
	"syscall"

	"galene/group/atomicfile"
)

// StorageFault returns what those whose changes are not stored may be told of it, in
// words that say what to mend; "" if the error is no such fault of the file system. The
// log has the error, which names the file.
func StorageFault(err error) string {
	switch {
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT):
		return "the disk of the server is full"
	case errors.Is(err, syscall.EROFS):
		return "the disk of the server can only be read"
	case errors.Is(err, fs.ErrPermission):
		return "the server lacks the right to use one of its files, which its log names"
	case errors.Is(err, atomicfile.ErrBusy):
		return "another program keeps the server from changing its files; is a second server running there?"
	}
	return ""
}
