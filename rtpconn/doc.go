// Package rtpconn is everything that touches RTP: one peer connection for each
// stream and direction, and the way of a packet between them.
package rtpconn
