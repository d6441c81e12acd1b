// Package srtp protects and unprotects the packets of one connection: RTP and
// RTCP to SRTP and SRTCP (RFC 3711, RFC 7714) and back, in place.
//
// It is responsible for what an attacker may try on the cipher state: forged
// sources do not make it grow, replayed packets are refused, nothing moves
// before a packet has proved authentic. It knows no keys but those it is given
// and no meaning of what it decrypts. The primitives are those of the standard
// library; of pion/srtp only the names of the profiles are used, and its
// contexts as the oracle of the tests.
//
// An Opener or a Sealer belongs to one goroutine at a time.
package srtp
