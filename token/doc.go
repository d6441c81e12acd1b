// Package token answers one question: is this string a valid invitation, for
// which group, and with which permissions? It knows neither groups nor the
// network.
package token
