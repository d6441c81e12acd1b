package main

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"fmt"
	"maps"
	"math/big"
)

// rsaBits is the size of generated RSA keys.
const rsaBits = 3072

// newKey makes a key for the algorithm (RFC 7518, section 3.1; RFC 8037): the
// JWK that signs, and the one that verifies, which for HMAC are the same.
func newKey(algorithm, id string) (signing, verifying object, err error) {
	switch algorithm {
	case "HS256":
		verifying, err = newSecret(32)
	case "HS384":
		verifying, err = newSecret(48)
	case "HS512":
		verifying, err = newSecret(64)
	case "ES256":
		verifying, signing, err = newECDSA(elliptic.P256(), "P-256")
	case "ES384":
		verifying, signing, err = newECDSA(elliptic.P384(), "P-384")
	case "ES512":
		verifying, signing, err = newECDSA(elliptic.P521(), "P-521")
	case "RS256":
		verifying, signing, err = newRSA()
	case "EdDSA":
		verifying, signing, err = newEd25519()
	default:
		err = fmt.Errorf("unknown algorithm %q", algorithm)
	}
	if err != nil {
		return nil, nil, fmt.Errorf("make a key: %w", err)
	}
	verifying["alg"] = algorithm
	if id != "" {
		verifying["kid"] = id
	}
	whole := maps.Clone(verifying)
	maps.Copy(whole, signing)
	return whole, verifying, nil
}

func base64url(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

func newSecret(size int) (object, error) {
	secret := make([]byte, size)
	if _, err := rand.Read(secret); err != nil {
		return nil, err
	}
	return object{"kty": "oct", "k": base64url(secret)}, nil
}

func newECDSA(curve elliptic.Curve, name string) (public, private object, err error) {
	key, err := ecdsa.GenerateKey(curve, rand.Reader)
	if err != nil {
		return nil, nil, err
	}
	// The point is 0x04 and the two coordinates (SEC 1, section 2.3.3).
	point, err := key.PublicKey.Bytes()
	if err != nil {
		return nil, nil, err
	}
	d, err := key.Bytes()
	if err != nil {
		return nil, nil, err
	}
	size := (len(point) - 1) / 2
	public = object{"kty": "EC", "crv": name, "x": base64url(point[1 : 1+size]), "y": base64url(point[1+size:])}
	return public, object{"d": base64url(d)}, nil
}

func newEd25519() (public, private object, err error) {
	open, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return nil, nil, err
	}
	return object{"kty": "OKP", "crv": "Ed25519", "x": base64url(open)}, object{"d": base64url(key.Seed())}, nil
}

func newRSA() (public, private object, err error) {
	key, err := rsa.GenerateKey(rand.Reader, rsaBits)
	if err != nil {
		return nil, nil, err
	}
	e := big.NewInt(int64(key.E)).Bytes()
	public = object{"kty": "RSA", "n": base64url(key.N.Bytes()), "e": base64url(e)}
	p := key.Precomputed
	return public, object{
		"d": base64url(key.D.Bytes()),
		"p": base64url(key.Primes[0].Bytes()), "q": base64url(key.Primes[1].Bytes()),
		"dp": base64url(p.Dp.Bytes()), "dq": base64url(p.Dq.Bytes()), "qi": base64url(p.Qinv.Bytes()),
	}, nil
}
