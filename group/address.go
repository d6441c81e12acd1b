package group

import (
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strings"
)

// Prefixes are networks, each of which is written as an address or as
// ADDRESS/BITS.
type Prefixes []netip.Prefix

// UnmarshalJSON implements json.Unmarshaler.
func (p *Prefixes) UnmarshalJSON(data []byte) error {
	var list []string
	if err := json.Unmarshal(data, &list); err != nil {
		return errors.New("networks are an array of strings")
	}
	*p = nil
	for _, s := range list {
		n, err := netip.ParsePrefix(s)
		if err != nil {
			a, err := netip.ParseAddr(s)
			if err != nil {
				return fmt.Errorf("%q is neither an address nor a network", s)
			}
			n = netip.PrefixFrom(a, a.BitLen())
		}
		*p = append(*p, n)
	}
	return nil
}

// contains tells whether an address is in one of the networks.
func (p Prefixes) contains(a netip.Addr) bool {
	return slices.ContainsFunc(p, func(n netip.Prefix) bool { return n.Contains(a) })
}

// ClientAddress returns where the client of a request is. remote is the address
// that the connection comes from, as in http.Request.RemoteAddr; forwarded are
// the values of the header X-Forwarded-For, in which every proxy adds whom it
// has been called by. They count as far as those who say so are among
// TrustedProxies. It is the zero value for a Unix socket; a proxy that speaks
// through one is trusted if there are any TrustedProxies.
func (c *Config) ClientAddress(remote string, forwarded []string) netip.Addr {
	client := parseAddress(remote)
	if len(c.TrustedProxies) == 0 {
		return client
	}
	hops := strings.Split(strings.Join(forwarded, ","), ",")
	for _, hop := range slices.Backward(hops) {
		if client.IsValid() && !c.TrustedProxies.contains(client) {
			break
		}
		next := parseAddress(strings.TrimSpace(hop))
		if !next.IsValid() {
			break
		}
		client = next
	}
	return client
}

// ClientEndpoint returns what ClientAddress does as text for operators: with the
// port, unless it is a proxy that tells where the client is.
func (c *Config) ClientEndpoint(remote string, forwarded []string) string {
	client := c.ClientAddress(remote, forwarded)
	if client == parseAddress(remote) {
		return remote
	}
	return client.String()
}

// Shared tells whether a connection from an address, as in
// http.Request.RemoteAddr, may carry the requests of many clients: because it
// comes from a trusted proxy, or through a Unix socket.
func (c *Config) Shared(remote string) bool {
	a := parseAddress(remote)
	return !a.IsValid() || c.TrustedProxies.contains(a)
}

// parseAddress returns an address that may have a port.
func parseAddress(s string) netip.Addr {
	if host, _, err := net.SplitHostPort(s); err == nil {
		s = host
	}
	a, err := netip.ParseAddr(strings.Trim(s, "[]"))
	if err != nil {
		return netip.Addr{}
	}
	return a.Unmap().WithZone("")
}
