package main

import (
	"context"
	"log/slog"
	"net/netip"
	"slices"
	"time"

	"galene/rtpconn"
)

// addressInterval is how often the addresses of the machine are looked at.
const addressInterval = time.Minute

// warnAboutLoopback says so when nobody but this machine can have media, as is so if the
// server starts before the network does.
func warnAboutLoopback(engine *rtpconn.Engine, log *slog.Logger) {
	if !slices.ContainsFunc(listening(engine), func(a netip.Addr) bool { return !a.IsLoopback() }) {
		log.Warn("this machine has no address that others can reach: they have neither sound nor picture; start the server when the network is up")
	}
}

// listening returns the addresses that media uses.
func listening(engine *rtpconn.Engine) []netip.Addr {
	var list []netip.Addr
	for _, a := range engine.Addresses() {
		list = append(list, a.Addr())
	}
	return list
}

// watchAddresses says, at the ticks and until ctx ends, when the machine has other
// addresses than at the start, which are those that media uses.
func watchAddresses(ctx context.Context, ticks <-chan time.Time, current func() ([]netip.Addr, error), used []netip.Addr, log *slog.Logger) {
	var told []netip.Addr
	for {
		select {
		case <-ticks:
		case <-ctx.Done():
			return
		}
		now, err := current()
		if err != nil {
			continue // it is asked again
		}
		missing := unused(now, used)
		if len(missing) > 0 && !slices.Equal(missing, told) {
			log.Error("the addresses of this machine have changed, and there is neither sound nor picture at the new ones: restart the server", "new", missing)
		}
		told = missing
	}
}

// unused returns the addresses of IPv4 if media uses none of them, and the same of IPv6.
// Where it uses one, others may come and go, as those do that machines give themselves
// for a day.
func unused(now, used []netip.Addr) (list []netip.Addr) {
	for _, is4 := range []bool{true, false} {
		var family []netip.Addr
		for _, a := range now {
			if a.Is4() == is4 && !a.IsLoopback() {
				family = append(family, a)
			}
		}
		if !slices.ContainsFunc(family, func(a netip.Addr) bool { return slices.Contains(used, a) }) {
			list = append(list, family...)
		}
	}
	return list
}
