// Package mux decides whose datagram it is that arrived on a socket shared by
// all peer connections: STUN and DTLS go to the view of the connection that
// they belong to, the one to what pion reads and writes by itself, the other to a
// conn; media goes to the connection itself.
//
// A connection is found by
//   - the local half of USERNAME, for binding requests,
//   - the transaction id, for responses to what pion sent,
//   - the claimed source address, for DTLS and media.
//
// An address is claimed for a view when pion has answered a binding request
// from it with success, that is after the integrity check: naming an address
// in a candidate claims nothing, so no client can take over another's by
// signalling it.
//
// The package knows no RTP: whatever has a first byte from 128 to 191 is media
// (RFC 7983).
package mux
