// Package media is the vocabulary of what flows between the members of a
// group: kinds, codecs, packets, publications and their tracks, and the
// language in which a member asks for them.
//
// It knows no WebRTC library, no network and no group: it imports nothing but
// the standard library, so that every other package may speak it.
package media
