package certs

import (
	"cmp"
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
	// loaded is the pair last read that was good, told what has been logged last of the
	// time for which it is valid.
	loaded *tls.Certificate
	told   string
	// stamp is that of the files last looked at, fault what was wrong with them, ""
	// if nothing was. Faulty ones are read again whenever they are needed: what
	// mends them, such as a right to read them, need not change their times.
	stamp pairStamp
	fault string
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
	certificate, err1 := modified(s.certificate)
	key, err2 := modified(s.key)
	stamp, err := pairStamp{certificate, key}, cmp.Or(err1, err2)
	if err == nil && stamp == (pairStamp{}) {
		s.loaded, s.stamp, s.fault = nil, stamp, ""
		return s.selfSigned()
	}
	if err == nil && s.stamp == stamp && s.fault == "" {
		s.checkDates(time.Now())
		return s.loaded, nil
	}
	var pair tls.Certificate
	if err == nil {
		pair, err = s.load(stamp)
	}
	if err != nil {
		s.faulty(stamp, err)
		return s.lastGood()
	}
	s.loaded, s.told, s.stamp, s.fault = &pair, "", stamp, ""
	if text := MissingChain(s.loaded); text != "" {
		s.logger.Warn(text, "certificate", s.certificate)
	}
	s.checkDates(time.Now())
	return s.loaded, nil
}

// checkDates logs once that the loaded pair is not valid, or will not be for long, which is
// no reason not to use it: there is no better one. It is called with s.mu held.
func (s *Source) checkDates(now time.Time) {
	text, refused := Dates(s.loaded.Leaf, now)
	if text == s.told {
		return
	}
	s.told = text
	switch {
	case refused:
		s.logger.Error("browsers refuse this certificate: put a valid one there, or set the clock right",
			"certificate", s.certificate, "because", text, "now", now.Format(time.DateOnly))
	case text != "":
		s.logger.Warn("put a new certificate there", "certificate", s.certificate, "because", text, "now", now.Format(time.DateOnly))
	}
}

// load reads the files, of which there is one at least.
func (s *Source) load(stamp pairStamp) (tls.Certificate, error) {
	if stamp.certificate.IsZero() || stamp.key.IsZero() {
		return tls.Certificate{}, errors.New("only one of cert.pem and key.pem exists")
	}
	return Load(s.certificate, s.key)
}

// faulty notes what is wrong with the files, and logs what it has not logged. It is
// called with s.mu held.
func (s *Source) faulty(stamp pairStamp, err error) {
	if fault := err.Error(); s.stamp != stamp || s.fault != fault {
		s.logger.Error("cannot load certificate", "certificate", s.certificate, "key", s.key, "error", err)
		s.stamp, s.fault = stamp, fault
	}
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
