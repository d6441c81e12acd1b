package token

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"strings"

	"galene/group/jsonerror"
)

// minRSABits is the smallest RSA key that verifies anything, in bits.
const minRSABits = 2048

// maxRSABits bounds what verifying one token may cost.
const maxRSABits = 16384

// Key is a key that verifies JWTs: a public key, or a secret that is shared
// with whoever signs. It verifies tokens of one algorithm.
type Key struct {
	algorithm string
	id        string
	// verifier is what the algorithm needs: []byte, *ecdsa.PublicKey,
	// *rsa.PublicKey or ed25519.PublicKey.
	verifier any
}

// jwk are the members of a JSON Web Key (RFC 7517) that matter.
type jwk struct {
	KeyType   string `json:"kty"`
	Algorithm string `json:"alg"`
	ID        string `json:"kid"`
	Curve     string `json:"crv"`
	K         string `json:"k"`
	X         string `json:"x"`
	Y         string `json:"y"`
	N         string `json:"n"`
	E         string `json:"e"`
	// D is nil unless the key is a private one.
	D json.RawMessage `json:"d"`
}

// secretSizes are the sizes of secrets, in bytes, which are those of the hashes.
var secretSizes = map[string]int{"HS256": 32, "HS384": 48, "HS512": 64}

// curves are the curves that algorithms are for (RFC 7518, section 3.4).
var curves = map[string]elliptic.Curve{"ES256": elliptic.P256(), "ES384": elliptic.P384(), "ES512": elliptic.P521()}

// ParseKey decodes a JSON Web Key in any form that there has been: secrets may
// lack the type and have any length but none, numbers may be in either alphabet
// of base64, padded or not. warnings are for the administrator.
func ParseKey(data []byte) (k *Key, warnings []string, err error) {
	var j jwk
	if err := json.Unmarshal(data, &j); err != nil {
		return nil, nil, fmt.Errorf("not a JSON Web Key: %w", jsonerror.Plain(err))
	}
	if j.Algorithm == "" {
		return nil, nil, errors.New("it has no alg")
	}
	size, isSecret := secretSizes[j.Algorithm]
	if j.KeyType == "" && isSecret {
		j.KeyType = "oct"
		warnings = append(warnings, `it has no kty, which is "oct"`)
	}
	k = &Key{algorithm: j.Algorithm, id: j.ID}
	switch {
	case j.KeyType == "oct" && isSecret:
		var secret []byte
		if secret, err = decodeBase64("k", j.K); err == nil && len(secret) != size {
			warnings = append(warnings, fmt.Sprintf("weak key: the secret has %d bytes, %s needs %d", len(secret), j.Algorithm, size))
		}
		k.verifier = secret
	case j.KeyType == "EC" && curves[j.Algorithm] != nil:
		k.verifier, err = j.ellipticKey()
	case j.KeyType == "RSA" && j.Algorithm == "RS256":
		k.verifier, err = j.rsaKey()
	case j.KeyType == "OKP" && j.Algorithm == "EdDSA":
		k.verifier, err = j.edwardsKey()
	default:
		err = fmt.Errorf("kty %q and alg %q are not supported together", j.KeyType, j.Algorithm)
	}
	if err != nil {
		return nil, nil, err
	}
	if len(j.D) > 0 && string(j.D) != "null" {
		warnings = append(warnings, "it is a private key; the server needs only the public half")
	}
	return k, warnings, nil
}

// CheckKey tells what is wrong with a key that is to be set: it must be of
// today's form.
func CheckKey(data []byte) error {
	_, warnings, err := ParseKey(data)
	if err != nil {
		return err
	}
	var j jwk
	if err := json.Unmarshal(data, &j); err != nil {
		return err
	}
	switch size := secretSizes[j.Algorithm]; {
	case j.KeyType == "":
		return errors.New("it has no kty")
	case len(j.D) > 0 && string(j.D) != "null":
		return errors.New("it is a private key; set its public half")
	case len(warnings) > 0:
		return fmt.Errorf("the secret of an %s key must have %d bytes", j.Algorithm, size)
	}
	for _, value := range []string{j.K, j.X, j.Y, j.N, j.E} {
		if _, err := base64.RawURLEncoding.DecodeString(value); err != nil {
			return errors.New("numbers must be in base64url without padding")
		}
	}
	return nil
}

// ParseKeys decodes those keys that can be. faults say what is wrong with
// others, and what an administrator should know of these; keys count from 0.
func ParseKeys(list []json.RawMessage) (keys []*Key, faults []string) {
	for i, data := range list {
		k, warnings, err := ParseKey(data)
		if err != nil {
			faults = append(faults, fmt.Sprintf("authKeys: key %d is not used: %v", i, err))
			continue
		}
		for _, w := range warnings {
			faults = append(faults, fmt.Sprintf("authKeys: key %d: %s", i, w))
		}
		keys = append(keys, k)
	}
	return keys, faults
}

func (j *jwk) ellipticKey() (*ecdsa.PublicKey, error) {
	curve := curves[j.Algorithm]
	if j.Curve != curve.Params().Name {
		return nil, fmt.Errorf("the curve of an %s key is %s, not %q", j.Algorithm, curve.Params().Name, j.Curve)
	}
	size := (curve.Params().BitSize + 7) / 8
	point := []byte{4} // uncompressed (SEC 1, section 2.3.3)
	for _, c := range []struct{ name, value string }{{"x", j.X}, {"y", j.Y}} {
		b, err := decodeBase64(c.name, c.value)
		if err != nil {
			return nil, err
		}
		if len(b) > size {
			return nil, fmt.Errorf("%s has %d bytes, more than %d", c.name, len(b), size)
		}
		point = append(point, make([]byte, size-len(b))...)
		point = append(point, b...)
	}
	key, err := ecdsa.ParseUncompressedPublicKey(curve, point)
	if err != nil {
		return nil, errors.New("the point is not on the curve")
	}
	return key, nil
}

func (j *jwk) rsaKey() (*rsa.PublicKey, error) {
	n, err := decodeBase64("n", j.N)
	if err != nil {
		return nil, err
	}
	e, err := decodeBase64("e", j.E)
	if err != nil {
		return nil, err
	}
	modulus, exponent := new(big.Int).SetBytes(n), new(big.Int).SetBytes(e)
	switch {
	case modulus.BitLen() < minRSABits || modulus.BitLen() > maxRSABits:
		return nil, fmt.Errorf("an RSA key has between %d and %d bits, not %d", minRSABits, maxRSABits, modulus.BitLen())
	case len(e) > 8 || exponent.BitLen() > 31 || exponent.Int64() < 3 || exponent.Bit(0) == 0:
		return nil, errors.New("e is no exponent")
	}
	return &rsa.PublicKey{N: modulus, E: int(exponent.Int64())}, nil
}

func (j *jwk) edwardsKey() (ed25519.PublicKey, error) {
	if j.Curve != "Ed25519" {
		return nil, fmt.Errorf("the curve of an EdDSA key is Ed25519, not %q", j.Curve)
	}
	x, err := decodeBase64("x", j.X)
	if err != nil {
		return nil, err
	}
	if len(x) != ed25519.PublicKeySize {
		return nil, fmt.Errorf("x has %d bytes, not %d", len(x), ed25519.PublicKeySize)
	}
	return ed25519.PublicKey(x), nil
}

// toURLAlphabet turns either alphabet of base64 into that of URLs, unpadded.
var toURLAlphabet = strings.NewReplacer("+", "-", "/", "_", "=", "")

func decodeBase64(name, value string) ([]byte, error) {
	b, err := base64.RawURLEncoding.DecodeString(toURLAlphabet.Replace(value))
	if err != nil {
		return nil, fmt.Errorf("%s is not base64", name)
	}
	if len(b) == 0 {
		return nil, fmt.Errorf("%s is empty", name)
	}
	return b, nil
}
