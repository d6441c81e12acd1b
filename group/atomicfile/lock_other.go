//go:build !(darwin || dragonfly || freebsd || linux || netbsd || openbsd)

package atomicfile

import "os"

// lock does nothing where directories cannot be locked.
func lock(*os.File) (taken bool) { return false }
