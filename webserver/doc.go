// Package webserver turns HTTP requests into calls of the packages below it: it
// listens, knows the table of routes, and serves pages and the status of
// groups. Websockets are served by the package ws, files by the package files,
// certificates by the package certs.
//
// It knows no SDP and no RTP, and decides nothing about groups.
package webserver
