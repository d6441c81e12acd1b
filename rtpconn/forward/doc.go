// Package forward is one subscriber's view of one track: which packets of
// which encoding and which layers go through, and under which numbers, so that
// what arrives looks like one stream that was never thinned or switched.
//
// selector chooses layers within an encoding, numbering gives what passes
// sequence numbers, timestamps and picture ids without a seam, and Forwarder
// puts the two together and changes from one encoding to another.
//
// It decides and numbers; it neither holds packets nor sends them, reads no
// clock, and is not safe for concurrent use. How good a picture the subscriber
// is to get is somebody else's decision.
package forward
