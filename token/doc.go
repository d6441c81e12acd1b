// Package token answers one question: is this string a valid invitation, for
// which group, and with which permissions?
//
// There are two kinds of invitations. A stateful token is a name for a record
// that this server keeps in a Store. A cryptographic token is a JWT (RFC 7519)
// that somebody else has signed with a key that the group trusts; of those
// nothing is kept.
//
// The package knows neither groups nor the network: whom a group's name
// belongs to, and what becomes of the permissions, is for others to say.
package token
