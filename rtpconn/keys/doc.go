// Package keys obtains the SRTP keys of one DTLS 1.2 handshake without taking
// part in it, and sees to it that AES-GCM is chosen where the peer has it.
//
// It watches the datagrams of a handshake that pion/dtls conducts. The two
// hellos cross the network in the clear; the master secret comes through the
// key log. From these the exporter of RFC 5705 yields the keys, as RFC 5764
// says. It is responsible for nothing else in DTLS: who the peer is has been
// verified by others before the keys may be used.
//
// A server of pion/dtls takes the first SRTP profile of the ClientHello that is
// in its own list, and many browsers put AES-CM before AES-GCM though it costs
// several times as much. pion keeps the list by reference; so, when a
// ClientHello with AES-GCM has arrived and pion has not read it yet, the list
// is made to hold nothing else.
package keys
