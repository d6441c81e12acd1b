// Package socket reads and sends datagrams, and finds out on which local
// addresses and port that can be done.
//
// It is responsible for system calls and for the memory that datagrams pass
// through: a Burst is what one Read has brought, a Batch is what the next
// Flush will send. It knows no ICE and no peer: a datagram is bytes and an
// address. Of RTP it knows how RTCP looks, so that the system can lay it aside.
package socket
