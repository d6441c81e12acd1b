// Package loadtest puts load on a running server and says what it cost: it
// joins a group as many clients do, by the public protocol over websockets,
// lets them send and count media, and reads the CPU time of the server's
// process. For comparisons it speaks with Janus, too.
//
// It knows what a scenario is and nothing of WebRTC: the clients' media are
// rtpconn/loadtest's. It needs no help from the server, and talks to no other.
package loadtest
