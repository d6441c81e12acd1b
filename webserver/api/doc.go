// Package api serves the administrative interface below /galene-api/v0/: group
// files, users, passwords, keys and tokens over HTTP, with entity tags. It
// decides who may do what, and leaves everything else to the packages group and
// token. It knows no websockets and no media.
//
// docs/api.md describes the interface for its users, openapi.json for programs.
package api
