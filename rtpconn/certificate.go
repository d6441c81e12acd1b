package rtpconn

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"math/big"
	"sync"
	"time"

	"github.com/pion/webrtc/v3"
)

const (
	// certificateLifetime is how long a certificate is used for new connections,
	// certificateValidity how long it is valid, and certificateSkew how far the
	// clock of a peer that looks may lag behind.
	certificateLifetime = 7 * 24 * time.Hour
	certificateValidity = 30 * 24 * time.Hour
	certificateSkew     = 24 * time.Hour
)

// certificate is a self-signed one for DTLS, in two forms.
type certificate struct {
	// dtls is what handshakes use.
	dtls tls.Certificate
	// described is for descriptions, which tell its fingerprint. It has no key,
	// so that the library, whose own DTLS nobody needs, gives that up at once.
	described webrtc.Certificate
}

// noKey stands where a certificate has none.
type noKey struct{}

// certificates supplies the DTLS certificate, which connections share: making
// one for each would be a sixth of the cost of joining.
type certificates struct {
	// mu guards the certificate and its age.
	mu      sync.Mutex
	current certificate
	made    time.Time
}

func newCertificates() (*certificates, error) {
	c := &certificates{}
	_, err := c.get()
	return c, err
}

// get returns the current certificate, or a new one when it has grown old.
func (c *certificates) get() (certificate, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := time.Now()
	if !c.made.IsZero() && now.Sub(c.made) < certificateLifetime {
		return c.current, nil
	}
	made, err := newCertificate(now)
	if err != nil {
		return certificate{}, err
	}
	c.current, c.made = made, now
	return c.current, nil
}

func newCertificate(now time.Time) (certificate, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return certificate{}, err
	}
	// 128 random bits: names and numbers of such certificates mean nothing.
	number, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 128))
	if err != nil {
		return certificate{}, err
	}
	name := pkix.Name{CommonName: "WebRTC"}
	template := &x509.Certificate{
		SerialNumber: number, Issuer: name, Subject: name,
		NotBefore: now.Add(-certificateSkew), NotAfter: now.Add(certificateValidity),
	}
	raw, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return certificate{}, err
	}
	parsed, err := x509.ParseCertificate(raw)
	if err != nil {
		return certificate{}, err
	}
	return certificate{
		// Without the leaf each handshake would parse it again.
		dtls:      tls.Certificate{Certificate: [][]byte{raw}, PrivateKey: key, Leaf: parsed},
		described: webrtc.CertificateFromX509(noKey{}, parsed),
	}, nil
}
