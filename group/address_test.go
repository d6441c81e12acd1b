package group_test

import (
	"testing"

	"galene/group"
	"galene/group/leaktest"
)

func TestClientAddressBehindProxies(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	c, err := group.ParseConfig([]byte(`{"trustedProxies": ["127.0.0.1", "10.0.0.0/8", "::1"]}`))
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		remote    string
		forwarded []string
		trusted   string
		untrusted string
	}{
		{"192.0.2.1:7", nil, "192.0.2.1", "192.0.2.1"},
		{"192.0.2.1:7", []string{"198.51.100.1"}, "192.0.2.1", "192.0.2.1"},
		{"127.0.0.1:7", []string{"198.51.100.1"}, "198.51.100.1", "127.0.0.1"},
		{"[::1]:7", []string{"2001:db8::1"}, "2001:db8::1", "::1"},
		{"127.0.0.1:7", []string{"6.6.6.6, 198.51.100.1, 10.1.2.3"}, "198.51.100.1", "127.0.0.1"},
		{"127.0.0.1:7", []string{"6.6.6.6", "198.51.100.1:99"}, "198.51.100.1", "127.0.0.1"},
		{"127.0.0.1:7", []string{"unknown"}, "127.0.0.1", "127.0.0.1"},
		{"127.0.0.1:7", []string{"198.51.100.1, unknown, 10.0.0.1"}, "10.0.0.1", "127.0.0.1"},
		{"127.0.0.1:7", []string{""}, "127.0.0.1", "127.0.0.1"},
		{"[::ffff:127.0.0.1]:7", []string{"[2001:db8::2]"}, "2001:db8::2", "127.0.0.1"},
		{"@", []string{"198.51.100.1"}, "198.51.100.1", "invalid IP"},
		{"@", nil, "invalid IP", "invalid IP"},
	} {
		if got := c.ClientAddress(tt.remote, tt.forwarded).String(); got != tt.trusted {
			t.Errorf("%s, %q: got %s, want %s", tt.remote, tt.forwarded, got, tt.trusted)
		}
		if got := (&group.Config{}).ClientAddress(tt.remote, tt.forwarded).String(); got != tt.untrusted {
			t.Errorf("%s, %q without trust: got %s, want %s", tt.remote, tt.forwarded, got, tt.untrusted)
		}
	}
	for _, text := range []string{`{"trustedProxies": "127.0.0.1"}`, `{"trustedProxies": ["localhost"]}`, `{"trustedProxies": ["10.0.0.0/99"]}`} {
		if _, err := group.ParseConfig([]byte(text)); err == nil {
			t.Errorf("%s was accepted", text)
		}
	}
}

// Where the connection comes from, and where the client is.
func TestConnectionsOfProxiesAreShared(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	trusting, err := group.ParseConfig([]byte(`{"trustedProxies": ["192.0.2.0/24"]}`))
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		config            *group.Config
		remote, forwarded string
		shared            bool
		endpoint          string
	}{
		{trusting, "192.0.2.9:80", "203.0.113.5", true, "203.0.113.5"},
		{trusting, "192.0.2.9:80", "nonsense", true, "192.0.2.9:80"},
		{trusting, "198.51.100.9:80", "203.0.113.5", false, "198.51.100.9:80"},
		{trusting, "@", "203.0.113.5", true, "203.0.113.5"},
		{&group.Config{}, "192.0.2.9:80", "203.0.113.5", false, "192.0.2.9:80"},
		{&group.Config{}, "@", "203.0.113.5", true, "@"},
	} {
		if got := tt.config.Shared(tt.remote); got != tt.shared {
			t.Errorf("%+v: shared %v", tt, got)
		}
		if got := tt.config.ClientEndpoint(tt.remote, []string{tt.forwarded}); got != tt.endpoint {
			t.Errorf("%+v: the client is at %q", tt, got)
		}
	}
}
