// Package demux tells which track and which encoding an RTP packet of a
// publisher belongs to, and reads the RTP header.
//
// A packet is told by its source (SSRC) where the publisher's description names
// it or where an earlier packet has shown it, else by the header extensions mid
// and rid (RFC 8843, RFC 8852), else by its payload type where only one section
// could have it. The package knows neither descriptions nor decryption: packets
// are authentic when they come here, so that a flood of sources can only be the
// publisher's own. It is bounded all the same.
package demux
