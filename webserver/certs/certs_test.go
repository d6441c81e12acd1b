package certs

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"log/slog"
	"math/big"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"galene/group/leaktest"
)

func newSource(t *testing.T) (s *Source, log *strings.Builder) {
	t.Helper()
	log = &strings.Builder{}
	return New(t.TempDir(), slog.New(slog.NewTextHandler(log, nil))), log
}

// writePair writes a new certificate and its key, as of a moment.
func writePair(t *testing.T, s *Source, modified time.Time) *tls.Certificate {
	t.Helper()
	return writePairOf(t, s, time.Now(), modified)
}

// writePairOf also says when the certificate was made.
func writePairOf(t *testing.T, s *Source, made, modified time.Time) *tls.Certificate {
	t.Helper()
	pair, err := makeSelfSigned(made)
	if err != nil {
		t.Fatal(err)
	}
	key, err := x509.MarshalPKCS8PrivateKey(pair.PrivateKey)
	if err != nil {
		t.Fatal(err)
	}
	write(t, s.certificate, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: pair.Certificate[0]}), modified)
	write(t, s.key, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: key}), modified)
	return pair
}

func write(t *testing.T, path string, data []byte, modified time.Time) {
	t.Helper()
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chtimes(path, modified, modified); err != nil {
		t.Fatal(err)
	}
}

func expect(t *testing.T, what string, s *Source, want *tls.Certificate) {
	t.Helper()
	got, err := s.Get(nil)
	if err != nil {
		t.Errorf("%s: %v", what, err)
	} else if string(got.Certificate[0]) != string(want.Certificate[0]) {
		t.Errorf("%s: got another certificate", what)
	}
}

func TestOwnCertificate(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	s, log := newSource(t)
	first, err := s.Get(nil)
	if err != nil {
		t.Fatal(err)
	}
	expect(t, "the second time", s, first)
	if err := first.Leaf.VerifyHostname("localhost"); err != nil {
		t.Error(err)
	}
	if err := first.Leaf.VerifyHostname("127.0.0.1"); err != nil {
		t.Error(err)
	}
	if first.Leaf.PublicKeyAlgorithm != x509.ECDSA {
		t.Errorf("key is of type %v", first.Leaf.PublicKeyAlgorithm)
	}
	if got := log.String(); strings.Count(got, "level=WARN") != 1 || !strings.Contains(got, fingerprint(first.Leaf)) {
		t.Errorf("log is %q", got)
	}
	for name, made := range map[string]time.Time{
		"about to expire": time.Now().Add(renewBefore - lifetime - time.Hour),
		// The clock of the machine was ahead, and has been set since.
		"not valid yet": time.Now().Add(48 * time.Hour),
	} {
		old, err := makeSelfSigned(made)
		if err != nil {
			t.Fatal(err)
		}
		s.own = old
		if renewed, err := s.Get(nil); err != nil || renewed == old {
			t.Errorf("a certificate %s was not renewed: %v", name, err)
		}
	}
}

func TestFilesAreReadAgain(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	s, log := newSource(t)
	start := time.Now().Add(-time.Hour)
	first := writePair(t, s, start)
	expect(t, "at first", s, first)
	second := writePair(t, s, start.Add(time.Minute))
	expect(t, "after a change", s, second)

	old, err := os.ReadFile(s.key)
	if err != nil {
		t.Fatal(err)
	}
	third := writePair(t, s, start.Add(2*time.Minute))
	good, err := os.ReadFile(s.key)
	if err != nil {
		t.Fatal(err)
	}
	write(t, s.key, old, start.Add(3*time.Minute))
	for range 3 {
		expect(t, "while the two do not fit", s, second)
	}
	write(t, s.key, good, start.Add(4*time.Minute))
	expect(t, "when they fit again", s, third)

	if err := os.Remove(s.key); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		expect(t, "without a key", s, third)
	}
	if got := strings.Count(log.String(), "level=ERROR"); got != 2 {
		t.Errorf("%d errors were logged: %s", got, log)
	}
}

// Browsers say no more than that something is wrong with it.
func TestCertificatesThatAreNotValidAreLoggedOnce(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	const day = 24 * time.Hour
	for _, tt := range []struct {
		age         time.Duration
		level, want string
	}{
		{lifetime + 2*day, "level=ERROR", "it expired on "},
		{-3 * day, "level=ERROR", "it is not valid before "},
		{lifetime - lifetime/20, "level=WARN", "should have been renewed by now"},
		{lifetime - lifetime/5, "level=", ""},
		{day, "level=", ""},
	} {
		s, log := newSource(t)
		start := time.Now().Add(-time.Hour)
		for i := range 2 {
			old := writePairOf(t, s, time.Now().Add(-tt.age), start.Add(time.Duration(i)*time.Minute))
			for range 3 {
				expect(t, tt.want, s, old)
			}
			if got := strings.Count(log.String(), tt.level); tt.want != "" && got != i+1 || !strings.Contains(log.String(), tt.want) || tt.want == "" && got > 0 {
				t.Errorf("%v old: %d lines are logged: %s", tt.age, got, log)
			}
		}
	}
	s, log := newSource(t)
	writePair(t, s, time.Now().Add(-time.Hour))
	if _, err := s.Get(nil); err != nil {
		t.Fatal(err)
	}
	s.checkDates(time.Now().Add(lifetime + day))
	if !strings.Contains(log.String(), "it expired on ") {
		t.Errorf("nothing is logged of one that expires meanwhile: %s", log)
	}
}

func TestOnlyOneFile(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	s, log := newSource(t)
	writePair(t, s, time.Now())
	if err := os.Remove(s.certificate); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Get(nil); err == nil {
		t.Error("there is a certificate")
	}
	if !strings.Contains(log.String(), "only one of cert.pem and key.pem exists") {
		t.Errorf("log is %q", log)
	}
}

func TestFilesThatComeInOrderWithoutGettingLaterAreRead(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	s, log := newSource(t)
	moment := time.Now().Add(-time.Hour)
	want := writePair(t, s, moment)
	whole, err := os.ReadFile(s.certificate)
	if err != nil {
		t.Fatal(err)
	}
	write(t, s.certificate, whole[:len(whole)/2], moment) // as somebody finds it who looks while it is written
	for range 3 {
		if _, err := s.Get(nil); err == nil {
			t.Error("half a certificate was used")
		}
	}
	if got := strings.Count(log.String(), "level=ERROR"); got != 1 {
		t.Errorf("%d errors were logged: %s", got, log)
	}
	write(t, s.certificate, whole, moment)
	expect(t, "when the whole is there", s, want)
}

func TestFilesThatCannotBeLookedAtLeaveTheLastPairInForce(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	s, log := newSource(t)
	first := writePair(t, s, time.Now().Add(-time.Hour))
	expect(t, "at first", s, first)
	if err := os.Remove(s.key); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(s.key, s.key); err != nil {
		t.Skip("there are no symbolic links:", err)
	}
	for range 3 {
		expect(t, "while the key leads nowhere", s, first)
	}
	if got := strings.Count(log.String(), "level=ERROR"); got != 1 {
		t.Errorf("%d errors were logged: %s", got, log)
	}
	if err := os.Remove(s.key); err != nil {
		t.Fatal(err)
	}
	expect(t, "afterwards", s, writePair(t, s, time.Now()))
}

func TestNamesThatACertificateCannotHoldAreLeftOut(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	for _, host := range []string{"jürgen-pc", "localhost", "", "a b", strings.Repeat("a", 300)} {
		c, err := makeCertificate(time.Now(), host)
		if err != nil {
			t.Errorf("%q: %v", host, err)
		} else if err := c.Leaf.VerifyHostname("localhost"); err != nil {
			t.Errorf("%q: %v", host, err)
		}
	}
	c, err := makeCertificate(time.Now(), "meet")
	if err != nil || c.Leaf.VerifyHostname("meet") != nil {
		t.Errorf("the name of the machine is missing: %v", err)
	}
}

// issued returns a certificate of an authority, and its key, in PEM.
func issued(t *testing.T) (leaf, authority, key []byte) {
	t.Helper()
	of := func(name string, isCA bool) (*x509.Certificate, *ecdsa.PrivateKey) {
		private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		return &x509.Certificate{
			SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
			IsCA: isCA, BasicConstraintsValid: true,
		}, private
	}
	ca, caKey := of("The school", true)
	server, serverKey := of("meet.example.org", false)
	sign := func(template, parent *x509.Certificate, public *ecdsa.PublicKey) []byte {
		der, err := x509.CreateCertificate(rand.Reader, template, parent, public, caKey)
		if err != nil {
			t.Fatal(err)
		}
		return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	}
	der, err := x509.MarshalPKCS8PrivateKey(serverKey)
	if err != nil {
		t.Fatal(err)
	}
	return sign(server, ca, &serverKey.PublicKey), sign(ca, ca, &caKey.PublicKey), pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})
}

// Whoever copies the files at night has to read what is wrong with them.
func TestLogSaysWhatIsWrongWithTheFiles(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	leaf, authority, key := issued(t)
	_, _, other := issued(t)
	encrypted := []byte("-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n")
	for _, tt := range []struct {
		name             string
		certificate, key []byte
		want             string
	}{
		{"the chain first", slices.Concat(authority, leaf), key, "level=ERROR.*the server's certificate is number 2 in cert.pem; it must be the first"},
		{"another key", leaf, other, "level=ERROR.*key.pem is not the key of cert.pem"},
		{"a key with a password", leaf, encrypted, "level=ERROR.*key.pem is protected by a password"},
		{"DER", []byte("\x30\x82"), key, "level=ERROR.*cert.pem is not in the form PEM"},
		{"no key", leaf, nil, "level=ERROR.*key.pem is not in the form PEM"},
		{"the two exchanged", key, leaf, "level=ERROR.*PEM inputs may have been switched"},
		{"no chain", leaf, key, `level=WARN.*there is no chain behind the certificate: whoever does not know its issuer, ..The school`},
		{"all is well", slices.Concat(leaf, authority), key, "^$"},
	} {
		s, log := newSource(t)
		write(t, s.certificate, tt.certificate, time.Now())
		write(t, s.key, tt.key, time.Now())
		for range 3 {
			_, _ = s.Get(nil) // the log says what is wrong
		}
		if text := log.String(); !regexp.MustCompile(tt.want).MatchString(text) || strings.Count(text, "\n") > 1 {
			t.Errorf("%s: the log is %q", tt.name, text)
		}
	}
}
