package rtpconn

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"sync"
	"time"

	"github.com/pion/webrtc/v3"
)

// certificateLifetime is how long a certificate is used for new connections;
// pion makes them valid for a month.
const certificateLifetime = 7 * 24 * time.Hour

// certificates supplies the DTLS certificate, which connections share: making
// one for each would be a sixth of the cost of joining.
type certificates struct {
	// mu guards the certificate and its age.
	mu      sync.Mutex
	current webrtc.Certificate
	made    time.Time
}

func newCertificates() (*certificates, error) {
	c := &certificates{}
	_, err := c.get()
	return c, err
}

// get returns the current certificate, or a new one when it has grown old.
func (c *certificates) get() (webrtc.Certificate, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.made.IsZero() && time.Since(c.made) < certificateLifetime {
		return c.current, nil
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return webrtc.Certificate{}, err
	}
	certificate, err := webrtc.GenerateCertificate(key)
	if err != nil {
		return webrtc.Certificate{}, err
	}
	c.current, c.made = *certificate, time.Now()
	return c.current, nil
}
