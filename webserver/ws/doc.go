// Package ws speaks the websocket protocol with clients, and turns its messages
// into calls of groups and of the media engine.
//
// A Handler accepts sockets. A Conn is one socket: a goroutine that reads and
// one that writes a bounded queue. A Client is the seat of whoever sits behind
// it: one goroutine that handles, one after the other, the messages of the Conn
// and what groups, connections and timers put into its mailbox. A message thus
// goes from Conn.read by Client.serve and dispatch to a small handler, and what
// the handler sends goes to the queue of Conn.write. Nothing here blocks
// anybody else: a client that does not keep up is dropped.
//
// The package does no media: it passes SDP and candidates on as they are.
package ws
