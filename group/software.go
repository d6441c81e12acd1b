package group

import (
	"context"
	"hash/fnv"
)

// softwareKey is the key of a kind of software in a context.
type softwareKey struct{}

// softwareHeaders are those by which kinds of software can be told apart.
var softwareHeaders = []string{"User-Agent", "Accept-Language", "Accept-Encoding", "Origin", "Sec-Websocket-Extensions"}

// ContextWithSoftware returns a context for the logins that come with a header
// of HTTP, whose names are in canonical form: it hints at the kind of software
// that logs in. Where many wait for their passwords to be checked, kinds get some
// of the turns by turns. Nothing else depends on it, since anybody can say
// anything there.
func ContextWithSoftware(ctx context.Context, header map[string][]string) context.Context {
	h := fnv.New64a()
	for _, name := range softwareHeaders {
		for _, value := range header[name] {
			// A hash takes everything.
			_, _ = h.Write([]byte(value))
		}
		_, _ = h.Write([]byte{0})
	}
	return context.WithValue(ctx, softwareKey{}, h.Sum64())
}

// softwareOf returns 0 where nothing is known of the software.
func softwareOf(ctx context.Context) uint64 {
	kind, _ := ctx.Value(softwareKey{}).(uint64)
	return kind
}
