//go:build !unix

package atomicfile

import (
	"io/fs"
	"os"
)

// Identity returns a number that the file keeps while it is changed in place,
// and that another file put into its place does not have; 0 if there is none.
func Identity(fs.FileInfo) uint64 { return 0 }

// keepOwner gives a file the owner and the group of another where that can be
// done.
func keepOwner(*os.File, fs.FileInfo) {}
