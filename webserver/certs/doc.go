// Package certs finds the certificate of the web server: that of the data
// directory, or else one that the server makes for itself. It knows no HTTP.
package certs
