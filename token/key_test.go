package token

import (
	"bytes"
	"crypto/rand"
	"crypto/rsa"
	"encoding/hex"
	"encoding/json"
	"math/big"
	"strings"
	"testing"

	"galene/group/leaktest"
)

func TestKeys(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	weak, err := rsa.GenerateKey(rand.Reader, 1024)
	if err != nil {
		t.Fatal(err)
	}
	// An exponent in hexadecimal, or the bits of a modulus.
	exponent := func(e string) string {
		b, err := hex.DecodeString(e)
		if err != nil {
			t.Fatal(err)
		}
		return `{"kty":"RSA","alg":"RS256","n":"` + number(bytes.Repeat([]byte{0xFF}, minRSABits/8)) + `","e":"` + number(b) + `"}`
	}
	modulus := func(bits uint) string {
		n := new(big.Int).Lsh(big.NewInt(1), bits-1)
		return `{"kty":"RSA","alg":"RS256","n":"` + number(n.Bytes()) + `","e":"AQAB"}`
	}
	const point = `"x":"dElK9qBNyCpRXdvJsn4GdjrFzScSzpkz_I0JhKbYC88","y":"pBhVb37haKvwEoleoW3qxnT4y5bK35_RTP7_RmFKR6Q"`
	for _, tt := range []struct {
		name, key string
		// warning and fault are parts of what is said when the key is read,
		// "" if nothing is; strict is part of what is said when it is set.
		warning, fault, strict string
	}{
		{"secret", secretKey, "", "", ""},
		{"secret of the manuals", `{"kty":"oct","alg":"HS256","k":"MYz3IfCq4Yq-UmPdNqWEOdPl4C_m9imHHs9uveDUJGQ"}`, "", "", ""},
		{"point", `{"kty":"EC","alg":"ES256","crv":"P-256",` + point + `}`, "", "", ""},
		{"point and more", `{"kty":"EC","alg":"ES256","crv":"P-256","use":"sig","key_ops":["verify"],"x5c":[],` + point + `}`, "", "", ""},
		{"without kty", `{"alg":"HS256","k":"` + secret + `"}`, "kty", "", "kty"},
		{"form of 2021", shortKey, "weak key", "", "kty"},
		{"short secret", `{"kty":"oct","alg":"HS256","k":"AQIDBA"}`, "weak key", "", "must have 32 bytes"},
		{"secret for another algorithm", strings.Replace(secretKey, "HS256", "HS512", 1), "weak key", "", "must have 64 bytes"},
		{"padded secret", `{"kty":"oct","alg":"HS256","k":"` + secret + `="}`, "", "", "without padding"},
		{"secret in the other alphabet", `{"kty":"oct","alg":"HS256","k":"MYz3IfCq4Yq+UmPdNqWEOdPl4C/m9imHHs9uveDUJGQ="}`, "", "", "without padding"},
		{"empty secret", `{"kty":"oct","alg":"HS256","k":""}`, "", "empty", "empty"},
		{"no secret", `{"kty":"oct","alg":"HS256"}`, "", "empty", "empty"},
		{"secret that is not base64", brokenKey, "", "not base64", "not base64"},
		{"without alg", `{"kty":"oct","k":"` + secret + `"}`, "", "no alg", "no alg"},
		{"alg none", `{"kty":"oct","alg":"none","k":"` + secret + `"}`, "", "not supported", "not supported"},
		{"alg of another type", `{"kty":"EC","alg":"HS256","k":"` + secret + `"}`, "", "not supported", "not supported"},
		{"alg of RSA for a secret", `{"kty":"oct","alg":"RS256","k":"` + secret + `"}`, "", "not supported", "not supported"},
		{"point of another curve", `{"kty":"EC","alg":"ES256","crv":"P-384",` + point + `}`, "", "P-256", "P-256"},
		{"point beside the curve", `{"kty":"EC","alg":"ES256","crv":"P-256",` + strings.Replace(point, "dElK", "dElL", 1) + `}`, "", "not on the curve", "not on the curve"},
		{"half a point", `{"kty":"EC","alg":"ES256","crv":"P-256","x":"AQ"}`, "", "y is empty", "y is empty"},
		{"point without the zero that it begins with", `{"kty":"EC","alg":"ES256","crv":"P-256","x":"VUOJSvPQDtfXQKvb11yWsGh3t4fbX3Dup4uQqNfACg","y":"u0yFo9jqKe-q-iRAaRLdhNWxTcMr9lbvbGvVil2UP5I"}`, "", "", ""},
		{"point that is too long", `{"kty":"EC","alg":"ES256","crv":"P-256","x":"` + number(make([]byte, 33)) + `","y":"AQ"}`, "", "more than 32", "more than 32"},
		{"point as RSA", `{"kty":"RSA","alg":"ES256","crv":"P-256",` + point + `}`, "", "not supported", "not supported"},
		{"public key that says so", `{"kty":"EC","alg":"ES256","crv":"P-256","d":null,` + point + `}`, "", "", ""},
		{"private key", `{"kty":"EC","alg":"ES256","crv":"P-256","d":"AQ",` + point + `}`, "private", "", "private"},
		{"small RSA", rsaJWK(weak), "", "2048", "2048"},
		{"the smallest RSA", modulus(minRSABits), "", "", ""},
		{"the largest RSA", modulus(maxRSABits), "", "", ""},
		{"larger RSA", modulus(maxRSABits + 1), "", "16385", "16385"},
		{"the smallest exponent", exponent("03"), "", "", ""},
		{"the largest exponent", exponent("7fffffff"), "", "", ""},
		{"exponent that signs nothing", exponent("01"), "", "no exponent", "no exponent"},
		{"even exponent", exponent("010000"), "", "no exponent", "no exponent"},
		{"exponent of 32 bits", exponent("80000001"), "", "no exponent", "no exponent"},
		{"exponent of 72 bits", exponent("010000000000010001"), "", "no exponent", "no exponent"},
		{"RSA without exponent", `{"kty":"RSA","alg":"RS256","n":"AQ"}`, "", "e is empty", "e is empty"},
		{"Edwards of another curve", `{"kty":"OKP","alg":"EdDSA","crv":"Ed448","x":"AQ"}`, "", "Ed25519", "Ed25519"},
		{"short Edwards", `{"kty":"OKP","alg":"EdDSA","crv":"Ed25519","x":"AQ"}`, "", "32", "32"},
		{"text", `"x"`, "", "not a JSON Web Key", "not a JSON Web Key"},
		{"null", `null`, "", "no alg", "no alg"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			k, warnings, err := ParseKey([]byte(tt.key))
			if tt.fault == "" && (err != nil || k == nil) || tt.fault != "" && (err == nil || !strings.Contains(err.Error(), tt.fault)) {
				t.Errorf("got error %v, want %q", err, tt.fault)
			}
			if said := strings.Join(warnings, "; "); (tt.warning == "") != (said == "") || !strings.Contains(said, tt.warning) {
				t.Errorf("got warnings %q, want %q", said, tt.warning)
			}
			err = CheckKey([]byte(tt.key))
			if (tt.strict == "") != (err == nil) || err != nil && !strings.Contains(err.Error(), tt.strict) {
				t.Errorf("when it is set, got %v, want %q", err, tt.strict)
			}
		})
	}
}

func TestFaultsOfKeysSayWhich(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	keys, faults := ParseKeys([]json.RawMessage{[]byte(secretKey), []byte(brokenKey), []byte(shortKey)})
	if len(keys) != 2 || len(faults) != 3 || !strings.Contains(faults[0], "key 1 is not used") || !strings.Contains(faults[2], "key 2: weak key") {
		t.Errorf("got %d keys and %q", len(keys), faults)
	}
	for _, f := range faults {
		if strings.Contains(f, "AQIDBA") {
			t.Errorf("a secret is in %q", f)
		}
	}
}

// FuzzParseKey checks that no key, whatever its form, makes anything but an
// error.
func FuzzParseKey(f *testing.F) {
	leaktest.Check(f)
	for _, s := range []string{secretKey, shortKey, brokenKey, `{"kty":"RSA","alg":"RS256","n":"AQ","e":"AQAB"}`,
		`{"kty":"EC","alg":"ES512","crv":"P-521","x":"AQ","y":"Ag"}`, `{"kty":"OKP","alg":"EdDSA","crv":"Ed25519","x":"AQ"}`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		k, _, err := ParseKey(data)
		if (k == nil) == (err == nil) {
			t.Errorf("got %v and %v", k, err)
		}
		if err != nil && CheckKey(data) == nil {
			t.Error("what cannot be read can be set")
		}
	})
}
