// Package group knows who is in which room, and with what rights: groups, their
// descriptions, members, chat history and publications.
//
// A change of a group and the events that tell its members about it are made in
// one critical section of the group's mutex, so that everybody sees one order,
// and what a newcomer is shown at first neither overlaps with what he hears
// later nor leaves a gap. Locks are taken in the order Registry.mu, Group.mu,
// a client's mailbox; no file is read, no password checked and nothing else
// waited for while one of them is held.
//
// The package knows no websocket, no HTTP and no WebRTC: members are reached
// through the interface Client, streams are media.Publication.
package group
