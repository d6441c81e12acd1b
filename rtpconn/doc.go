// Package rtpconn is everything that touches RTP: one peer connection for each
// stream and direction, and the way of a packet between them. It is the only
// package that knows pion, and shows none of it: signalling hands in SDP and
// candidates as text and gets SDP back. It knows members and rooms only as the
// media.Publication that it implements.
//
// # The way of a packet
//
// Every step below happens in the goroutine that read the packet, without
// handing it on.
//
// Engine.read (reader.go), the one goroutine of a socket, takes what has arrived as a
// burst. mux.Mux routes it: STUN and DTLS are copied to the view through which
// a pion peer connection sees the network, and what is left is media, in
// order, each datagram with its connection.
//
// worker.enter takes the lock of everything that follows, once for the burst.
// UpConn.Receive decrypts in place (srtp.Opener), finds track and encoding
// (demux.Table), and encoding.ingest copies the packet into a slot of the
// pool, looks at its payload once (codec.Parser), keeps it (packetcache.Cache)
// and notes what is missing (nack.Generator). From there on the packet is
// read-only and shared.
//
// worker.fanOut goes through the subscribers of each track that got something:
// rows outside, packets inside, so that what goes to one destination leaves
// together. DownTrack.forward asks forward.Forwarder whether this subscriber
// gets the packet and under which number; DownTrack.send writes header and
// body into the batch of the socket and seals it there, which is the only copy
// of a payload on its way out. At the end of the burst each batch is flushed.
//
// RTCP takes the same way as far as Receive, but wakes nobody where the system
// can lay it aside: Engine.readAside takes it in after a burst of media, or with
// a tick (pulse). A subscriber's NACK is answered from the cache of the
// publisher's encoding (repair.go); its PLI becomes one of ours, at most one each
// half second for an encoding, and so does its NACK of what will not come any
// more. Sender reports are made anew on the publisher's timeline.
//
// # Who owns what
//
// All connections of a group have one worker (placement). Where there are more
// than two processors there are several workers, and at each address as many
// sockets on the one port, among which the system deals out the senders: groups
// are served side by side, and a reader passes what is of another worker's group
// to that worker's lock. Each worker sends by a socket of its own. Its clients are
// in lanes; those of a large group are served side by side (crew), while the lock
// is held on behalf of all.
//
// The worker's lock guards all that the packet path touches; pion guards its
// own. They meet in three places: the keys, which keys.Export derives from the
// DTLS connection and which the worker gets once the fingerprint has been compared; the path, which ICE selects and media then follows;
// and DownTrack.Bind, by which pion tells SSRC and payload type. pion calls
// with locks of its own held, so the worker's lock is taken inside of pion's,
// and never the other way round.
package rtpconn
