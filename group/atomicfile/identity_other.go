//go:build !unix

package atomicfile

import "io/fs"

// Identity returns a number that the file keeps while it is changed in place,
// and that another file put into its place does not have; 0 if there is none.
func Identity(fs.FileInfo) uint64 { return 0 }
