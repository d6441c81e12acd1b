// Package files serves the files of the web client: those in the binary, or
// those of a directory. It knows nothing of groups.
package files
