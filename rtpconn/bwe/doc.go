// Package bwe estimates how many bits a second the access line of one client
// takes, from what the client's connections report about packets that were sent
// to it.
//
// Where a client tells when each packet arrived, a Gradient for each of its
// connections watches whether queues build up on the way, an aimd rises until
// they do and falls back to what got through, and probes find out quickly how
// much more would. For the others there are the bandwidth that the client
// estimates itself (REMB) and the losses in its reports. An Estimator puts all
// of this together for one client; it follows the congestion control of
// draft-ietf-rmcat-gcc-02, with one change: losses alone, without queues, count
// as congestion only when they are heavy, since radio links lose packets at any
// rate.
//
// What the line takes is for all connections of a client together, of which each tells
// of its own packets alone. So each packet has an offset in all that the client has
// been sent: between two that arrived, everything between their offsets went by.
//
// The package decides nothing about what is sent. It takes the time as an
// argument, starts no goroutine, and belongs to one goroutine at a time.
package bwe
