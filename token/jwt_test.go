package token

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"math/big"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"galene/group/leaktest"
)

const (
	// The first is signed with secretKey, for ada in the group "city" of
	// https://meet.example.org:8443; the second, in the form of 2021, with
	// shortKey, for john in "groupname". Both expire in 2100.
	adaToken  = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiJhZGEiLCJhdWQiOiJodHRwczovL21lZXQuZXhhbXBsZS5vcmc6ODQ0My9ncm91cC9jaXR5LyIsInBlcm1pc3Npb25zIjpbInByZXNlbnQiLCJtZXNzYWdlIl0sImlhdCI6MTcwMDAwMDAwMCwiZXhwIjo0MTAyNDQ0ODAwfQ.yOZAKaMim7LONG94Ui-cM6cMT3x0ifFpkjaNtsjEBTw"
	johnToken = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiJqb2huIiwiYXVkIjoiZ3JvdXBuYW1lIiwicGVybWlzc2lvbnMiOnsicHJlc2VudCI6dHJ1ZX0sImlhdCI6MTcwMDAwMDAwMCwiZXhwIjo0MTAyNDQ0ODAwfQ.Aq2AH3F4qlW6yX4SEkvyKJ85r9_0tS5gZrrJ10ta5As"

	secret    = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"
	secretKey = `{"kty":"oct","alg":"HS256","k":"` + secret + `"}`
	shortKey  = `{"alg":"HS256","k":"AQIDBA=="}`
	brokenKey = `{"kty":"oct","alg":"HS256","k":"?"}`
)

func parseKeys(list ...string) []*Key {
	var raw []json.RawMessage
	for _, k := range list {
		raw = append(raw, json.RawMessage(k))
	}
	keys, _ := ParseKeys(raw)
	return keys
}

func TestTokensMadeElsewhere(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	rfcForm := func(kid string) string {
		return strings.TrimSuffix(secretKey, "}") + `,"kid":"` + kid + `"}`
	}
	for _, tt := range []struct {
		name               string
		keys               []string
		token, group, host string
		want               *Claims
	}{
		{"any host", []string{secretKey}, adaToken, "city", "", &Claims{Username: "ada", Permissions: []string{"present", "message"}}},
		{"the canonical host", []string{secretKey}, adaToken, "city", "MEET.example.org:8443", &Claims{Username: "ada", Permissions: []string{"present", "message"}}},
		{"another port", []string{secretKey}, adaToken, "city", "meet.example.org", nil},
		{"subgroup that is not included", []string{secretKey}, adaToken, "city/night", "", nil},
		{"key id that the token does not name", []string{rfcForm("k1")}, adaToken, "city", "", &Claims{Username: "ada", Permissions: []string{"present", "message"}}},
		{"no key", nil, adaToken, "city", "", nil},
		{"form of 2021", []string{shortKey}, johnToken, "groupname", "", &Claims{Username: "john", Permissions: []string{"present", "message"}}},
		{"form of 2021 for another group", []string{shortKey}, johnToken, "groupname/x", "", nil},
		{"behind a broken key", []string{brokenKey, secretKey, brokenKey}, adaToken, "city", "", &Claims{Username: "ada", Permissions: []string{"present", "message"}}},
		{"another key before", []string{strings.Replace(secretKey, "AAEC", "BBBB", 1), secretKey}, adaToken, "city", "", &Claims{Username: "ada", Permissions: []string{"present", "message"}}},
		{"another secret", []string{strings.Replace(secretKey, "AAEC", "BBBB", 1)}, adaToken, "city", "", nil},
		{"padded signature", []string{secretKey}, adaToken + "=", "city", "", nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := Verification{Keys: parseKeys(tt.keys...), Group: tt.group, CanonicalHost: tt.host, Now: time.Now()}.Verify(tt.token)
			if tt.want == nil {
				if err == nil {
					t.Errorf("accepted: %+v", got)
				}
			} else if err != nil || !reflect.DeepEqual(got, *tt.want) {
				t.Errorf("got %+v, %v, want %+v", got, err, *tt.want)
			}
		})
	}
}

// signed returns a token of these claims, which get the group "g" as their
// audience and an hour to live unless they say otherwise.
func signed(t *testing.T, method jwt.SigningMethod, key any, header, claims map[string]any) string {
	t.Helper()
	all := jwt.MapClaims{"aud": "https://x.example/group/g/", "exp": time.Now().Add(time.Hour).Unix()}
	for k, v := range claims {
		if v == nil {
			delete(all, k)
		} else {
			all[k] = v
		}
	}
	token := jwt.NewWithClaims(method, all)
	for k, v := range header {
		token.Header[k] = v
	}
	s, err := token.SignedString(key)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func number(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

func ellipticJWK(algorithm, name string, k *ecdsa.PrivateKey) string {
	size := (k.Curve.Params().BitSize + 7) / 8
	point, err := k.PublicKey.Bytes()
	if err != nil {
		panic(err)
	}
	return `{"kty":"EC","alg":"` + algorithm + `","crv":"` + name + `","x":"` + number(point[1:1+size]) + `","y":"` + number(point[1+size:]) + `"}`
}

func rsaJWK(k *rsa.PrivateKey) string {
	return `{"kty":"RSA","alg":"RS256","n":"` + number(k.N.Bytes()) + `","e":"` + number(big.NewInt(int64(k.E)).Bytes()) + `"}`
}

func TestEveryAlgorithmVerifiesWithItsKeyAlone(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	hmacKey := func(size int) []byte { return []byte(strings.Repeat("k", size)) }
	rsaKey, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	public, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	type algorithm struct {
		method jwt.SigningMethod
		key    any
		jwk    string
	}
	algorithms := []algorithm{
		{jwt.SigningMethodHS256, hmacKey(32), `{"kty":"oct","alg":"HS256","k":"` + number(hmacKey(32)) + `"}`},
		{jwt.SigningMethodHS384, hmacKey(48), `{"kty":"oct","alg":"HS384","k":"` + number(hmacKey(48)) + `"}`},
		{jwt.SigningMethodHS512, hmacKey(64), `{"kty":"oct","alg":"HS512","k":"` + number(hmacKey(64)) + `"}`},
		{jwt.SigningMethodRS256, rsaKey, rsaJWK(rsaKey)},
		{jwt.SigningMethodEdDSA, private, `{"kty":"OKP","alg":"EdDSA","crv":"Ed25519","x":"` + number(public) + `"}`},
	}
	for _, c := range []struct {
		method jwt.SigningMethod
		curve  elliptic.Curve
		name   string
	}{
		{jwt.SigningMethodES256, elliptic.P256(), "P-256"},
		{jwt.SigningMethodES384, elliptic.P384(), "P-384"},
		{jwt.SigningMethodES512, elliptic.P521(), "P-521"},
	} {
		k, err := ecdsa.GenerateKey(c.curve, rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		algorithms = append(algorithms, algorithm{c.method, k, ellipticJWK(c.method.Alg(), c.name, k)})
	}
	for i, a := range algorithms {
		if err := CheckKey([]byte(a.jwk)); err != nil {
			t.Errorf("%s: %v", a.method.Alg(), err)
		}
		token := signed(t, a.method, a.key, nil, map[string]any{"sub": "ada"})
		for j, other := range algorithms {
			got, err := Verification{Keys: parseKeys(other.jwk), Group: "g", Now: time.Now()}.Verify(token)
			if i == j && (err != nil || got.Username != "ada") {
				t.Errorf("%s: %+v, %v", a.method.Alg(), got, err)
			}
			if i != j && err == nil {
				t.Errorf("a token of %s was accepted with a key of %s", a.method.Alg(), other.method.Alg())
			}
		}
	}

	// One secret for two algorithms.
	stronger := signed(t, jwt.SigningMethodHS512, hmacKey(32), nil, nil)
	if _, err := (Verification{Keys: parseKeys(algorithms[0].jwk), Group: "g", Now: time.Now()}).Verify(stronger); err == nil {
		t.Error("a token chose the algorithm of a key")
	}

	// The public key of RSA as a secret, in the two forms that are customary.
	keys := parseKeys(rsaJWK(rsaKey))
	der, err := x509.MarshalPKIXPublicKey(&rsaKey.PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	for _, secret := range [][]byte{der, rsaKey.N.Bytes()} {
		if _, err := (Verification{Keys: keys, Group: "g", Now: time.Now()}).Verify(signed(t, jwt.SigningMethodHS256, secret, nil, nil)); err == nil {
			t.Error("a public key was taken for a secret")
		}
	}
	none := signed(t, jwt.SigningMethodNone, jwt.UnsafeAllowNoneSignatureType, nil, nil)
	for _, a := range algorithms {
		if _, err := (Verification{Keys: parseKeys(a.jwk), Group: "g", Now: time.Now()}).Verify(none); err == nil {
			t.Error("a token without a signature was accepted")
		}
	}
	if !IsJWT(none) {
		t.Error("a token without a signature was taken for a name")
	}
}

func TestClaims(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	now := time.Now()
	at := func(d time.Duration) float64 { return float64(now.Add(d).UnixMilli()) / 1000 }
	key, err := base64.RawURLEncoding.DecodeString(secret)
	if err != nil {
		t.Fatal(err)
	}
	const kid = `{"kty":"oct","alg":"HS256","kid":"k1","k":"` + secret + `"}`
	for _, tt := range []struct {
		name           string
		header, claims map[string]any
		key            string
		accepted       bool
	}{
		{"ordinary", nil, nil, secretKey, true},
		{"without exp", nil, map[string]any{"exp": nil}, secretKey, false},
		{"exp just over", nil, map[string]any{"exp": at(-3 * time.Second)}, secretKey, true},
		{"exp over", nil, map[string]any{"exp": at(-7 * time.Second)}, secretKey, false},
		{"exp that is text", nil, map[string]any{"exp": "4102444800"}, secretKey, false},
		{"nbf soon", nil, map[string]any{"nbf": at(3 * time.Second)}, secretKey, true},
		{"nbf later", nil, map[string]any{"nbf": at(8 * time.Second)}, secretKey, false},
		{"iat soon", nil, map[string]any{"iat": at(3 * time.Second)}, secretKey, true},
		{"iat later", nil, map[string]any{"iat": at(8 * time.Second)}, secretKey, false},
		{"iat that is text", nil, map[string]any{"iat": "now"}, secretKey, false},
		{"iss of any kind", nil, map[string]any{"iss": 7}, secretKey, true},
		{"sub that is a number", nil, map[string]any{"sub": 7}, secretKey, false},
		{"without aud", nil, map[string]any{"aud": nil}, secretKey, false},
		{"empty aud", nil, map[string]any{"aud": ""}, secretKey, false},
		{"one aud of several", nil, map[string]any{"aud": []string{"https://x/group/h/", "https://x/group/g/"}}, secretKey, true},
		{"permissions that are a number", nil, map[string]any{"permissions": 7}, secretKey, false},
		{"permissions that are numbers", nil, map[string]any{"permissions": []int{7}}, secretKey, false},
		{"permission that is null", nil, map[string]any{"permissions": []any{"present", nil}}, secretKey, false},
		{"permission of 2021 that is null", nil, map[string]any{"permissions": map[string]any{"op": nil}}, secretKey, false},
		{"kid of the key", map[string]any{"kid": "k1"}, nil, kid, true},
		{"kid of another key", map[string]any{"kid": "k2"}, nil, kid, false},
		{"kid and a key without", map[string]any{"kid": "k1"}, nil, secretKey, false},
		{"empty kid", map[string]any{"kid": ""}, nil, kid, true},
		{"kid that is a number", map[string]any{"kid": 1}, nil, kid, false},
		{"key in the header", map[string]any{"jwk": map[string]any{"kty": "oct", "alg": "HS256", "k": secret}}, nil, shortKey, false},
		{"critical extension", map[string]any{"crit": []string{"x"}, "x": 1}, nil, secretKey, false},
		{"no alg", map[string]any{"alg": ""}, nil, secretKey, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			token := signed(t, jwt.SigningMethodHS256, key, tt.header, tt.claims)
			_, err := Verification{Keys: parseKeys(tt.key), Group: "g", Now: now}.Verify(token)
			if (err == nil) != tt.accepted {
				t.Errorf("got error %v", err)
			}
		})
	}
	named, err := Verification{Keys: parseKeys(secretKey), Group: "g", Now: now}.Verify(
		signed(t, jwt.SigningMethodHS256, key, nil, map[string]any{"permissions": "present"}))
	if err != nil || named.Set != "present" {
		t.Errorf("got %+v, %v", named, err)
	}
}

func TestAudiences(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	for _, tt := range []struct {
		audience  string
		include   bool
		group     string
		host, url string
		want      bool
	}{
		{"https://x/group/a/", false, "a", "", "", true},
		{"https://x/group/a", false, "a", "", "", false},
		{"https://x/group/a", true, "a", "", "", false},
		{"https://x/group/a/", false, "a/b", "", "", false},
		{"https://x/group/a/", true, "a", "", "", true},
		{"https://x/group/a/", true, "a/b/c", "", "", true},
		{"https://x/group/a/", true, "ab", "", "", false},
		{"https://x/group/a/b/", true, "a", "", "", false},
		{"https://x/group/", true, "anything", "", "", true},
		{"https://x/group/", false, "anything", "", "", false},
		{"https://x/", true, "a", "", "", false},
		{"https://x/group/a%20b/?q#f", false, "a b", "", "", true},
		{"/group/a/", false, "a", "", "", true},
		{"/group/a/", false, "a", "x", "", false},
		{"http://X:8443/group/a/", false, "a", "x:8443", "", true},
		{"https://x/group/a/", false, "a", "x:8443", "", false},
		{"https://p/v/group/a/", false, "a", "x", "https://p/v/", true},
		{"https://p/v/group/a/", false, "a", "", "/v", true},
		{"https://p/group/a/", false, "a", "", "/v", true},
		{"https://p/group/a/", false, "a", "", "/gr", true},
		{"https://p/vgroup/a/", false, "a", "", "/v", false},
		{"https://q/v/group/a/", false, "a", "x", "https://p/v/", false},
		{"a", false, "a", "x", "", true},
		{"a", false, "a/b", "", "", false},
		{"a", true, "a/b", "", "", true},
		{"a", true, "ab", "", "", false},
		{"50%", false, "50%", "", "", true},
		{"", true, "a", "", "", false},
		{"", true, "", "", "", false},
		{"https://%zz/group/a/", false, "a", "", "", false},
	} {
		v := Verification{Group: tt.group, CanonicalHost: tt.host, ProxyURL: tt.url}
		if got := v.matches(tt.audience, tt.include); got != tt.want {
			t.Errorf("%+v: got %v", tt, got)
		}
	}
}

func TestWhatIsAJWT(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	for token, want := range map[string]bool{
		adaToken: true, adaToken + "=": true, "e30.e30.": true, "e30.e30": false, "e30.e30.x.y": false,
		"e30=.e30.x": false, "W10.e30.x": false, "x.y.z": false, "": false, "..": false, "q8ZrX0d1TtE": false,
	} {
		if got := IsJWT(token); got != want {
			t.Errorf("%q: got %v", token, got)
		}
	}
}

// FuzzVerify checks that whatever is shown as a token is refused, unless it is
// the one that has been signed.
func FuzzVerify(f *testing.F) {
	leaktest.Check(f)
	for _, s := range []string{adaToken, johnToken, "", "..", "e30.e30.e30", "eyJhbGciOiJub25lIn0.e30."} {
		f.Add(s)
	}
	keys := parseKeys(secretKey)
	f.Fuzz(func(t *testing.T, token string) {
		IsJWT(token)
		_, err := Verification{Keys: keys, Group: "city", Now: time.Now()}.Verify(token)
		if err == nil && token != adaToken {
			t.Errorf("accepted %q", token)
		}
	})
}
