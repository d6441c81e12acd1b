package main

import (
	"context"
	"errors"
	"log/slog"
	"net/netip"
	"strings"
	"testing"
	"time"

	"galene/group/leaktest"
	"galene/group/logtest"
)

// parseAddresses returns the addresses in a text.
func parseAddresses(text string) (list []netip.Addr) {
	for _, a := range strings.Fields(text) {
		list = append(list, netip.MustParseAddr(a))
	}
	return list
}

func TestAddressesThatMediaDoesNotUse(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	for _, tt := range []struct{ name, used, now, want string }{
		{"nothing has changed", "192.0.2.1 2001:db8::1", "192.0.2.1 2001:db8::1", ""},
		{"the network came after the server", "127.0.0.1 ::1", "192.0.2.1 2001:db8::1", "192.0.2.1 2001:db8::1"},
		{"IPv4 came after IPv6", "2001:db8::1", "192.0.2.1 2001:db8::1", "192.0.2.1"},
		{"another address by DHCP", "192.0.2.1", "192.0.2.7", "192.0.2.7"},
		{"one more for a day", "2001:db8::1", "2001:db8::1 2001:db8::2", ""},
		{"a bridge of containers", "192.0.2.1", "172.17.0.1 192.0.2.1", ""},
		{"no network for now", "192.0.2.1 2001:db8::1", "127.0.0.1 ::1", ""},
		{"this machine only", "127.0.0.1 ::1", "127.0.0.1 ::1", ""},
	} {
		var got []string
		for _, a := range unused(parseAddresses(tt.now), parseAddresses(tt.used)) {
			got = append(got, a.String())
		}
		if strings.Join(got, " ") != tt.want {
			t.Errorf("%s: got %v, want %s", tt.name, got, tt.want)
		}
	}
}

// After a power cut the server may be up before the network is; people come in then,
// and hear nobody.
func TestLogSaysOnceThatTheAddressesHaveChanged(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	var log logtest.Buffer
	ticks, answers := make(chan time.Time), make(chan string)
	current := func() ([]netip.Addr, error) {
		answer := <-answers
		if answer == "" {
			return nil, errors.New("no answer")
		}
		return parseAddresses(answer), nil
	}
	ended := make(chan struct{})
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		defer close(ended)
		watchAddresses(ctx, ticks, current, parseAddresses("127.0.0.1"), slog.New(slog.NewTextHandler(&log, nil)))
	}()
	for _, tt := range []struct {
		now  string
		told int
	}{{"127.0.0.1", 0}, {"192.0.2.1", 1}, {"192.0.2.1", 1}, {"", 1}, {"192.0.2.2", 2}, {"127.0.0.1", 2}, {"192.0.2.2", 3}} {
		ticks <- time.Now()
		answers <- tt.now
		// It has written its line when it takes the next tick.
		ticks <- time.Now()
		answers <- tt.now
		if told := strings.Count(log.String(), "restart the server"); told != tt.told {
			t.Errorf("with %q: told %d times, want %d:\n%s", tt.now, told, tt.told, &log)
		}
	}
	cancel()
	<-ended
}
