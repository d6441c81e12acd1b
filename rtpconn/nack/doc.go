// Package nack decides about negative acknowledgements (RFC 4585, section
// 6.2.1): which losses to ask a publisher for, and when again; and which
// requests of a subscriber to answer.
//
// It reads no clock, holds no packets and sends nothing. Nothing in it is safe
// for concurrent use.
package nack
