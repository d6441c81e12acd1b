// Package diskwriter is for the member of a group that only listens and writes
// what it hears and sees to files. It knows no peer connection: packets reach
// it through the interfaces of group/media.
package diskwriter
