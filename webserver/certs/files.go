package certs

import (
	"crypto/tls"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"time"
)

// Source is where TLS gets the certificate of the server from.
type Source struct {
	certificate, key string
	logger           *slog.Logger

	// mu guards what follows. It is held while a new pair is read, or made,
	// so that one handshake does it for all.
	mu sync.Mutex
	// own is the certificate that the server has made, nil if it never had to.
	own *tls.Certificate
	// loaded is the pair last read that was good.
	loaded *tls.Certificate
	// stamp is that of the files last looked at.
	stamp pairStamp
}

// pairStamp tells one version of the two files from another.
type pairStamp struct{ certificate, key time.Time }

// New returns the source for a data directory, which need not exist. A nil
// logger means slog.Default().
func New(directory string, logger *slog.Logger) *Source {
	if logger == nil {
		logger = slog.Default()
	}
	return &Source{
		certificate: filepath.Join(directory, "cert.pem"),
		key:         filepath.Join(directory, "key.pem"),
		logger:      logger,
	}
}

// Get returns the certificate as the files have it now. If there are none, the
// server's own is used; if they are faulty, the last good ones are. It is what
// tls.Config.GetCertificate wants.
func (s *Source) Get(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	certificate, err := modified(s.certificate)
	if err != nil {
		return nil, err
	}
	key, err := modified(s.key)
	if err != nil {
		return nil, err
	}
	if certificate.IsZero() && key.IsZero() {
		s.loaded, s.stamp = nil, pairStamp{}
		return s.selfSigned()
	}
	stamp := pairStamp{certificate, key}
	if s.stamp == stamp {
		return s.lastGood()
	}
	s.stamp = stamp
	if certificate.IsZero() || key.IsZero() {
		s.logger.Error("only one of cert.pem and key.pem exists", "certificate", s.certificate, "key", s.key)
		return s.lastGood()
	}
	pair, err := tls.LoadX509KeyPair(s.certificate, s.key)
	if err != nil {
		s.logger.Error("cannot load certificate", "certificate", s.certificate, "key", s.key, "error", err)
		return s.lastGood()
	}
	s.loaded = &pair
	return s.loaded, nil
}

// lastGood is called with s.mu held.
func (s *Source) lastGood() (*tls.Certificate, error) {
	if s.loaded == nil {
		return nil, errors.New("no usable certificate")
	}
	return s.loaded, nil
}

// modified returns when a file was last changed, the zero time if it does not
// exist.
func modified(path string) (time.Time, error) {
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return time.Time{}, nil
	}
	if err != nil {
		return time.Time{}, fmt.Errorf("find certificate: %w", err)
	}
	return info.ModTime(), nil
}
