// Package keys obtains the SRTP keys of a DTLS connection (RFC 5764).
//
// It is responsible for nothing else in DTLS: who the peer is has been verified by
// others before the keys may be used.
package keys
