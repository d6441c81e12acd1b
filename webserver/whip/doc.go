// Package whip lets encoders publish and players receive a stream over plain
// HTTP: WHIP (RFC 9725) at /group/NAME/.whip, WHEP (draft-ietf-wish-whep) at
// /group/NAME/.whep. In both the other side makes the offer and gets the answer
// in the response, together with the address of a session, which it may PATCH
// with candidates or a restart of ICE, and DELETE.
//
// A session is a member of the group like any other, with the rights of its
// token; it is nobody who could be talked to. This package knows HTTP and
// fragments of SDP; what a member may do is the group's business, and media is
// the engine's.
package whip
