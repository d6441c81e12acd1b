package certs

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"math/big"
	"net"
	"os"
	"strings"
	"time"
)

const (
	// lifetime is how long a certificate of our own is valid.
	lifetime = 365 * 24 * time.Hour
	// renewBefore is how long before its end it is replaced.
	renewBefore = 30 * 24 * time.Hour
)

// selfSigned returns the server's own certificate; it is made when it is first
// needed. It is called with s.mu held.
func (s *Source) selfSigned() (*tls.Certificate, error) {
	now := time.Now()
	// It is of the future where the clock was ahead when it was made.
	if s.own != nil && s.own.Leaf.NotAfter.Sub(now) > renewBefore && !now.Before(s.own.Leaf.NotBefore) {
		return s.own, nil
	}
	own, err := makeSelfSigned(now)
	if err != nil {
		return nil, fmt.Errorf("make certificate: %w", err)
	}
	s.own = own
	s.logger.Warn("no cert.pem and key.pem: using a self-signed certificate, which browsers warn about",
		"sha256", fingerprint(own.Leaf), "expected", s.certificate)
	return own, nil
}

func makeSelfSigned(now time.Time) (*tls.Certificate, error) {
	// Without its name, localhost has to do.
	host, _ := os.Hostname()
	return makeCertificate(now, host)
}

// makeCertificate makes the certificate of a machine of this name.
func makeCertificate(now time.Time, host string) (*tls.Certificate, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120))
	if err != nil {
		return nil, err
	}
	names, addresses := localNames(host)
	template := &x509.Certificate{
		SerialNumber:          serial,
		Subject:               pkix.Name{CommonName: names[0]},
		NotBefore:             now.Add(-time.Hour),
		NotAfter:              now.Add(lifetime),
		KeyUsage:              x509.KeyUsageDigitalSignature,
		ExtKeyUsage:           []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		BasicConstraintsValid: true,
		DNSNames:              names,
		IPAddresses:           addresses,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return nil, err
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, err
	}
	return &tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key, Leaf: leaf}, nil
}

// localNames returns the names and addresses by which this machine may be
// visited; there is at least one name.
func localNames(host string) (names []string, addresses []net.IP) {
	names = []string{"localhost"}
	if host != "localhost" && isDNSName(host) {
		names = append(names, host)
	}
	// Without a list of interfaces the names will have to do.
	list, _ := net.InterfaceAddrs()
	for _, a := range list {
		if n, ok := a.(*net.IPNet); ok {
			addresses = append(addresses, n.IP)
		}
	}
	return names, addresses
}

// isDNSName tells whether a certificate can hold a name: those of machines may
// have other letters.
func isDNSName(host string) bool {
	return host != "" && len(host) <= 253 && !strings.ContainsFunc(host, func(r rune) bool { return r <= ' ' || r >= 0x7f })
}

// fingerprint returns the SHA-256 fingerprint as browsers show it.
func fingerprint(c *x509.Certificate) string {
	sum := sha256.Sum256(c.Raw)
	parts := make([]string, len(sum))
	for i, b := range sum {
		parts[i] = fmt.Sprintf("%02X", b)
	}
	return strings.Join(parts, ":")
}
