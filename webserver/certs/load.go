package certs

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"os"
	"time"
)

// Load reads a certificate with its chain, and its key. An error says what is wrong
// with the files, in the words of whoever has to put others there.
func Load(certificate, key string) (tls.Certificate, error) {
	chain, err := os.ReadFile(certificate)
	if err != nil {
		return tls.Certificate{}, err
	}
	private, err := os.ReadFile(key)
	if err != nil {
		return tls.Certificate{}, err
	}
	pair, err := tls.X509KeyPair(chain, private)
	if err != nil {
		return tls.Certificate{}, explain(err, chain, private)
	}
	return pair, nil
}

// explain says what an error of tls.X509KeyPair comes from, where that can be known.
func explain(err error, chain, private []byte) error {
	certificates, keys := blocks(chain), blocks(private)
	for i, b := range certificates {
		alone := pem.EncodeToMemory(b)
		if _, err := tls.X509KeyPair(alone, private); i > 0 && err == nil {
			return fmt.Errorf("the server's certificate is number %d in cert.pem; it must be the first, before those of its chain", i+1)
		}
	}
	for _, b := range keys {
		if b.Type == "ENCRYPTED PRIVATE KEY" || b.Headers["DEK-Info"] != "" {
			return errors.New("key.pem is protected by a password; the server needs it without: openssl pkey -in OLD -out key.pem")
		}
	}
	switch {
	case len(certificates) == 0:
		return errors.New("cert.pem is not in the form PEM, which has a line -----BEGIN CERTIFICATE-----")
	case len(keys) == 0:
		return errors.New("key.pem is not in the form PEM, which has a line -----BEGIN PRIVATE KEY-----")
	case err.Error() == "tls: private key does not match public key":
		return errors.New("key.pem is not the key of cert.pem; copy both again, after a renewal too")
	}
	return err
}

// blocks takes PEM apart.
func blocks(data []byte) (list []*pem.Block) {
	for {
		var b *pem.Block
		if b, data = pem.Decode(data); b == nil {
			return list
		}
		list = append(list, b)
	}
}

// Dates returns what an administrator should know of the time for which a certificate is
// valid, "" if all is well; refused is set if browsers refuse it now.
func Dates(leaf *x509.Certificate, now time.Time) (text string, refused bool) {
	end := leaf.NotAfter.Format(time.DateOnly)
	switch {
	case now.After(leaf.NotAfter):
		return "it expired on " + end, true
	case now.Before(leaf.NotBefore):
		return "it is not valid before " + leaf.NotBefore.Format(time.DateOnly), true
	case leaf.NotAfter.Sub(now) < leaf.NotAfter.Sub(leaf.NotBefore)/10:
		return "it expires on " + end + ", and should have been renewed by now", false
	}
	return "", false
}

// MissingChain says that browsers may not know who has issued a certificate that stands
// alone; "" unless that is so. There is nothing to miss for one that has signed itself,
// or comes straight from an authority that this system trusts.
func MissingChain(pair *tls.Certificate) string {
	leaf := pair.Leaf
	if len(pair.Certificate) > 1 || bytes.Equal(leaf.RawIssuer, leaf.RawSubject) {
		return ""
	}
	_, err := leaf.Verify(x509.VerifyOptions{CurrentTime: leaf.NotBefore, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageAny}})
	var unknown x509.UnknownAuthorityError
	if !errors.As(err, &unknown) {
		return ""
	}
	return fmt.Sprintf("there is no chain behind the certificate: whoever does not know its issuer, %q, refuses it; with Let's Encrypt, copy fullchain.pem, not cert.pem",
		leaf.Issuer.CommonName)
}
